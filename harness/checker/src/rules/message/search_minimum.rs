//! Checks that a search with fewer than three characters, or without `q`, is rejected with 400.
//! Searches in a room that the caller may not read are skipped.

use hearback_contract::{Operation, RequirementId};

use super::rejection::{Rejection, expect_rejection};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchMinimum, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let mut queries = call.invocation.query.iter().filter(|(name, _)| name == "q");
        let query = queries.next().map(|(_, text)| text.as_str());
        let length = query.map_or(0, |text| text.chars().count());
        // A room that the caller may not read is another reason to reject the search.
        let is_own = call.room_in_query().is_none() || {
            let user = input.model.user_id(&call.invocation.actor);
            let room = input.model.room_of(call);
            room.zip(user).is_some_and(|(room, user)| room.surely_member(user, call.interval()))
        };
        if length < 3 && queries.next().is_none() && is_own && call.is_authorized() {
            let variant = format!("messages.search q of {length} characters");
            let shown = query.map_or_else(|| "no query".to_owned(), quoted);
            let expected = format!("a search for {shown} is rejected");
            expect_rejection(call, Rejection::OneOf(&[400]), &variant, &expected, context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{BAD_REQUEST, assert_responses};
    use crate::verdict::State::NotExercised;

    #[test]
    fn short_queries_are_refused() {
        for query in ["", "?q=", "?q=a", "?q=ab", "?q=ab&room=$r1"] {
            let search = format!("alice messages.search {query}");
            assert_responses("message/search-minimum", &search, BAD_REQUEST);
        }
        let elsewhere = "carol messages.search ?q=ab&room=$r1";
        assert_responses("message/search-minimum", elsewhere, &[("404 @error", NotExercised)]);
        let long = "alice messages.search ?q=abc";
        assert_responses("message/search-minimum", long, &[("200 []", NotExercised)]);
    }
}
