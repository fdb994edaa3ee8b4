//! What each user last told a room, and when: what others see of it is timed from there.

use std::collections::HashMap;

use hearback_stats::Nanoseconds;
use parking_lot::Mutex;

/// The newest of each user.
#[derive(Debug, Default)]
pub(super) struct Told<T>(Mutex<HashMap<i64, (T, Nanoseconds)>>);

impl<T> Told<T> {
    /// A user tells something.
    pub(super) fn tell(&self, user: i64, what: T, at: Nanoseconds) {
        self.0.lock().insert(user, (what, at));
    }

    /// When a user told it; `None` if that is not the newest that this user told.
    pub(super) fn when<U: PartialEq<T> + ?Sized>(
        &self,
        user: i64,
        what: &U,
    ) -> Option<Nanoseconds> {
        let told = self.0.lock();
        let (newest, at) = told.get(&user)?;
        (what == newest).then_some(*at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_of_a_user_is_timed() {
        let told = Told::default();
        told.tell(1, "m-1".to_owned(), 10);
        told.tell(1, "m-2".to_owned(), 20);
        assert_eq!(told.when(1, "m-2"), Some(20));
        assert_eq!(told.when(1, "m-1"), None);
        assert_eq!(told.when(2, "m-2"), None);
    }
}
