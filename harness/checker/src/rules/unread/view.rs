//! The five views of a member's unread count.

use hearback_contract::Operation;
use hearback_history::{Call, Interval};
use serde_json::Value;

use super::marking::home;
use crate::examination::{Breach, Examination, Witness};
use crate::model::{Backlog, Room};
use crate::rule::Case;
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
    pub(super) backlog: Backlog<'h, 'h>,
    pub(super) witness: Witness<'h>,
}

impl View<'_> {
    /// The count in words.
    pub(super) fn shown(&self, case: Case<'_>) -> String {
        let whom = case.world.actor(self.user).map_or("", |actor| actor.as_str());
        format!("`unread_count` is {} for {whom} in {}", self.count, self.place.as_str())
    }
}

/// Every count of a member that every view shows.
pub(super) fn views<'h>(case: Case<'h>) -> Vec<View<'h>> {
    // What keeps a view from being looked at is noted by the view's own rule.
    let mut unnoted = Examination::default();
    Place::ALL.into_iter().flat_map(|place| views_of(case, place, &mut unnoted)).collect()
}

fn views_of<'h>(case: Case<'h>, place: Place, examination: &mut Examination<'h>) -> Vec<View<'h>> {
    let mut gallery = Gallery { case, place, views: Vec::new(), examination };
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
    case: Case<'h>,
    place: Place,
    views: Vec<View<'h>>,
    examination: &'e mut Examination<'h>,
}

impl<'h> Gallery<'_, 'h> {
    fn calls(&self, operation: Operation) -> impl Iterator<Item = (&'h Call, i64)> + use<'h> {
        let world = self.case.world;
        let calls = self.case.history.calls_of(operation).filter(|call| call.is_authorized());
        calls.filter_map(|call| Some((call, world.user_id(&call.invocation.actor)?)))
    }

    fn answers(&mut self, operation: Operation) {
        for (call, user) in self.calls(operation) {
            let Some(room) = self.case.world.room_of(call) else { continue };
            if let Some(body) = success(call, self.examination) {
                self.add(room, user, call.interval(), body, call.into());
            }
        }
    }

    fn list(&mut self) {
        for (call, user) in self.calls(Operation::RoomsList) {
            success(call, self.examination);
            for item in call.items().into_iter().flatten() {
                let id = item.get("id").and_then(Value::as_str);
                if let Some(room) = id.and_then(|id| self.case.world.rooms.get(id)) {
                    self.add(room, user, call.interval(), item, call.into());
                }
            }
        }
    }

    fn participants(&mut self) {
        let world = self.case.world;
        for sighting in world.participant_sightings.iter().filter(|it| it.is_current()) {
            if let Some(room) = world.rooms.get(sighting.room) {
                let call = sighting.call;
                self.add(room, sighting.user, call.interval(), sighting.value, call.into());
            }
        }
    }

    fn established(&mut self) {
        for listener in self.case.world.sockets.all() {
            let connection = listener.connection;
            let frame = connection.established();
            let event = frame.and_then(|frame| Some((frame, frame.json()?)));
            let room = self.case.world.rooms.get(&connection.room);
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
        witness: Witness<'h>,
    ) {
        let Some(backlog) = room.backlog(user, at) else { return };
        if let Some(count) = member(object, "unread_count", Value::as_u64, self.examination) {
            let place = self.place;
            self.views.push(View { place, room, user, at, count, backlog, witness });
        }
    }
}

fn check<'h>(case: Case<'h>, place: Place, examination: &mut Examination<'h>) {
    for view in views_of(case, place, examination) {
        let (surely, possibly) = (view.backlog.surely(), view.backlog.possibly());
        let is_low = view.count < surely;
        if !is_low && possibly.is_none_or(|possibly| view.count <= possibly) {
            examination.held();
            continue;
        }
        if let Some(home) = home(&view) {
            examination.unclear(format!("see {home}"));
            continue;
        }
        examination.check(false, || {
            let breach = Breach::new(
                format!(
                    "{}: unread_count too {}",
                    place.as_str(),
                    if is_low { "low" } else { "high" }
                ),
                format!("`unread_count` is {}", range(surely, possibly)),
                view.shown(case),
            );
            let example = view.backlog.example(case.world).filter(|_| is_low);
            let message = example.and_then(|id| case.world.messages.get(&id));
            let breach = match (message, view.backlog.mark) {
                (Some(message), _) => breach.seen_in(message.origin),
                (None, Some(mark)) => breach.seen_in(mark.witness),
                (None, None) => breach.seen_in(view.room.creation),
            };
            breach.seen_in(view.witness)
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

pub(super) fn detail<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    check(case, Place::Detail, examination);
}

pub(super) fn list<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    check(case, Place::List, examination);
}

pub(super) fn stats<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    check(case, Place::Stats, examination);
}

pub(super) fn participants<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    check(case, Place::Participants, examination);
}

pub(super) fn established<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    check(case, Place::Established, examination);
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
        assert_eq!(finding.witnesses.len(), 2);
        assert_eq!(finding.expected, "`unread_count` is 2");
    }
}
