//! The five views of a member's unread count.

use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use super::marking::home;
use crate::model::{Room, UnreadBounds};
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};
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

fn views_of<'h>(
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
struct Gallery<'e, 'h> {
    input: RuleInput<'h>,
    place: Place,
    views: Vec<View<'h>>,
    context: &'e mut RuleContext<'h>,
}

impl<'h> Gallery<'_, 'h> {
    fn calls(&self, operation: Operation) -> impl Iterator<Item = (&'h Call, i64)> + use<'h> {
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

    fn list(&mut self) {
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

    fn participants(&mut self) {
        let model = self.input.model;
        for observation in model.participant_observations.iter().filter(|it| it.is_current()) {
            if let Some(room) = model.rooms.get(observation.room) {
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

fn check<'h>(input: RuleInput<'h>, place: Place, context: &mut RuleContext<'h>) {
    for view in views_of(input, place, context) {
        let (surely, possibly) = (view.unread_bounds.surely(), view.unread_bounds.possibly());
        let is_low = view.count < surely;
        if !is_low && possibly.is_none_or(|possibly| view.count <= possibly) {
            context.held();
            continue;
        }
        if let Some(home) = home(&view) {
            context.inconclusive(format!("see {home}"));
            continue;
        }
        context.check(false, || {
            let violation = Violation::new(
                format!(
                    "{}: unread_count too {}",
                    place.as_str(),
                    if is_low { "low" } else { "high" }
                ),
                format!("`unread_count` is {}", range(surely, possibly)),
                view.shown(input),
            );
            let example = view.unread_bounds.example(input.model).filter(|_| is_low);
            let message = example.and_then(|id| input.model.messages.get(&id));
            let violation = match (message, view.unread_bounds.mark) {
                (Some(message), _) => violation.evidence(message.origin),
                (None, Some(mark)) => violation.evidence(mark.evidence),
                (None, None) => violation.evidence(view.room.creation),
            };
            violation.evidence(view.evidence)
        });
    }
}

/// Bounds in words.
fn range(surely: u64, possibly: Option<u64>) -> String {
    match possibly {
        Some(possibly) if possibly == surely => surely.to_string(),
        Some(possibly) => format!("{surely} to {possibly}: some messages may count or not"),
        None => format!("at least {surely}"),
    }
}

pub(super) fn detail<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check(input, Place::Detail, context);
}

pub(super) fn list<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check(input, Place::List, context);
}

pub(super) fn stats<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check(input, Place::Stats, context);
}

pub(super) fn participants<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check(input, Place::Participants, context);
}

pub(super) fn established<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check(input, Place::Established, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// A room of alice's and bob's; alice sends two messages.
    fn with(lines: &str) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            [30..40] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1"}}
            {lines}"#
        )
    }

    /// How bob sees a count in a view, and whose rule that is.
    fn views(count: &str) -> [(&'static str, String); 5] {
        let shown = |times: &str, line: &str| format!("{times} {line}").replace("COUNT", count);
        let times = "[50..51]";
        [
            (
                "unread/detail",
                shown(
                    times,
                    r#"bob rooms.get $r1 => 200 @room {"id": "$r1", "unread_count": COUNT}"#,
                ),
            ),
            (
                "unread/list",
                shown(
                    times,
                    r#"bob rooms.list => 200 {"results": [@room_summary {"id": "$r1", "unread_count": COUNT}]}"#,
                ),
            ),
            (
                "unread/stats",
                shown(times, r#"bob rooms.stats $r1 => 200 @room_stats {"unread_count": COUNT}"#),
            ),
            (
                "unread/participants",
                shown(
                    times,
                    r#"alice participants.list ?room=$r1 => 200 {"results": [@participant {"user": {"id": 2}, "room": "$r1", "unread_count": COUNT}]}"#,
                ),
            ),
            (
                "unread/established",
                shown(
                    "[50..50] bob@r1 mute-open\n[51..51]",
                    r#"bob@r1 <- @connection_established {"room_id": "$r1", "user_id": 2, "unread_count": COUNT}"#,
                ),
            ),
        ]
    }

    #[test]
    fn every_view_counts_what_is_unread() {
        for (count, state) in
            [("2", Held), ("1", Broken), ("3", Broken), ("0", Broken), (r#""2""#, Undecided)]
        {
            for (rule, line) in views(count) {
                assert_states(&[(rule, state, &with(&line))]);
            }
        }
        assert_states(&[("unread/detail", NotExercised, &with(""))]);
    }

    #[test]
    fn what_overlaps_may_count_or_not() {
        let send = r#"[45..55] alice messages.send {"room": "$r1", "content": "c"} => 201 @message {"id": "$m3", "room": "$r1"}"#;
        let mark = "[45..55] bob rooms.mark_read $r1 => 200 {}";
        let cases: [(&str, &[&str]); 4] = [
            (send, &["2", "3"]),
            (mark, &["0", "1", "2"]),
            ("[41..42] bob messages.mark_read $m1 => 200 {}", &["1", "2"]),
            ("[41..42] alice messages.delete $m1 => 200 {}", &["1", "2"]),
        ];
        for (line, counts) in cases {
            for count in ["0", "1", "2", "3", "4"] {
                let expected = if counts.contains(&count) { Held } else { Broken };
                for (rule, view) in views(count) {
                    assert_states(&[(rule, expected, &with(&format!("{line}\n{view}")))]);
                }
            }
        }
    }

    #[test]
    fn who_is_not_surely_in_is_not_judged() {
        for (rule, view) in views("7") {
            let leaves = format!("[41..42] bob rooms.leave $r1 => ?\n{view}");
            assert_states(&[(rule, NotExercised, &with(&leaves))]);
        }
    }

    #[test]
    fn the_witnesses_are_an_unread_message_and_the_view() {
        let [(rule, view), ..] = views("1");
        let verdict = verdict_of(rule, &with(&view));
        let [finding] = &verdict.findings[..] else { panic!("{verdict:#?}") };
        assert_eq!(finding.evidence.len(), 2);
        assert_eq!(finding.expected, "`unread_count` is 2");
    }
}
