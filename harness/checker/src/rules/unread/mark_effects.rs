//! The effects of marking a room as read and of own messages on unread counts, and the requirement
//! that owns a wrong count.

use hearback_contract::RequirementId;

use super::views::{View, views};
use crate::evidence::Evidence;
use crate::model::Mark;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// Returns the requirement that a wrong count of this view breaks, unless it is the view's own.
pub(super) fn owning_requirement(view: &View<'_>) -> Option<RequirementId> {
    zero(view).map(|(owner, _)| owner).or_else(|| {
        let (_, least) = unmoved(view)?;
        (view.count < least).then_some(RequirementId::UnreadOthersUnmoved)
    })
}

/// Returns the requirement by which nothing is unread, and the last mark if there is one: since that
/// mark only own messages were sent, or none. `None` if others never sent anything that was marked.
fn zero<'h>(view: &View<'h>) -> Option<(RequirementId, Option<&'h Mark<'h>>)> {
    if view.unread_bounds.maximum() != Some(0) {
        return None;
    }
    let mark = view.unread_bounds.mark;
    if view.unread_bounds.own() > 0 {
        return Some((RequirementId::UnreadOwnNeverCount, mark));
    }
    let mark = mark.filter(|_| view.unread_bounds.read_by_mark() > 0)?;
    let by_socket = matches!(mark.evidence, Evidence::Frame(..));
    let owner = if by_socket {
        RequirementId::UnreadZeroAfterSocketMark
    } else {
        RequirementId::UnreadZeroAfterMarkRead
    };
    Some((owner, Some(mark)))
}

/// Returns the last mark of another member, and the number of messages sent before it that must still
/// be unread.
pub(super) fn unmoved<'h>(view: &View<'h>) -> Option<(&'h Mark<'h>, u64)> {
    let mark = view.room.read_state.last_mark_of_others(view.user, view.at)?;
    let least = view.unread_bounds.minimum_sent_before(mark.given.invoked);
    (least > 0).then_some((mark, least))
}

/// Checks that the views whose zero `requirement` explains show 0.
pub(super) fn check_zero<'h>(
    input: RuleInput<'h>,
    requirement: RequirementId,
    variant: &str,
    context: &mut RuleContext<'h>,
) {
    for view in views(input) {
        let Some((_, mark)) = zero(&view).filter(|(owner, _)| *owner == requirement) else {
            continue;
        };
        context.check(view.count == 0, || {
            let since = if mark.is_some() { "since the room was marked read" } else { "yet" };
            let expected = format!("`unread_count` is 0: no other member sent a message {since}");
            let violation =
                Violation::new(variant, expected, view.shown(input)).magnitude(view.count);
            let cause = mark.map_or_else(|| view.room.creation.into(), |mark| mark.evidence);
            violation.evidence(cause).evidence(view.evidence)
        });
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with one message, a mark by socket, and the count that a member sees afterwards.

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{self, Broken, Held, NotExercised, Undecided};

    const CREATED: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2, 3]} => 201 @room {"id": "$r1"}
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
    "#;

    /// Bob marks the room by REST.
    pub(in super::super) const REST: &str = "[30..40] bob rooms.mark_read $r1 => 200 {}";

    /// Bob marks the room by socket.
    pub(in super::super) const SOCKET: &str = r#"
        [25..25] bob@r1 open
        [30..30] bob@r1 -> {"type": "mark_room_read"}
        [40..40] bob@r1 <- @room_marked_read {"room_id": "$r1"}
    "#;

    fn read(who: &str, lines: &str, count: u32) -> String {
        format!(
            r#"{CREATED}
            {lines}
            [90..91] {who} rooms.stats $r1 => 200 @room_stats {{"unread_count": {count}}}"#
        )
    }

    pub(in super::super) fn assert_counts(requirement: &str, cases: &[(State, &str, &str, u32)]) {
        for (state, who, lines, count) in cases {
            assert_states(&[(requirement, *state, &read(who, lines, *count))]);
        }
    }
    /// Asserts that a rule requires 0 after `mark`, but not after the `other` one.
    pub(in super::super) fn assert_zero_required(rule: &str, mark: &str, other: &str) {
        let send = r#"[35..50] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2", "room": "$r1"}"#;
        let later = format!("{mark}\n{send}");
        assert_counts(
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
        // A mark without effect does not break the requirement of the view.
        assert_counts("unread/stats", &[(Undecided, "bob", mark, 1), (Held, "bob", mark, 0)]);
    }
}
