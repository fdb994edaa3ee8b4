//! Checks that a user who is certainly not a member of the room, and never was or is not any more, does not
//! get the file of one of its messages. A URL with a query is skipped, because it may be signed
//! (attachment-access); a redirect is undecided.

use hearback_contract::RequirementId;

use super::attachment_fetches::fetches_or_reason;
use super::attachment_needs_token::check_denied;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageAttachmentMembersOnly, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for fetch in fetches_or_reason(input, context).iter().filter(|fetch| fetch.call.is_authorized())
    {
        let Some(user) = input.model.user_id(&fetch.call.invocation.actor) else { continue };
        if !fetch.room.surely_outside(user, fetch.call.interval()) {
            continue;
        }
        let who = match fetch.room.members.contains_key(&user) {
            true => "a former member",
            false => "a user who was never a member",
        };
        check_denied(fetch, who, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn other_users_do_not_get_the_file() {
        const RULE: &str = "message/attachment-members-only";
        let carol = |answer: &str| sent("text/plain", &fetch("carol", answer));
        let removed = |answer: &str| {
            let removal = "alice participants.remove 2 => 204";
            sent("text/plain", &format!("{removal}\n{}", fetch("bob", answer)))
        };
        assert_states(&[
            (RULE, Held, &carol("404 ")),
            (RULE, Broken, &carol("200 abc")),
            (RULE, Held, &removed("403 ")),
            (RULE, Broken, &removed("200 abc")),
            (RULE, Undecided, &carol("302 ")),
            (RULE, NotExercised, &sent("text/plain", &fetch("bob", "200 abc"))),
        ]);
        let signed = carol("200 abc").replace("/media/1", "/media/1?signature=x");
        assert_states(&[(RULE, NotExercised, &signed)]);
    }
}
