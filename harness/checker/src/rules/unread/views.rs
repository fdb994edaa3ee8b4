//! views

use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::{Room, UnreadBounds};
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext};
use crate::rules::answer::{member, success};

/// Where a count is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Detail,
    List,
    Stats,
    Participants,
    Established,
}

impl Place {
    pub(super) const ALL: [Self; 5] =
        [Self::Detail, Self::List, Self::Stats, Self::Participants, Self::Established];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Detail => "rooms.get",
            Self::List => "rooms.list",
            Self::Stats => "rooms.stats",
            Self::Participants => "the participant",
            Self::Established => "connection_established",
        }
    }
}

/// An unread count that was shown, and what is known of what it should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'h> {
    pub(super) place: Place,
    pub(super) room: &'h Room<'h>,
    pub(super) user: i64,
    pub(super) at: Interval,
    pub(super) count: u64,
    pub(super) unread_bounds: UnreadBounds<'h, 'h>,
    pub(super) evidence: Evidence<'h>,
}

impl View<'_> {
    /// The count in words.
    pub(super) fn shown(&self, input: RuleInput<'_>) -> String {
        let target_kind = input.model.actor(self.user).map_or("", |actor| actor.as_str());
        format!("`unread_count` is {} for {target_kind} in {}", self.count, self.place.as_str())
    }
}

/// Every count of a member that every view shows.
pub(super) fn views<'h>(input: RuleInput<'h>) -> Vec<View<'h>> {
    // What keeps a view from being looked at is noted by the view's own rule.
    let mut unnoted = RuleContext::default();
    Place::ALL.into_iter().flat_map(|place| views_of(input, place, &mut unnoted)).collect()
}

pub(super) fn views_of<'h>(
    input: RuleInput<'h>,
    place: Place,
    context: &mut RuleContext<'h>,
) -> Vec<View<'h>> {
    let mut gallery = Gallery { input, place, views: Vec::new(), context };
    match place {
        Place::Detail => gallery.answers(Operation::RoomsGet),
        Place::Stats => gallery.answers(Operation::RoomsStats),
        Place::List => gallery.list(),
        Place::Participants => gallery.participants(),
        Place::Established => gallery.established(),
    }
    gallery.views
}

/// The views of one place, as they are found.
pub(super) struct Gallery<'e, 'h> {
    pub(super) input: RuleInput<'h>,
    pub(super) place: Place,
    pub(super) views: Vec<View<'h>>,
    pub(super) context: &'e mut RuleContext<'h>,
}

impl<'h> Gallery<'_, 'h> {
    pub(super) fn calls(
        &self,
        operation: Operation,
    ) -> impl Iterator<Item = (&'h Call, i64)> + use<'h> {
        let model = self.input.model;
        let calls = self.input.history.calls_of(operation).filter(|call| call.is_authorized());
        calls.filter_map(|call| Some((call, model.user_id(&call.invocation.actor)?)))
    }

    pub(super) fn answers(&mut self, operation: Operation) {
        for (call, user) in self.calls(operation) {
            let Some(room) = self.input.model.room_of(call) else { continue };
            if let Some(body) = success(call, self.context) {
                self.add(room, user, call.interval(), body, call.into());
            }
        }
    }

    pub(super) fn list(&mut self) {
        for (call, user) in self.calls(Operation::RoomsList) {
            success(call, self.context);
            for item in call.items().into_iter().flatten() {
                let id = item.get("id").and_then(Value::as_str);
                if let Some(room) = id.and_then(|id| self.input.model.rooms.get(id)) {
                    self.add(room, user, call.interval(), item, call.into());
                }
            }
        }
    }

    pub(super) fn participants(&mut self) {
        let model = self.input.model;
        for observation in model.participant_observations.iter().filter(|it| it.is_current()) {
            if let Some(room) = model.rooms.get(observation.room) {
                let call = observation.call;
                self.add(room, observation.user, call.interval(), observation.value, call.into());
            }
        }
    }

    pub(super) fn established(&mut self) {
        for listener in self.input.model.sockets.all() {
            let connection = listener.connection;
            let frame = connection.established();
            let event = frame.and_then(|frame| Some((frame, frame.json()?)));
            let room = self.input.model.rooms.get(&connection.room);
            if let (Some(room), Some((frame, event))) = (room, event) {
                let at = Interval { invoked: connection.invoked, returned: frame.at };
                self.add(room, listener.user, at, event, (connection, frame).into());
            }
        }
    }

    pub(super) fn add(
        &mut self,
        room: &'h Room<'h>,
        user: i64,
        at: Interval,
        object: &'h Value,
        evidence: Evidence<'h>,
    ) {
        let Some(unread_bounds) = room.unread_bounds(user, at) else { return };
        if let Some(count) = member(object, "unread_count", Value::as_u64, self.context) {
            let place = self.place;
            self.views.push(View { place, room, user, at, count, unread_bounds, evidence });
        }
    }
}
