//! Rule `message/search-minimum`.

use hearback_contract::{Operation, RequirementId};

use super::rejection::{Refusal, expect_refusal};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchMinimum, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let mut queries = call.invocation.query.iter().filter(|(name, _)| name == "q");
        let query = queries.next().map(|(_, text)| text.as_str());
        let length = query.map_or(0, |text| text.chars().count());
        // In a room that one may not read, the room is a reason to refuse.
        let is_own = call.query("room").is_none() || {
            let user = input.model.user_id(&call.invocation.actor);
            let room = input.model.room_of(call);
            room.zip(user).is_some_and(|(room, user)| room.surely_member(user, call.interval()))
        };
        if length < 3 && queries.next().is_none() && is_own && call.is_authorized() {
            let variant = format!("messages.search q of {length} characters");
            let shown = query.map_or_else(|| "no query".to_owned(), quoted);
            let expected = format!("a search for {shown} is refused");
            expect_refusal(call, Refusal::OneOf(&[400]), &variant, &expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{BAD_REQUEST, assert_answers};
    use crate::verdict::State::NotExercised;

    #[test]
    fn short_queries_are_refused() {
        for query in ["", "?q=", "?q=a", "?q=ab", "?q=ab&room=$r1"] {
            let search = format!("alice messages.search {query}");
            assert_answers("message/search-minimum", &search, BAD_REQUEST);
        }
        let elsewhere = "carol messages.search ?q=ab&room=$r1";
        assert_answers("message/search-minimum", elsewhere, &[("404 @error", NotExercised)]);
        let long = "alice messages.search ?q=abc";
        assert_answers("message/search-minimum", long, &[("200 []", NotExercised)]);
    }
}
