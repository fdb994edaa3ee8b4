//! Faults of socket events, brought about where the hub queues a frame.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use hearback_contract::ServerEvent;
use serde_json::Value;
use tokio::sync::mpsc;

use super::edit::Edit;
use crate::socket::event::Event;

/// What is wrong with which events.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventFault {
    /// Events of this type.
    pub(super) event: ServerEvent,
    /// What happens to them.
    pub(super) effect: Effect,
}

/// What happens to an event on its way to one connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// Its JSON is edited.
    Edit(Edit),
    /// It is lost.
    Lose(Whom, Every),
    /// It arrives twice.
    Repeat(Whom, Every),
    /// It arrives late, where this holds of it.
    Delay(Whom, Every, fn(&Value) -> bool),
    /// Another event comes after it.
    Add(&'static str),
}

/// Whose connections are affected.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whom {
    /// All.
    Everyone,
    /// Those of the user who caused the event.
    Actor,
    /// Those of other users.
    Others,
}

/// Of so many events, one is affected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Every(pub(super) u64);

/// Long enough for what a client sends next to overtake on a busy machine, short enough to be missed by nobody.
const LATE: Duration = Duration::from_millis(400);

/// A frame for one connection.
pub(crate) struct Parcel {
    frame: Utf8Bytes,
    late: bool,
}

impl Parcel {
    /// Queues the frame, now or later; false if the queue is full.
    pub(crate) fn post(self, queue: &mpsc::Sender<Utf8Bytes>) -> bool {
        if !self.late {
            return queue.try_send(self.frame).is_ok();
        }
        let queue = queue.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LATE).await;
            // Fails where the connection has ended meanwhile.
            queue.send(self.frame).await.ok();
        });
        true
    }
}

/// The faults of events, and what they must remember.
#[derive(Debug)]
pub(crate) struct Tampering {
    faults: Vec<EventFault>,
    counts: HashMap<(ServerEvent, u64), u64>,
}

impl Tampering {
    /// Tampers with events as these faults say.
    pub(super) fn new(faults: Vec<EventFault>) -> Self {
        Self { faults, counts: HashMap::new() }
    }

    /// What a connection of a user gets instead of an event.
    pub(crate) fn parcels(&mut self, event: &Event<'_>, connection: u64, user: i64) -> Vec<Parcel> {
        let kind = event.kind();
        let Ok(mut document) = serde_json::from_str::<Value>(event.frame().as_str()) else {
            return Vec::new();
        };
        let counted = self.counts.entry((kind, connection)).or_default();
        *counted += 1;
        let count = *counted;
        let hit = |whom, Every(every): Every| {
            let concerned = match whom {
                Whom::Everyone => true,
                Whom::Actor => event.actor() == Some(user),
                Whom::Others => event.actor() != Some(user),
            };
            concerned && count.is_multiple_of(every)
        };

        let (mut copies, mut late, mut added) = (1, false, Vec::new());
        for fault in self.faults.iter().filter(|fault| fault.event == kind) {
            match fault.effect {
                Effect::Edit(edit) => edit.apply(&mut document),
                Effect::Lose(whom, every) if hit(whom, every) => copies = 0,
                Effect::Repeat(whom, every) if hit(whom, every) => copies = 2,
                Effect::Add(text) => added.push(Utf8Bytes::from_static(text)),
                Effect::Delay(whom, every, which) if hit(whom, every) => late = which(&document),
                Effect::Lose(..) | Effect::Repeat(..) | Effect::Delay(..) => {}
            }
        }
        let frame = Utf8Bytes::from(document.to_string());
        let copies = (0..copies).map(|_| Parcel { frame: frame.clone(), late });
        let added = added.into_iter().map(|frame| Parcel { frame, late: false });
        copies.chain(added).collect()
    }
}
