//! Results for each body: many sockets receive the same one, and it is read once.

use hearback_history::{Body, History};

/// A result for each body of a history.
pub(crate) struct PerBody<T>(Vec<Option<T>>);

impl<T: Copy> PerBody<T> {
    pub(crate) fn of(history: &History) -> Self {
        Self(vec![None; history.bodies.len()])
    }

    /// The result for this body; `find` runs the first time only.
    pub(crate) fn get(&mut self, body: &Body, find: impl FnOnce() -> T) -> T {
        *self.0[body.number].get_or_insert_with(find)
    }
}
