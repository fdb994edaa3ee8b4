//! A `page` that is not a page number is rejected with 400 or 404.
//!
//! Only values that are invalid in every reading count: zero, negative numbers, and words other
//! than `first` and `last`, which some frameworks accept. The viewer has to be a member, because
//! others may be rejected for that reason. The rule abstains on 5xx.

use hearback_contract::RequirementId;

use super::listing::{Listing, listings};
use super::refusal::check_refused;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageInvalidPage, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(Listing::is_by_member) {
        let Some(page) = listing.call.query("page").filter(|page| is_surely_invalid(page)) else {
            continue;
        };
        let what = format!("`page={page}` is rejected with 400 or 404");
        check_refused(&listing, "invalid page", &what, false, context);
    }
}

/// Returns whether no server reads the text as a page number: zero, negative numbers, and words
/// other than `first` and `last`.
fn is_surely_invalid(page: &str) -> bool {
    let is_word = !page.is_empty() && page.bytes().all(|byte| byte.is_ascii_alphabetic());
    page.parse().is_ok_and(|number: i64| number <= 0)
        || is_word && !["first", "last"].contains(&page.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::is_surely_invalid;
    use crate::rules::page::testing::room_with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn text_that_is_not_a_page_number_is_rejected() {
        const RULE: &str = "page/invalid-page";
        let of = |query: &str, response: &str| {
            format!("{}alice messages.list ?room=$r1&page={query} => {response}", room_with(1))
        };
        assert_states(&[
            (RULE, Held, &of("0", "400 @error")),
            (RULE, Held, &of("-1", "404 @error")),
            (RULE, Broken, &of("abc", r#"200 {"results": [], "next": null}"#)),
            (RULE, Broken, &of("0", r#"200 {"results": [], "next": null}"#)),
            (RULE, Broken, &of("0", "403 @error")),
            (RULE, Undecided, &of("0", "500 @error")),
            (RULE, NotExercised, &of("0", "401 @error")),
            (RULE, NotExercised, &of("last", r#"200 {"results": []}"#)),
            (RULE, NotExercised, &of("2", "404 @error")),
        ]);
    }

    #[test]
    fn values_that_some_server_reads_as_a_page_are_left_out() {
        for (page, invalid) in [
            ("0", true),
            ("-7", true),
            ("abc", true),
            ("", false),
            ("1.5", false),
            ("Last", false),
            ("+1", false),
        ] {
            assert_eq!(is_surely_invalid(page), invalid, "{page}");
        }
    }
}
