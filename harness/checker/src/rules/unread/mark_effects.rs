//! mark_effects

use super::views::{View, views};
use crate::model::Mark;
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};

pub(super) const OWN: &str = "unread/own-never-count";

pub(super) const AFTER_REST: &str = "unread/zero-after-mark-read";

pub(super) const AFTER_SOCKET: &str = "unread/zero-after-socket-mark";

pub(super) const UNMOVED: &str = "unread/others-unmoved";

/// The requirement that a wrong count of this view breaks, if not the view's own.
pub(super) fn home(view: &View<'_>) -> Option<&'static str> {
    zero(view).map(|(home, _)| home).or_else(|| {
        let (_, least) = unmoved(view)?;
        (view.count < least).then_some(UNMOVED)
    })
}

/// The requirement by which nothing is unread for more than lack of messages, with the mark if there is
/// one: only one's own came since, or none.
pub(super) fn zero<'h>(view: &View<'h>) -> Option<(&'static str, Option<&'h Mark<'h>>)> {
    if view.unread_bounds.possibly() != Some(0) {
        return None;
    }
    let mark = view.unread_bounds.mark;
    if view.unread_bounds.own() > 0 {
        return Some((OWN, mark));
    }
    let mark = mark.filter(|_| view.unread_bounds.read_by_mark() > 0)?;
    let by_socket = matches!(mark.evidence, Evidence::Frame(..));
    Some((if by_socket { AFTER_SOCKET } else { AFTER_REST }, Some(mark)))
}

/// The last mark of another member, and how many of those sent before it must still be unread.
pub(super) fn unmoved<'h>(view: &View<'h>) -> Option<(&'h Mark<'h>, u64)> {
    let mark = view.room.reading.last_mark_of_others(view.user, view.at)?;
    let least = view.unread_bounds.surely_sent_before(mark.given.invoked);
    (least > 0).then_some((mark, least))
}

pub(super) fn check_zero<'h>(
    input: RuleInput<'h>,
    requirement: &str,
    variant: &str,
    context: &mut RuleContext<'h>,
) {
    for view in views(input) {
        let Some((_, mark)) = zero(&view).filter(|(home, _)| *home == requirement) else {
            continue;
        };
        context.check(view.count == 0, || {
            let since = if mark.is_some() { "since the room was marked read" } else { "so far" };
            let expected = format!("`unread_count` is 0: no message of others came {since}");
            let violation = Violation::new(variant, expected, view.shown(input));
            let variant = mark.map_or_else(|| view.room.creation.into(), |mark| mark.evidence);
            violation.evidence(variant).evidence(view.evidence)
        });
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Fixtures.

    use crate::rules::testing::assert_states;
    use crate::verdict::State;

    pub(in super::super) const MADE: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
    "#;

    pub(in super::super) const SOCKET: &str = r#"
        [25..25] bob@r1 open
        [30..30] bob@r1 -> {"type": "mark_room_read"}
        [40..40] bob@r1 <- @room_marked_read {"room_id": "$r1"}
    "#;

    pub(in super::super) fn look(who: &str, lines: &str, count: u32) -> String {
        format!(
            r#"{MADE}
            {lines}
            [90..91] {who} rooms.stats $r1 => 200 @room_stats {{"unread_count": {count}}}"#
        )
    }

    pub(in super::super) fn assert_looks(requirement: &str, cases: &[(State, &str, &str, u32)]) {
        for (state, who, lines, count) in cases {
            assert_states(&[(requirement, *state, &look(who, lines, *count))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTER_REST, AFTER_SOCKET};
    use crate::rules::unread::mark_effects::testing::{SOCKET, assert_looks};
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const REST: &str = "[30..40] bob rooms.mark_read $r1 => 200 {}";

    #[test]
    fn nothing_is_unread_after_the_room_was_marked() {
        let send = r#"[35..50] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2", "room": "$r1"}"#;
        for (rule, mark, other) in [(AFTER_REST, REST, SOCKET), (AFTER_SOCKET, SOCKET, REST)] {
            let later = format!("{mark}\n{send}");
            assert_looks(
                rule,
                &[
                    (Held, "bob", mark, 0),
                    (Broken, "bob", mark, 1),
                    (NotExercised, "bob", other, 1),
                    (NotExercised, "bob", &later, 0),
                    (NotExercised, "carol", mark, 1),
                    (NotExercised, "bob", "", 0),
                ],
            );
            // The view is not to blame for what the mark does not do.
            assert_looks("unread/stats", &[(Undecided, "bob", mark, 1), (Held, "bob", mark, 0)]);
        }
        let unanswered = SOCKET.replace("<- @room_marked_read", "<- @error_event");
        assert_looks(AFTER_SOCKET, &[(NotExercised, "bob", &unanswered, 1)]);
        assert_looks(AFTER_REST, &[(NotExercised, "bob", &REST.replace("200 {}", "?"), 1)]);
    }
}
