//! Checks that the URL of an attachment does not return the file any more once its message was certainly
//! deleted, whoever asks. A redirect is undecided.

use hearback_contract::RequirementId;

use super::deleted_messages::deleted_messages;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::rules::message::attachment_fetches::fetches_or_reason;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionAttachmentIsGone, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let fetches = fetches_or_reason(input, context);
    if fetches.is_empty() {
        return;
    }
    let deleted_messages = deleted_messages(input);
    for fetch in &fetches {
        let Some(deleted) = deleted_messages.get(&fetch.message.id.borrowed()) else { continue };
        if !deleted.precedes(fetch.call.interval()) {
            continue;
        }
        match fetch.call.status() {
            None => {}
            Some(300..400) => context.inconclusive(Reason::Indistinguishable),
            Some(500..) => {
                context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError));
            }
            Some(_) => context.check(!fetch.shows_file(), || {
                Violation::new(
                    "attachment after the deletion",
                    "the file of a deleted message cannot be fetched",
                    format!("{}, with the whole file", refusal(fetch.call)),
                )
                .evidence(fetch.message.origin)
                .evidence(deleted.call)
                .evidence(fetch.call)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn files_of_deleted_messages_are_gone() {
        const RULE: &str = "deletion/attachment-is-gone";
        let deleted = |answer: &str| {
            let deletion = "alice messages.delete $m1 => 204";
            sent("text/plain", &format!("{deletion}\n{}", fetch("bob", answer)))
        };
        assert_states(&[
            (RULE, Held, &deleted("404 ")),
            (RULE, Broken, &deleted("200 abc")),
            (RULE, Undecided, &deleted("302 ")),
            (RULE, NotExercised, &sent("text/plain", &fetch("bob", "200 abc"))),
        ]);
    }
}
