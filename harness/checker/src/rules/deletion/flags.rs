//! Checks that every read after a deletion has a `deleted_at`. A message that an edit brought back is
//! left to `deletion/stays-deleted`, and `is_deleted` to `deletion/placeholder`.

use hearback_contract::RequirementId;

use super::deleted_messages::{deleted_messages, reads, violation};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, text_or_null};

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionFlags, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, deleted) in reads(input, &deleted_messages(input)) {
        if deleted.is_edited_back(observation) {
            context.inconclusive(Reason::Violates(RequirementId::DeletionStaysDeleted));
            continue;
        }
        if let Some(time) = member(observation.value, "deleted_at", text_or_null, context) {
            context.check(time.is_some(), || {
                let expected = "deleted_at is the time of the deletion".to_owned();
                violation(deleted, observation, "deleted_at", expected, "it is null".to_owned())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    const LATER: &str = "[50..51]";

    #[test]
    fn a_deleted_message_has_a_time() {
        let rule = "deletion/flags";
        let of = |fields: &str| history(&[DELETED, &get(LATER, fields)]);
        assert_states(&[
            (rule, Held, &of("")),
            (rule, Broken, &of(r#", "deleted_at": null"#)),
            (rule, NotExercised, &history(&[&get(LATER, r#", "deleted_at": null"#)])),
        ]);
    }
}
