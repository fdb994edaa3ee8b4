//! Checks the `unread_count` of every current participant in rooms and lists of participants. The
//! bounds are those of `unread/detail`, computed for the participant rather than for the viewer.
//! Participants who are not certainly members are skipped.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::ViewKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadParticipants, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, ViewKind::Participants, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::unread::bounds::testing::assert_bounds;

    #[test]
    fn the_count_is_within_its_bounds() {
        assert_bounds(
            "unread/participants",
            r#"[50..51] alice participants.list ?room=$r1 => 200 {"results": [@participant {"user": {"id": 2}, "room": "$r1", "unread_count": COUNT}]}"#,
        );
    }
}
