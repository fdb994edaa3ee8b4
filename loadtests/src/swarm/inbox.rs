//! The slots that are due for a member, and what wakes it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::schedule::Slot;

/// Where the pacer leaves a member's slots.
///
/// A member looks here after every frame, and thousands of members do: so what there is to see when nothing
/// is due lies together, and a channel's blocks and wakers do not have to be fetched.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    is_filled: AtomicBool,
    woken: Notify,
    slots: Mutex<VecDeque<Slot>>,
    is_closed: AtomicBool,
}

impl Inbox {
    /// Leaves a slot, and wakes the member; false if that has ended.
    pub(super) fn put(&self, slot: Slot) -> bool {
        let mut slots = self.slots.lock();
        slots.push_back(slot);
        // Set while the slots are locked, as it is cleared.
        self.is_filled.store(true, Ordering::Release);
        drop(slots);
        self.wake();
        !self.is_closed.load(Ordering::Acquire)
    }

    /// The member has ended.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// The slot that has been due for longest.
    pub(super) fn take(&self) -> Option<Slot> {
        if !self.is_filled.load(Ordering::Acquire) {
            return None;
        }
        let mut slots = self.slots.lock();
        let slot = slots.pop_front();
        self.is_filled.store(!slots.is_empty(), Ordering::Release);
        slot
    }

    /// Wakes the member, now or when it waits next.
    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Comes back when the member is woken.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.woken.notified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_come_in_order_and_a_wake_up_is_kept() {
        let inbox = Inbox::default();
        assert_eq!(inbox.take(), None);
        for intended in [3, 4] {
            assert!(inbox.put(Slot { intended }));
        }
        inbox.woken().await;
        assert_eq!(inbox.take(), Some(Slot { intended: 3 }));
        assert_eq!(inbox.take(), Some(Slot { intended: 4 }));
        assert_eq!(inbox.take(), None);
        inbox.close();
        assert!(!inbox.put(Slot { intended: 5 }));
    }
}
