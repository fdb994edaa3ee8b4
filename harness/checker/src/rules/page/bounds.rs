//! Pages that there are not.

use serde_json::Value;

use super::listing::{Listing, listings};
use crate::model::WriteKind;
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::refusal;

pub(super) fn beyond_the_last<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(|it| it.is_documented() && it.is_by_member()) {
        let (Some(number), Some(size)) = (listing.number(), listing.documented_size()) else {
            continue;
        };
        // Every send that was begun may have been carried out.
        let most = listing.room.writes(WriteKind::Send).begun_by(listing.at) as u64;
        let is_beyond = number > 1
            && (number - 1).saturating_mul(size) >= most
            && !listing.room.has_foreign_messages;
        if !is_beyond {
            continue;
        }
        let what =
            format!("page {number} of at most {most} messages, {size} a page, is refused or empty");
        let body = listing.call.success();
        if listing.call.succeeded() && (body.is_none() || listing.call.items().is_none()) {
            context.inconclusive("the page cannot be read: see the schema requirements");
            continue;
        }
        let items = listing.call.items().map_or(0, Vec::len);
        let leads_on = body.and_then(|body| body.get("next")).is_some_and(Value::is_string);
        check_refused(&listing, "beyond the last", &what, items == 0 && !leads_on, context);
    }
}

pub(super) fn invalid_page<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(Listing::is_by_member) {
        let Some(page) = listing.call.query("page").filter(|page| is_surely_invalid(page)) else {
            continue;
        };
        let what = format!("`page={page}` is refused with 400 or 404");
        check_refused(&listing, "invalid page", &what, false, context);
    }
}

/// Whether the text is no page number by anybody's reading: zero, negative, or a word that no server
/// has for a page.
fn is_surely_invalid(page: &str) -> bool {
    let is_word = !page.is_empty() && page.bytes().all(|byte| byte.is_ascii_alphabetic());
    page.parse().is_ok_and(|number: i64| number <= 0)
        || is_word && !["first", "last"].contains(&page.to_ascii_lowercase().as_str())
}

/// Checks that there was a refusal with 400 or 404, or a success if `is_success_right`.
fn check_refused<'h>(
    listing: &Listing<'h>,
    variant: &str,
    what: &str,
    is_success_right: bool,
    context: &mut RuleContext<'h>,
) {
    let call = listing.call;
    let Some(status) = call.status() else { return };
    if status >= 500 {
        context.inconclusive("answered 5xx: see status/no-server-error");
        return;
    }
    let holds = matches!(status, 400 | 404) || call.succeeded() && is_success_right;
    context.check(holds, || {
        let items = call.items().map_or(0, Vec::len);
        let actual = if call.succeeded() {
            let next = call.success().and_then(|body| body.get("next")).and_then(Value::as_str);
            let link = if next.is_some() { "a `next`" } else { "no `next`" };
            format!("answered {status} with {items} messages and {link}")
        } else {
            refusal(call)
        };
        Violation::new(format!("messages.list: {variant}"), what, actual).evidence(call)
    });
}

#[cfg(test)]
mod tests {
    use super::is_surely_invalid;
    use crate::rules::page::testing::{link, page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn beyond_the_last_there_is_nothing() {
        const RULE: &str = "page/beyond-the-last";
        let of = |line: &str| format!("{}{line}", room_with(4));
        let refused = |query: &str, status: u16| {
            of(&format!("alice messages.list ?room=$r1{query} => {status} @error"))
        };
        let third = "&page_size=2&page=3";
        assert_states(&[
            (RULE, Held, &refused(third, 404)),
            (RULE, Held, &refused("&page=99999", 400)),
            (RULE, Held, &of(&page(third, 0..0, 4, "null"))),
            (RULE, Broken, &of(&page(third, 0..0, 4, &link("&page=4")))),
            (RULE, Broken, &of(&page(third, 2..4, 4, "null"))),
            (RULE, Broken, &refused(third, 403)),
            (RULE, Undecided, &refused(third, 500)),
            (RULE, NotExercised, &refused("&page_size=2&page=2", 404)),
            (
                RULE,
                NotExercised,
                &refused(third, 403).replace("alice messages.list", "dave messages.list"),
            ),
            // A send of unknown outcome may have filled the page.
            (
                RULE,
                NotExercised,
                &of(&format!(
                    "bob messages.send {{\"room\": \"$r1\", \"content\": \"b\"}} => ?\n{}",
                    page(third, 2..3, 4, "null")
                )),
            ),
        ]);
    }

    #[test]
    fn what_is_no_number_is_refused() {
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
    fn only_what_nobody_reads_as_a_page_is_invalid() {
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
