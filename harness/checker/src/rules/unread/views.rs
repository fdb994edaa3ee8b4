//! Collects the unread counts that the five views show: `rooms.get`, `rooms.list`, `rooms.stats`,
//! participants, and `connection_established`.

use hearback_contract::{Operation, RoomRef, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::model::{Room, UnreadBounds};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, success};

/// The response or event that shows a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Detail,
    List,
    Stats,
    Participants,
    Established,
}

impl ViewKind {
    const ALL: [Self; 5] =
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

/// An unread count that a view showed, and the bounds that it must lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'h> {
    pub(crate) kind: ViewKind,
    pub(crate) room: &'h Room<'h>,
    pub(crate) user: UserId,
    pub(crate) at: Interval,
    pub(crate) count: u64,
    pub(crate) unread_bounds: UnreadBounds<'h, 'h>,
    pub(crate) evidence: Evidence<'h>,
}

impl View<'_> {
    /// Describes the count, the member and the view.
    pub(super) fn shown(&self, input: RuleInput<'_>) -> String {
        let user = input.model.actor(self.user).map_or("", |actor| actor.as_str());
        format!("`unread_count` is {} for {user} in {}", self.count, self.kind.as_str())
    }
}

/// Returns every count of every view. Views that cannot be read are noted by their own rule only.
pub(crate) fn views<'h>(input: RuleInput<'h>) -> Vec<View<'h>> {
    views_in(input, |_| true)
}

/// Returns every count that a view of one of these rooms shows.
pub(crate) fn views_in<'h>(
    input: RuleInput<'h>,
    is_wanted: fn(&Room<'h>) -> bool,
) -> Vec<View<'h>> {
    let mut ignored = RuleContext::default();
    let views = ViewKind::ALL.into_iter().flat_map(|kind| {
        ViewCollector { is_wanted, ..ViewCollector::new(input, kind, &mut ignored) }.collect()
    });
    views.collect()
}

pub(super) fn views_of<'h>(
    input: RuleInput<'h>,
    kind: ViewKind,
    context: &mut RuleContext<'h>,
) -> Vec<View<'h>> {
    ViewCollector::new(input, kind, context).collect()
}

/// Collects the views of one kind.
pub(super) struct ViewCollector<'e, 'h> {
    pub(super) input: RuleInput<'h>,
    pub(crate) kind: ViewKind,
    pub(super) views: Vec<View<'h>>,
    pub(super) context: &'e mut RuleContext<'h>,
    /// Returns whether the counts of a room are collected.
    is_wanted: fn(&Room<'h>) -> bool,
}

impl<'e, 'h> ViewCollector<'e, 'h> {
    fn new(input: RuleInput<'h>, kind: ViewKind, context: &'e mut RuleContext<'h>) -> Self {
        Self { input, kind, views: Vec::new(), context, is_wanted: |_| true }
    }

    fn collect(mut self) -> Vec<View<'h>> {
        match self.kind {
            ViewKind::Detail => self.answers(Operation::RoomsGet),
            ViewKind::Stats => self.answers(Operation::RoomsStats),
            ViewKind::List => self.list(),
            ViewKind::Participants => self.participants(),
            ViewKind::Established => self.established(),
        }
        self.views
    }

    fn calls(&self, operation: Operation) -> impl Iterator<Item = (&'h Call, UserId)> + use<'h> {
        let model = self.input.model;
        let calls = self.input.history.calls_of(operation).filter(|call| call.is_authorized());
        calls.filter_map(|call| Some((call, model.user_id(&call.invocation.actor)?)))
    }

    fn answers(&mut self, operation: Operation) {
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
                let id = item.get("id").and_then(RoomRef::from_json);
                if let Some(room) = id.and_then(|id| self.input.model.room(id)) {
                    self.add(room, user, call.interval(), item, call.into());
                }
            }
        }
    }

    fn participants(&mut self) {
        let model = self.input.model;
        for observation in model.participant_observations.iter().filter(|it| it.is_current()) {
            if let Some(room) = model.room(observation.room) {
                let call = observation.call;
                self.add(room, observation.user, call.interval(), observation.value, call.into());
            }
        }
    }

    fn established(&mut self) {
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

    fn add(
        &mut self,
        room: &'h Room<'h>,
        user: UserId,
        at: Interval,
        object: &'h Value,
        evidence: Evidence<'h>,
    ) {
        if !(self.is_wanted)(room) {
            return;
        }
        let Some(unread_bounds) = room.unread_bounds(user, at) else { return };
        if let Some(count) = member(object, "unread_count", Value::as_u64, self.context) {
            let kind = self.kind;
            self.views.push(View { kind, room, user, at, count, unread_bounds, evidence });
        }
    }
}
