//! The latest state that each user reported, and when: the start of secondary latencies.

use std::collections::HashMap;

use hearback_contract::UserId;
use hearback_history::Nanoseconds;
use parking_lot::Mutex;

/// The latest state that each user reported.
#[derive(Debug, Default)]
pub(super) struct Reported<T>(Mutex<HashMap<UserId, (T, Nanoseconds)>>);

impl<T> Reported<T> {
    /// Records that a user reported a state.
    pub(super) fn report(&self, user: UserId, state: T, at: Nanoseconds) {
        self.0.lock().insert(user, (state, at));
    }

    /// The time at which a user reported `state`; `None` if the latest state of the user is a different one.
    pub(super) fn reported_at<U: PartialEq<T> + ?Sized>(
        &self,
        user: UserId,
        state: &U,
    ) -> Option<Nanoseconds> {
        let reported = self.0.lock();
        let (latest, at) = reported.get(&user)?;
        (state == latest).then_some(*at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_state_of_a_user_is_timed() {
        let reported = Reported::default();
        let [alice, bob] = [1, 2].map(UserId::new);
        let [first, second] = [10, 20].map(Nanoseconds::new);
        reported.report(alice, "m-1".to_owned(), first);
        reported.report(alice, "m-2".to_owned(), second);
        assert_eq!(reported.reported_at(alice, "m-2"), Some(second));
        assert_eq!(reported.reported_at(alice, "m-1"), None);
        assert_eq!(reported.reported_at(bob, "m-2"), None);
    }
}
