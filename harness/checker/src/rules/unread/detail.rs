//! Checks the `unread_count` in every `rooms.get`. The count must lie between the messages of
//! others that were certainly sent and certainly not read, and those that may be unread; sends,
//! marks and deletions that overlap the request widen the bounds, so only a count outside of every
//! possible order is blamed. Users who are not certainly members are skipped.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::ViewKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadDetail, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, ViewKind::Detail, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::verdict_of;
    use crate::rules::unread::bounds::testing::{assert_bounds, with};

    const RULE: &str = "unread/detail";

    const VIEW: &str =
        r#"[50..51] bob rooms.get $r1 => 200 @room {"id": "$r1", "unread_count": COUNT}"#;

    #[test]
    fn the_count_is_within_its_bounds() {
        assert_bounds(RULE, VIEW);
    }

    #[test]
    fn the_evidence_is_an_unread_message_and_the_view() {
        let verdict = verdict_of(RULE, &with(&VIEW.replace("COUNT", "1")));
        let [finding] = &verdict.findings[..] else { panic!("{verdict:#?}") };
        assert_eq!(finding.evidence.len(), 2);
        assert_eq!(finding.expected, "`unread_count` is 2");
    }
}
