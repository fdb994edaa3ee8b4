//! Checks that a response with 405 names the documented methods of the path in `Allow`.

use hearback_contract::RequirementId;

use super::other_methods::{answered, documented};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolAllow, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (call, status) in answered(input, &["HEAD", "OPTIONS", "PUT"]) {
        if status != 405 {
            continue;
        }
        let allow = call.header("allow");
        let named: Vec<_> = allow.unwrap_or_default().split(',').map(str::trim).collect();
        let documented = documented(call);
        let names_all = documented
            .iter()
            .all(|method| named.iter().any(|name| name.eq_ignore_ascii_case(method)));
        context.check(allow.is_some() && names_all, || {
            let expected = format!("Allow with {}", documented.join(", "));
            let actual = match allow {
                Some(allow) => format!("Allow: {allow}"),
                None => "no Allow".to_owned(),
            };
            Violation::new("405", expected, actual).evidence(call)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::other_methods::testing::request;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn methods_are_named() {
        let rule = "protocol/allow";
        assert_states(&[
            (rule, Held, &request("PUT", "405 <allow: OPTIONS,post> {}")),
            (rule, Broken, &request("PUT", "405 <allow: GET> {}")),
            (rule, Broken, &request("PUT", "405 {}")),
            (rule, NotExercised, &request("PUT", "404 {}")),
        ]);
    }
}
