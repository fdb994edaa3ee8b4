//! Checks that the file of a message is not returned without a valid token. A URL with a query is skipped,
//! because it may be signed (attachment-access); a redirect is undecided.

use hearback_contract::RequirementId;

use super::attachment_fetches::{Fetch, fetches_or_reason};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageAttachmentNeedsToken, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for fetch in
        fetches_or_reason(input, context).iter().filter(|fetch| !fetch.call.is_authorized())
    {
        check_denied(fetch, "a user without a valid token", context);
    }
}

/// Checks that a request for a file that `who` may not read does not return it.
pub(super) fn check_denied<'h>(fetch: &Fetch<'h>, who: &str, context: &mut RuleContext<'h>) {
    if fetch.may_be_signed || fetch.message.maybe_deleted(fetch.call.interval()) {
        return;
    }
    match fetch.call.status() {
        None => {}
        Some(300..400) => context.inconclusive(Reason::Indistinguishable),
        Some(500..) => context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError)),
        Some(_) => context.check(!fetch.shows_file(), || {
            Violation::new(
                format!("attachment read by {who}"),
                format!("{who} does not get the file"),
                format!("{}, with the whole file", refusal(fetch.call)),
            )
            .evidence(fetch.message.origin)
            .evidence(fetch.call)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn files_need_a_token() {
        const RULE: &str = "message/attachment-needs-token";
        let anonymous = |answer: &str| sent("text/plain", &fetch("bob[anonymous]", answer));
        assert_states(&[
            (RULE, Held, &anonymous("401 ")),
            // A page to log in.
            (RULE, Held, &anonymous("200 <html>")),
            (RULE, Broken, &anonymous("200 abc")),
            (RULE, NotExercised, &sent("text/plain", &fetch("bob", "200 abc"))),
        ]);
    }
}
