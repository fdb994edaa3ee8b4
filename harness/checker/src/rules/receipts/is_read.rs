//! Checks `is_read` where every interpretation of it agrees: true if every other member is in
//! `read_by`, and false if no other member is. If only some members read the message, or the viewer
//! is its sender, the value is not checked. Membership must be certain.

use hearback_contract::RequirementId;
use serde_json::Value;

use super::readers::{readers, reads};
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsIsRead, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let model = input.model;
    for (observation, message) in reads(input) {
        // The sender may see an own message as read always, never, or when the others have read it.
        if *observation.viewer == message.sender {
            continue;
        }
        let (Some(room), Some(sender)) =
            (model.rooms.get(&message.room), model.user_id(&message.sender))
        else {
            continue;
        };
        let readers = member(observation.value, "read_by", readers, context);
        let is_read = member(observation.value, "is_read", Value::as_bool, context);
        let (Some(mut readers), Some(is_read)) = (readers, is_read) else { continue };
        readers.remove(&sender);
        let (expected, why) = if readers.is_empty() {
            (false, "no other member has")
        } else {
            let members = room.members_at(observation.at);
            let others = members.as_ref().map(|all| all.iter().filter(|user| **user != sender));
            let by_all = others.is_some_and(|mut others| others.all(|it| readers.contains_key(it)));
            if !by_all {
                continue;
            }
            (true, "every other member has")
        };
        context.check(is_read == expected, || {
            Violation::new(
                format!("is_read {is_read} in {}", observation.place()),
                format!("`is_read` is {expected}: by `read_by`, {why} read the message"),
                format!("it is {is_read}"),
            )
            .evidence(message.origin)
            .evidence(observation.evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{get, history};
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held};

    #[test]
    fn is_read_is_checked_where_it_is_unambiguous() {
        let rule = "receipts/is-read";
        let shown = |who: &str, readers: &[(i64, u32)], is_read: bool| {
            let fields = format!(r#", "is_read": {is_read}"#);
            history(&[&get(who, "[50..51]", readers, &fields)])
        };
        assert_states(&[
            (rule, Held, &shown("bob", &[], false)),
            (rule, Broken, &shown("bob", &[], true)),
            (rule, Broken, &shown("bob", &[(1, 0)], true)),
            (rule, Held, &shown("bob", &[(2, 0), (3, 0)], true)),
            (rule, Broken, &shown("bob", &[(2, 0), (3, 0)], false)),
        ]);
        // The value is open if only some members read the message, and for the sender.
        for (who, readers) in [("bob", &[(3, 0)][..]), ("alice", &[]), ("alice", &[(2, 0), (3, 0)])]
        {
            for is_read in [true, false] {
                let verdict = verdict_of(rule, &shown(who, readers, is_read));
                assert_eq!(verdict.observations, 0);
            }
        }
        let leaving = "[45..60] carol rooms.leave $r1 => 200 {}";
        let partly = get("bob", "[50..51]", &[(2, 0)], r#", "is_read": false"#);
        let verdict = verdict_of(rule, &history(&[leaving, &partly]));
        assert_eq!(verdict.observations, 0);
    }
}
