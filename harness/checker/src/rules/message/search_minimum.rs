//! Checks that a search with fewer than three characters, or without `q`, is rejected with 400.
//! Searches in a room that the caller may not read are skipped. Queries of other characters than those
//! of ASCII are left to `message/search-minimum-in-characters`.

use hearback_contract::{Operation, RequirementId};

use super::rejection::{Rejection, expect_rejection};
use super::searches::may_search;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageSearchMinimum, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let mut queries = call.invocation.query.iter().filter(|(name, _)| name == "q");
        let query = queries.next().map(|(_, text)| text.as_str());
        let length = query.map_or(0, |text| text.chars().count());
        let is_plain = query.is_none_or(str::is_ascii) && queries.next().is_none();
        if length < 3 && is_plain && may_search(input, call) {
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
        for (query, state) in [("abc", NotExercised), ("日本", NotExercised)] {
            let long = format!("alice messages.search ?q={query}");
            assert_responses("message/search-minimum", &long, &[("200 []", state)]);
        }
    }
}
