//! Checks that the URL of an attachment returns the bytes that were sent. Only URLs of the target
//! itself that members of the room fetched count. Redirects and truncated responses are
//! inconclusive, and attachments of deleted messages are skipped.

use hearback_contract::RequirementId;
use hearback_history::Outcome;

use super::attachment_fetches::{Fetch, fetches_or_reason};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageAttachmentContent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for fetch in fetches_or_reason(input, context).iter().filter(|fetch| fetch.call.is_authorized())
    {
        let user = input.model.user_id(&fetch.call.invocation.actor);
        let at = fetch.call.interval();
        let is_member = user.is_some_and(|user| fetch.room.surely_member(user, at));
        if is_member && !fetch.message.maybe_deleted(at) {
            fetched(fetch, context);
        }
    }
}

fn fetched<'h>(fetch: &Fetch<'h>, context: &mut RuleContext<'h>) {
    let (call, file) = (fetch.call, fetch.file);
    let violation = |variant: &str, actual: String| {
        let expected = format!("200 with the {} bytes that were sent", file.bytes.len());
        Violation::new(variant, expected, actual).evidence(fetch.message.origin).evidence(call)
    };
    match (call.status(), &call.outcome) {
        (Some(200), Outcome::Response { truncated: false, body, .. }) => {
            let bytes = body.to_bytes();
            context.check(bytes == file.bytes, || {
                let equal = bytes.iter().zip(&file.bytes).take_while(|(it, sent)| it == sent);
                let equal = equal.count();
                let actual = format!("{} bytes, of which the first {equal} agree", bytes.len());
                violation("attachment bytes", actual)
            });
        }
        (Some(status @ 400..500), _) => {
            context
                .check(false, || violation(&format!("attachment answers {status}"), refusal(call)));
        }
        (Some(500..), _) => {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
        }
        _ => context.inconclusive(Reason::IncompleteFile),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn the_url_returns_the_file() {
        const RULE: &str = "message/attachment-content";
        let bob = |answer: &str| sent("text/plain", &fetch("bob", answer));
        let elsewhere = bob("404 ").replace("http://target.test/media", "http://else.test/media");
        assert_states(&[
            (RULE, Held, &bob("200 abc")),
            (RULE, Broken, &bob("200 ab")),
            (RULE, Broken, &bob("404 ")),
            (RULE, Undecided, &bob("302 ")),
            (RULE, NotExercised, &elsewhere),
            (RULE, NotExercised, &sent("text/plain", &fetch("carol", "404 "))),
        ]);
    }
}
