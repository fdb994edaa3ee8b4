//! Checks that no message is read before its `created_at`, in `read_by` and in `read_receipt`
//! events. Times are compared with the precision of the coarser one.

use ahash::AHashMap;
use hearback_contract::{MessageRef, RequirementId, ServerEvent};
use serde_json::Value;

use super::readers::{readers, reads};
use crate::evidence::Evidence;
use crate::model::Message;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::rules::moment::Moment;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ReceiptsTime, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (observation, message) in reads(input) {
        let created = member(observation.value, "created_at", Value::as_str, context);
        let readers = member(observation.value, "read_by", readers, context);
        let (Some(created), Some(readers)) = (created, readers) else { continue };
        for read in readers.values() {
            let field = format!("read_by in {}", observation.place());
            check_time(&field, (created, read), message, observation.evidence, context);
        }
    }
    let shown = |value: &'h Value| value.get("created_at").and_then(Value::as_str);
    let by_rest: AHashMap<MessageRef<'_>, &str> =
        reads(input).filter_map(|(it, _)| Some((it.id()?, shown(it.value)?))).collect();
    for listener in input.model.sockets.all() {
        for (frame, event) in listener.received(ServerEvent::ReadReceipt) {
            let id = event.get("message_id").and_then(MessageRef::from_json);
            let Some(message) = id.and_then(|id| input.model.message(id)) else { continue };
            let by_socket =
                || shown(listener.message(message.id.borrowed())?.json()?.get("message")?);
            let created = by_rest.get(&message.id.borrowed()).copied().or_else(by_socket);
            let Some(created) = created else { continue };
            if let Some(read) = member(event, "read_at", Value::as_str, context) {
                let evidence = (listener.connection, frame).into();
                check_time("read_at in read_receipt", (created, read), message, evidence, context);
            }
        }
    }
}

fn check_time<'h>(
    field: &str,
    (created, read): (&str, &str),
    message: &Message<'h>,
    evidence: Evidence<'h>,
    context: &mut RuleContext<'h>,
) {
    let moments = Moment::parse(created).zip(Moment::parse(read));
    let Some((creation, reading)) = moments else {
        context.inconclusive(Reason::SchemaBroken(field.to_owned()));
        return;
    };
    context.check(reading.compare(creation).is_ge(), || {
        Violation::new(
            field,
            format!("the message is read after {created}, when it was created"),
            format!("it is read at {read}"),
        )
        .magnitude(creation.microseconds_since(reading))
        .evidence(message.origin)
        .evidence(evidence)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::receipts::readers::testing::{MARKED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn messages_are_read_after_they_were_created() {
        let rule = "receipts/time";
        let at = |created: &str| {
            let fields = format!(r#", "created_at": "{created}""#);
            history(&[MARKED, &get("carol", "[50..51]", &[(2, 5)], &fields)])
        };
        let event = |read: &str| {
            history(&[&format!(
                r#"[25..25] carol@r1 open
                [40..40] carol@r1 <- @read_receipt {{"message_id": "$m1", "user_id": 2, "read_at": "{read}"}}"#
            )])
        };
        assert_states(&[
            (rule, Held, &at("2025-10-19T14:31:05Z")),
            (rule, Held, &at("2025-10-19T14:31:05.999Z")),
            (rule, Broken, &at("2025-10-19T14:31:06Z")),
            (rule, Undecided, &at("just now")),
            (rule, Held, &event("2025-10-19T14:30:00.000Z")),
            (rule, Broken, &event("2025-10-19T14:29:59Z")),
            (rule, NotExercised, &history(&[])),
        ]);
    }
}
