//! The rooms and messages that the violations of a finding are about.

use std::collections::BTreeSet;

use ahash::AHashMap;
use hearback_contract::requirement::Tie;
use hearback_contract::{MessageId, MessageRef, Operation, RoomId, ServerEvent};
use hearback_history::{Call, Frame, ScenarioName};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::{Model, Origin};

/// Prefix of the synthetic ids of messages that were sent by socket and never received; the position of the frame
/// follows.
pub(crate) const UNNAMED: &str = "frame ";

/// Maximum number of places of a scope.
const MOST_PLACES: usize = 256;

/// Where the violations of a finding occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The first violations, one place each.
    pub places: Vec<Place>,
    /// The operations of all violations.
    pub operations: BTreeSet<Operation>,
    /// The received events of all violations.
    pub events: BTreeSet<ServerEvent>,
    /// The rooms of all violations.
    pub rooms: BTreeSet<RoomId>,
    /// The messages of all violations.
    pub messages: BTreeSet<MessageId>,
    /// The names of the members of objects that are wrong.
    pub members: BTreeSet<String>,
    /// The scenarios of all violations.
    pub scenarios: BTreeSet<ScenarioName>,
}

/// Where one violation occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The operation whose response shows it.
    pub operation: Option<Operation>,
    /// The operations of its evidence.
    pub operations: Vec<Operation>,
    /// The event that shows it.
    pub event: Option<ServerEvent>,
    /// The rooms of its evidence.
    pub rooms: Vec<RoomId>,
    /// The messages of its evidence.
    pub messages: Vec<MessageId>,
    /// The name of the member of an object that is wrong.
    pub member: Option<String>,
}

impl Scope {
    /// The scope of violations with this evidence each.
    pub(crate) fn of<'h>(occurrences: &[Occurrence<'h>], places: &mut Places<'_, 'h>) -> Self {
        let mut scope = Self::default();
        for occurrence in occurrences {
            let scenario = occurrence.evidence.last().map(|last| last.scenario().clone());
            scope.scenarios.extend(scenario);
            scope.add(places.of(occurrence));
        }
        scope
    }

    fn add(&mut self, place: Place) {
        self.operations.extend(place.operation);
        self.events.extend(place.event);
        self.rooms.extend(place.rooms.iter().cloned());
        self.messages.extend(place.messages.iter().cloned());
        self.members.extend(place.member.clone());
        if self.places.len() < MOST_PLACES {
            self.places.push(place);
        }
    }

    /// Adds another scope of the same or a related finding.
    pub fn merge(&mut self, other: Self) {
        self.operations.extend(other.operations);
        self.events.extend(other.events);
        self.rooms.extend(other.rooms);
        self.messages.extend(other.messages);
        self.members.extend(other.members);
        self.scenarios.extend(other.scenarios);
        let rest = MOST_PLACES.saturating_sub(self.places.len());
        self.places.extend(other.places.into_iter().take(rest));
    }

    /// Returns whether a violation at `place` has with those of this scope in common what `tie` requires.
    pub fn affects(&self, place: &Place, tie: Tie) -> bool {
        let is_other_member = !self.members.is_empty()
            && place.member.as_ref().is_some_and(|member| !self.members.contains(member));
        if is_other_member {
            return false;
        }
        match tie {
            Tie::Message => self.shares_message(place).or(self.shares_room(place)),
            Tie::Room => self.shares_room(place),
            Tie::Operation => Some(self.shares_interface(place)),
            Tie::Nothing => Some(true),
        }
        .unwrap_or_else(|| self.rooms.is_empty() || self.shares_interface(place))
    }

    fn shares_message(&self, place: &Place) -> Option<bool> {
        let both = !self.messages.is_empty() && !place.messages.is_empty();
        both.then(|| place.messages.iter().any(|message| self.messages.contains(message)))
    }

    fn shares_room(&self, place: &Place) -> Option<bool> {
        let both = !self.rooms.is_empty() && !place.rooms.is_empty();
        both.then(|| place.rooms.iter().any(|room| self.rooms.contains(room)))
    }

    fn shares_interface(&self, place: &Place) -> bool {
        place.operations.iter().any(|operation| self.operations.contains(operation))
            || place.event.is_some_and(|event| self.events.contains(&event))
    }
}

