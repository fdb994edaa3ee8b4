//! Checks that the minimum length of a query is counted in characters: a query of two characters is
//! rejected, however many bytes or UTF-16 units they have, and one of three letters is accepted. Queries
//! with characters of several code points are skipped, because both counts are right for them, and so are
//! searches in a room that the caller may not read.

use hearback_contract::{Operation, RequirementId};
use unicode_segmentation::UnicodeSegmentation as _;

use super::rejection::{Rejection, expect_rejection};
use super::searches::may_search;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal, success};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSearchMinimumInCharacters, check };

/// Longest query that is checked, in characters.
const LONGEST: usize = 100;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSearch) {
        let mut queries = call.invocation.query.iter().filter(|(name, _)| name == "q");
        let Some((_, query)) = queries.next() else { continue };
        let length = query.chars().count();
        let is_unambiguous = !query.is_ascii()
            && length <= LONGEST
            && query.graphemes(true).count() == length
            && queries.next().is_none();
        if !is_unambiguous || !may_search(input, call) {
            continue;
        }
        if length < 3 {
            let variant = format!("messages.search q of {length} characters");
            let expected = format!("a search for {} is rejected", quoted(query));
            expect_rejection(call, Rejection::OneOf(&[400]), &variant, &expected, context);
        } else if query.chars().all(char::is_alphabetic) {
            if call.refused() && call.status() != Some(401) {
                context.check(false, || {
                    Violation::new(
                        "messages.search q of enough characters",
                        format!("a search for {}, {length} characters, succeeds", quoted(query)),
                        refusal(call),
                    )
                    .evidence(call)
                });
            } else if success(call, context).is_some() {
                context.held();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::rejection::testing::{BAD_REQUEST, assert_responses};
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn characters_count() {
        let rule = "message/search-minimum-in-characters";
        let search = |query: &str| format!("alice messages.search ?q={query}");
        for query in ["日本", "👍👍", "é"] {
            assert_responses(rule, &search(query), BAD_REQUEST);
        }
        let long = [("200 []", Held), ("400 @error", Broken)];
        assert_responses(rule, &search("日本語"), &long);
        for query in ["ab", "abc", "e\u{301}e\u{301}"] {
            assert_responses(rule, &search(query), &[("200 []", NotExercised)]);
        }
    }
}
