//! Compares the counts of one view with the fewest and the most messages that can be unread. A
//! wrong count that another requirement explains (see `mark_effects`) is left to that requirement,
//! so that one defect is reported once.

use super::mark_effects::owning_requirement;
use super::views::{ViewKind, views_of};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) fn check_bounds<'h>(
    input: RuleInput<'h>,
    kind: ViewKind,
    context: &mut RuleContext<'h>,
) {
    for view in views_of(input, kind, context) {
        let (surely, possibly) = (view.unread_bounds.minimum(), view.unread_bounds.maximum());
        let is_low = view.count < surely;
        if !is_low && possibly.is_none_or(|possibly| view.count <= possibly) {
            context.held();
            continue;
        }
        if let Some(owner) = owning_requirement(&view) {
            context.inconclusive(Reason::Violates(owner));
            continue;
        }
        context.check(false, || {
            let violation = Violation::new(
                format!(
                    "{}: unread_count too {}",
                    kind.as_str(),
                    if is_low { "low" } else { "high" }
                ),
                format!("`unread_count` is {}", range(surely, possibly)),
                view.shown(input),
            )
            .magnitude(match possibly {
                Some(possibly) if !is_low => view.count - possibly,
                _ => surely.saturating_sub(view.count),
            });
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

/// Describes the bounds.
fn range(surely: u64, possibly: Option<u64>) -> String {
    match possibly {
        Some(possibly) if possibly == surely => surely.to_string(),
        Some(possibly) => format!(
            "{surely} to {possibly}: messages sent, read or deleted meanwhile may or may not count"
        ),
        None => format!("at least {surely}"),
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Two messages that bob has not read, and views of his unread count.

    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// Alice and bob share a room, in which alice sends two messages.
    pub(in super::super) fn with(lines: &str) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
            [30..40] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1"}}
            {lines}"#
        )
    }

    /// Asserts that a rule requires the right count in a view, which shows bob `COUNT`.
    pub(in super::super) fn assert_bounds(rule: &str, view: &str) {
        let shows = |count: &str| view.replace("COUNT", count);
        for (count, state) in
            [("2", Held), ("1", Broken), ("3", Broken), ("0", Broken), (r#""2""#, Undecided)]
        {
            assert_states(&[(rule, state, &with(&shows(count)))]);
        }
        let leaves = format!("[41..42] bob rooms.leave $r1 => ?\n{}", shows("7"));
        assert_states(&[(rule, NotExercised, &with("")), (rule, NotExercised, &with(&leaves))]);
        let send = r#"[45..55] alice messages.send {"room": "$r1", "content": "c"} => 201 @message {"id": "$m3", "room": "$r1"}"#;
        let mark = "[45..55] bob rooms.mark_read $r1 => 200 {}";
        let overlapping: [(&str, &[&str]); 4] = [
            (send, &["2", "3"]),
            (mark, &["0", "1", "2"]),
            ("[41..42] bob messages.mark_read $m1 => 200 {}", &["1", "2"]),
            ("[41..42] alice messages.delete $m1 => 200 {}", &["1", "2"]),
        ];
        for (line, counts) in overlapping {
            for count in ["0", "1", "2", "3", "4"] {
                let expected = if counts.contains(&count) { Held } else { Broken };
                let history = with(&format!("{line}\n{}", shows(count)));
                assert_states(&[(rule, expected, &history)]);
            }
        }
    }
}
