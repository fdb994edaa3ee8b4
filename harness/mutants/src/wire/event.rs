//! Changed events.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use hearback_contract::ServerEvent;
use hearback_reference::delivery::{
    ConnectionId, Event, EventRewriter, HeldFrame, OutgoingFrame, Recipient,
};
use serde_json::Value;

use crate::edit::Edit;

/// A change of the events of one type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventMutation {
    /// Events of this type.
    pub(crate) event: ServerEvent,
    /// The change.
    pub(crate) change: EventChange,
}

/// A change of an event on its way to one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EventChange {
    /// Edits the JSON of the event.
    Edit(Edit),
    /// Loses the event.
    Lose(Recipients, Every),
    /// Repeats the event.
    Repeat(Recipients, Every),
    /// Holds the event back until the next one of its type has overtaken it, if the condition
    /// holds for its JSON.
    Delay(Recipients, Every, fn(&Value) -> bool),
    /// Adds a frame after the event.
    Add(&'static str),
}

/// The affected connections.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Recipients {
    /// All connections.
    Everyone,
    /// Connections of the user who caused the event.
    Actor,
    /// Connections of other users.
    Others,
}

/// The interval of affected events: 3 affects every third event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Every(pub(crate) u64);

/// Maximum time for which an event is held back; longer than a client needs to send its next
/// message on a busy machine.
const LONGEST_HOLD: Duration = Duration::from_millis(400);

/// Changes of events, the number of events so far, and those that are held back.
pub(crate) struct EventMutations {
    mutations: Vec<EventMutation>,
    counts: HashMap<(ServerEvent, ConnectionId), u64>,
    held: HashMap<(ServerEvent, ConnectionId), Vec<HeldFrame>>,
}

impl EventMutations {
    /// A rewriter that applies these changes.
    pub(crate) fn new(mutations: Vec<EventMutation>) -> Self {
        Self { mutations, counts: HashMap::new(), held: HashMap::new() }
    }
}

impl EventRewriter for EventMutations {
    fn rewrite(&mut self, event: &Event<'_>, recipient: Recipient) -> Vec<OutgoingFrame> {
        let kind = event.kind();
        let Ok(mut json) = serde_json::from_str::<Value>(event.frame().as_str()) else {
            return Vec::new();
        };
        let counted = self.counts.entry((kind, recipient.connection)).or_default();
        *counted += 1;
        let count = *counted;
        let affects = |recipients, Every(every): Every| {
            let included = match recipients {
                Recipients::Everyone => true,
                Recipients::Actor => event.actor() == Some(recipient.user),
                Recipients::Others => event.actor() != Some(recipient.user),
            };
            included && count.is_multiple_of(every)
        };

        let (mut copies, mut is_late, mut added) = (1, false, Vec::new());
        for mutation in self.mutations.iter().filter(|mutation| mutation.event == kind) {
            match mutation.change {
                EventChange::Edit(edit) => edit.apply(&mut json),
                EventChange::Lose(recipients, every) if affects(recipients, every) => copies = 0,
                EventChange::Repeat(recipients, every) if affects(recipients, every) => copies = 2,
                EventChange::Add(text) => added.push(Utf8Bytes::from_static(text)),
                EventChange::Delay(recipients, every, condition) if affects(recipients, every) => {
                    is_late |= condition(&json);
                }
                EventChange::Lose(..) | EventChange::Repeat(..) | EventChange::Delay(..) => {}
            }
        }
        let text = Utf8Bytes::from(json.to_string());
        let held = self.held.entry((kind, recipient.connection)).or_default();
        // This event overtakes those that are held back, if it is not late itself.
        let overtaken = std::mem::take(held);
        let overtaken = overtaken.iter().filter_map(HeldFrame::take).map(OutgoingFrame::Now);
        let copies = (0..copies).map(|_| match is_late {
            false => OutgoingFrame::Now(text.clone()),
            true => {
                let frame = HeldFrame::new(text.clone(), LONGEST_HOLD);
                held.push(frame.clone());
                OutgoingFrame::Held(frame)
            }
        });
        let added = added.into_iter().map(OutgoingFrame::Now);
        copies.chain(overtaken).chain(added).collect()
    }
}
