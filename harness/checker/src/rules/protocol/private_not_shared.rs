//! Checks that a successful response to an authorized request does not permit shared caches to reuse it.

use hearback_contract::RequirementId;

use super::other_methods::answered;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolPrivateNotShared, check };

/// The directives that permit shared caches to reuse a response to a request with a token.
const SHARED: [&str; 2] = ["public", "s-maxage"];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, &["GET"]) {
        if status != 200 || !call.is_authorized() {
            continue;
        }
        let control = call.header("cache-control");
        let mut directives = control.unwrap_or_default().split(',');
        let is_shared = directives.any(|directive| {
            let name = directive.split('=').next().unwrap_or_default().trim();
            SHARED.iter().any(|shared| name.eq_ignore_ascii_case(shared))
        });
        context.check(!is_shared, || {
            let actual = format!("Cache-Control: {}", control.unwrap_or_default());
            Violation::new("Cache-Control", "neither public nor s-maxage", actual).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn private_data_is_not_shared() {
        let rule = "protocol/private-not-shared";
        let get = |answer: &str| format!("alice rooms.list method:GET => {answer}");
        assert_states(&[
            (rule, Held, &get("200 {}")),
            (rule, Held, &get("200 <cache-control: private,max-age=60> {}")),
            (rule, Broken, &get("200 <cache-control: max-age=60,Public> {}")),
            (rule, Broken, &get("200 <cache-control: s-maxage=60> {}")),
            (rule, NotExercised, &get("403 <cache-control: public> {}")),
        ]);
    }
}
