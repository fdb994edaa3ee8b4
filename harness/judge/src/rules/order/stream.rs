//! Messages in the order in which one socket received them.

use std::collections::HashSet;

use hearback_contract::ServerEvent;
use hearback_history::Frame;
use serde_json::Value;

use crate::rule::Case;
use crate::rules::delivery::is_retold;
use crate::world::{Listener, Message};

/// A message where it was received first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt<'h> {
    pub(super) message: &'h Message<'h>,
    pub(super) frame: &'h Frame,
}

/// What one socket received of its room, in order.
#[derive(Debug)]
pub(super) struct Stream<'h> {
    pub(super) listener: &'h Listener<'h>,
    pub(super) receipts: Vec<Receipt<'h>>,
}

/// The stream of every socket to a room of this run. Messages in doubt, and what may be told again
/// because it was altered, are left out.
pub(super) fn streams<'h>(case: Case<'h>) -> impl Iterator<Item = Stream<'h>> {
    let listeners = case.world.sockets.all();
    let own =
        listeners.filter(move |listener| case.world.rooms.contains_key(&listener.connection.room));
    own.map(move |listener| {
        let mut known = HashSet::new();
        let receipts = listener.received(ServerEvent::ChatMessage).filter_map(|(frame, event)| {
            let value = event.get("message")?;
            let message = case.world.messages.get(value.get("id").and_then(Value::as_str)?)?;
            let is_told = known.insert(message.id.as_str())
                && message.room == listener.connection.room
                && !case.world.is_doubtful(message)
                && !is_retold(value, Some(message), frame);
            is_told.then_some(Receipt { message, frame })
        });
        Stream { listener, receipts: receipts.collect() }
    })
}
