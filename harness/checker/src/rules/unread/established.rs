//! Checks the `unread_count` in every `connection_established`. The interval of the read is that of
//! the handshake, from its start until the event arrived; the bounds are those of `unread/detail`.

use hearback_contract::RequirementId;

use super::bounds::check_bounds;
use super::views::ViewKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::UnreadEstablished, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    check_bounds(input, ViewKind::Established, context);
}

#[cfg(test)]
mod tests {
    use crate::rules::unread::bounds::testing::assert_bounds;

    #[test]
    fn the_count_is_within_its_bounds() {
        assert_bounds(
            "unread/established",
            r#"[50..50] bob@r1 mute-open
            [51..51] bob@r1 <- @connection_established {"room_id": "$r1", "user_id": 2, "unread_count": COUNT}"#,
        );
    }
}
