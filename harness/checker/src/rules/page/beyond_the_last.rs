//! A page beyond the last one is rejected, or empty and without `next`.
//!
//! Otherwise a client that counts pages up never stops. A page is beyond the last if even all sends
//! that may have succeeded do not reach it, so the rule needs a member who sent documented
//! parameters in a room where only this run wrote. It abstains on 5xx and on a page that cannot be
//! read.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::listing::listings;
use super::refusal::check_refused;
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageBeyondTheLast, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listing in listings(input).filter(|it| it.is_documented() && it.is_by_member()) {
        let (Some(number), Some(size)) = (listing.number(), listing.documented_size()) else {
            continue;
        };
        // Every send that began may have succeeded.
        let most = listing.room.writes(WriteKind::Send).begun_by(listing.at) as u64;
        let is_beyond = number > 1
            && (number - 1).saturating_mul(size) >= most
            && !listing.room.has_foreign_messages;
        if !is_beyond {
            continue;
        }
        let what = format!(
            "page {number} of at most {most} messages, {size} a page, is rejected or empty"
        );
        let body = listing.call.success();
        if listing.call.succeeded() && (body.is_none() || listing.call.items().is_none()) {
            context.inconclusive(Reason::UnreadableBody);
            continue;
        }
        let items = listing.call.items().map_or(0, Vec::len);
        let leads_on = body.and_then(|body| body.get("next")).is_some_and(Value::is_string);
        check_refused(&listing, "beyond the last", &what, items == 0 && !leads_on, context);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::page::testing::{link, page, room_with};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn a_page_beyond_the_last_is_rejected_or_empty() {
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
}
