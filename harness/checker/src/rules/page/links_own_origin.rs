//! `next` and `previous` stay on the target's own scheme, host and port.
//!
//! A client that follows a link sends its access token there, so a foreign origin leaks
//! credentials. Relative links are resolved against the target's address. The rule abstains if the
//! history does not say where the target is, and for text that is not a link.

use hearback_contract::{Operation, RequirementId};

use super::links::links;
use super::walk::base;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageLinksOwnOrigin, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let base = base(input);
    for (call, direction, link) in links(input) {
        let Some(base) = &base else {
            context.inconclusive(Reason::UnknownTarget);
            return;
        };
        let Ok(url) = base.join(link) else {
            context.inconclusive(Reason::SchemaBroken(direction.into()));
            continue;
        };
        context.check(url.origin() == base.origin(), || {
            Violation::new(
                format!("{}: {direction}", call.operation().map_or("", Operation::id)),
                format!("`{direction}` stays on {}", base.origin().ascii_serialization()),
                format!("it leads to {}", quoted(link)),
            )
            .evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn links_stay_on_the_targets_origin() {
        const RULE: &str = "page/links-own-origin";
        let with = |next: &str| {
            format!(
                r#"alice messages.list ?room=$r1 => 200 {{"next": {next}, "previous": null, "results": []}}"#
            )
        };
        assert_states(&[
            (RULE, Held, &with(r#""http://target.test/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""http://target.test:80/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""/api/chat/messages/?page=2""#)),
            (RULE, Held, &with(r#""?page=2""#)),
            (RULE, Broken, &with(r#""https://target.test/api/chat/messages/?page=2""#)),
            (RULE, Broken, &with(r#""http://target.test:8000/api/chat/messages/?page=2""#)),
            (RULE, Broken, &with(r#""//elsewhere.test/?page=2""#)),
            (RULE, NotExercised, &with("null")),
            (RULE, Undecided, &with(r#""http://[""#)),
        ]);
    }
}
