//! Checks that HEAD and OPTIONS do not make the server fail.

use hearback_contract::RequirementId;

use super::other_methods::answered;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolHeadAndOptions, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, &["HEAD", "OPTIONS"]) {
        context.check(status < 500, || {
            let method = call.invocation.method.as_str();
            Violation::new(method, "a status below 500", status.to_string()).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::other_methods::testing::request;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn safe_methods_do_not_fail() {
        let rule = "protocol/head-and-options";
        assert_states(&[
            (rule, Held, &request("HEAD", "405 <allow: POST>")),
            (rule, Held, &request("OPTIONS", "200 <allow: POST,OPTIONS> {}")),
            (rule, Broken, &request("HEAD", "500 <allow: POST>")),
            (rule, NotExercised, &request("PUT", "500 <allow: POST>")),
        ]);
    }
}
