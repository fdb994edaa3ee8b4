//! The queue of slots that are due for a member.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::schedule::Slot;

/// The slots that are due for a member, and its wake-up.
///
/// A member checks its queue after every frame, and there are thousands of members. The flags that it checks are
/// therefore adjacent, unlike the blocks and wakers of a channel.
#[derive(Debug, Default)]
pub(super) struct SlotQueue {
    is_filled: AtomicBool,
    is_stopped: AtomicBool,
    woken: Notify,
    slots: Mutex<VecDeque<Slot>>,
    is_closed: AtomicBool,
}

impl SlotQueue {
    /// Appends a slot and wakes the member. Returns false if the member has ended.
    pub(super) fn push(&self, slot: Slot) -> bool {
        let mut slots = self.slots.lock();
        slots.push_back(slot);
        // Set and cleared while the slots are locked, so that both agree.
        self.is_filled.store(true, Ordering::Release);
        drop(slots);
        self.woken.notify_one();
        !self.is_closed.load(Ordering::Acquire)
    }

    /// Removes the oldest slot.
    pub(super) fn pop(&self) -> Option<Slot> {
        if !self.is_filled.load(Ordering::Acquire) {
            return None;
        }
        let mut slots = self.slots.lock();
        let slot = slots.pop_front();
        self.is_filled.store(!slots.is_empty(), Ordering::Release);
        slot
    }

    /// Records that the member has ended.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// Tells the member to end, and wakes it.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        self.woken.notify_one();
    }

    /// Returns whether the member should end.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Completes when a slot is pushed or the queue is stopped, or at once if that happened since the last completion.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.woken.notified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_keep_their_order_and_wake_ups_are_not_lost() {
        let queue = SlotQueue::default();
        assert_eq!(queue.pop(), None);
        let [first, second, third] =
            [3, 4, 5].map(|at| Slot { intended: hearback_history::Nanoseconds::new(at) });
        assert!(queue.push(first) && queue.push(second));
        queue.woken().await;
        assert_eq!(queue.pop(), Some(first));
        assert_eq!(queue.pop(), Some(second));
        assert_eq!(queue.pop(), None);
        queue.close();
        assert!(!queue.push(third));
    }

    #[tokio::test]
    async fn stopping_wakes_the_member() {
        let queue = SlotQueue::default();
        assert!(!queue.is_stopped());
        queue.stop();
        queue.woken().await;
        assert!(queue.is_stopped());
    }
}