/// The evidence of one violation, and further places that its rule names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Occurrence<'h> {
    /// The events that show it.
    pub(crate) evidence: Vec<Evidence<'h>>,
    /// Messages that it is about and its evidence does not name.
    pub(crate) messages: Vec<MessageId>,
    /// The member of an object that is wrong.
    pub(crate) member: Option<String>,
}

/// Finds the places of violations.
pub(crate) struct Places<'m, 'h> {
    model: &'m Model<'h>,
    /// Ids of the messages that were sent by socket, by the position of their frame.
    sent: Option<AHashMap<u64, MessageId>>,
}

impl<'m, 'h> Places<'m, 'h> {
    pub(crate) fn new(model: &'m Model<'h>) -> Self {
        Self { model, sent: None }
    }

    /// The place of a violation.
    pub(crate) fn of(&mut self, occurrence: &Occurrence<'h>) -> Place {
        let mut place = Place {
            messages: occurrence.messages.clone(),
            member: occurrence.member.clone(),
            ..Place::default()
        };
        match occurrence.evidence.last() {
            Some(Evidence::Call(call)) => place.operation = call.operation(),
            Some(Evidence::Frame(_, frame)) => place.event = frame.event(),
            Some(Evidence::Connection(_) | Evidence::Expectation(_)) | None => {}
        }
        for evidence in &occurrence.evidence {
            match evidence {
                Evidence::Call(call) => self.add_call(call, &mut place),
                Evidence::Frame(connection, frame) => {
                    add(&mut place.rooms, connection.room.clone());
                    self.add_frame(frame, &mut place);
                }
                Evidence::Connection(connection) => add(&mut place.rooms, connection.room.clone()),
                Evidence::Expectation(_) => {}
            }
        }
        place
    }

    fn add_call(&self, call: &Call, place: &mut Place) {
        if let Some(operation) = call.operation() {
            add(&mut place.operations, operation);
        }
        let room = self.model.room_id_of(call).map(|room| room.to_id());
        room.into_iter().for_each(|room| add(&mut place.rooms, room));
        let is_send = call.operation() == Some(Operation::MessagesSend);
        let sent = call.message_in_response().filter(|_| is_send);
        let message = call.message_in_path().or(sent).map(|message| message.to_id());
        message.into_iter().for_each(|message| add(&mut place.messages, message));
    }

    fn add_frame(&mut self, frame: &Frame, place: &mut Place) {
        let in_frame = message_in(frame.json()).map(|message| message.to_id());
        let message = in_frame.or_else(|| {
            let unnamed = || MessageId::from(format!("{UNNAMED}{}", frame.seq).as_str());
            frame.is_sent().then(|| self.sent().get(&frame.seq).cloned().unwrap_or_else(unnamed))
        });
        message.into_iter().for_each(|message| add(&mut place.messages, message));
    }

    fn sent(&mut self) -> &AHashMap<u64, MessageId> {
        self.sent.get_or_insert_with(|| {
            let messages = self.model.messages.values();
            let sent = messages.filter_map(|message| match message.origin {
                Origin::Socket(_, frame) => Some((frame.seq, message.id.clone())),
                Origin::Rest(_) => None,
            });
            sent.collect()
        })
    }
}

/// The message that an event names.
fn message_in(event: Option<&Value>) -> Option<MessageRef<'_>> {
    let event = event?;
    let id = event.get("message_id").or_else(|| event.get("message")?.get("id"));
    id.and_then(MessageRef::from_json)
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}
