//! Checks the `unread_count` in every item of `rooms.list`. The bounds are those of
//! `unread/detail`: messages of others that certainly are unread, and those that may be. Users who
//! are not certainly members are skipped.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::ViewKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadList, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, ViewKind::List, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::unread::bounds::testing::assert_bounds;

    #[test]
    fn the_count_is_within_its_bounds() {
        assert_bounds(
            "unread/list",
            r#"[50..51] bob rooms.list => 200 {"results": [@room_summary {"id": "$r1", "unread_count": COUNT}]}"#,
        );
    }
}
