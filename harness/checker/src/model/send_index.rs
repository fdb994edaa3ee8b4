//! The sends in a room, arranged for counting.

use std::collections::BTreeMap;

use hearback_contract::UserId;
use hearback_history::{Interval, Nanoseconds};

use super::dominance::DominanceCounter;

/// A message that was sent or may have been sent.
#[derive(Clone, Copy)]
pub(super) struct Send {
    pub(super) sender: Option<UserId>,
    pub(super) sent: Interval,
    pub(super) is_sure: bool,
    /// The earliest time at which it may have been deleted.
    pub(super) deleted: Option<Nanoseconds>,
}

/// The sends in a room.
#[derive(Clone, Debug, Default)]
pub(super) struct SendIndex {
    pub(super) all: Sends,
    pub(super) by_sender: BTreeMap<UserId, Sends>,
    /// True if other clients wrote an unknown number of messages.
    pub(super) is_open: bool,
}

/// Times of sends, arranged for counting.
#[derive(Clone, Debug, Default)]
pub(super) struct Sends {
    /// The begin of each send, sorted; including sends of unknown outcome.
    pub(super) begun: Vec<Nanoseconds>,
    /// The end of each send, sorted; including sends of unknown outcome.
    pub(super) ended: Vec<Nanoseconds>,
    /// The certain sends: begin and end.
    pub(super) sent: DominanceCounter,
    /// The certain sends that may have been deleted: begin of the send and of the deletion.
    pub(super) deleted: DominanceCounter,
}

impl SendIndex {
    pub(super) fn of(sends: &[Send], is_open: bool) -> Self {
        let mut by_sender: BTreeMap<UserId, Vec<Send>> = BTreeMap::new();
        for send in sends {
            if let Some(sender) = send.sender {
                by_sender.entry(sender).or_default().push(*send);
            }
        }
        Self {
            all: Sends::of(sends),
            by_sender: by_sender
                .into_iter()
                .map(|(sender, sends)| (sender, Sends::of(&sends)))
                .collect(),
            is_open,
        }
    }
}

impl Sends {
    fn of(sends: &[Send]) -> Self {
        let sorted = |time: fn(&Send) -> Nanoseconds| {
            let mut times: Vec<_> = sends.iter().map(time).collect();
            times.sort_unstable();
            times
        };
        let sure = || sends.iter().filter(|send| send.is_sure);
        Self {
            begun: sorted(|send| send.sent.invoked),
            ended: sorted(|send| send.sent.returned),
            sent: sure().map(|send| (send.sent.invoked, send.sent.returned)).collect(),
            deleted: sure().filter_map(|send| Some((send.sent.invoked, send.deleted?))).collect(),
        }
    }
}
