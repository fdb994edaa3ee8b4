//! Checks that the response to a send shows a message that is neither edited nor deleted nor read.
//! The sender may count as a reader. It abstains if other users may have read or changed the
//! message before the response.

use hearback_contract::{RequirementId, UserId};
use serde_json::Value;

use crate::model::{Message, Origin, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{shown, success};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageFreshFlags, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for message in input.model.messages.values() {
        let Origin::Rest(call) = message.origin else { continue };
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        // A user who received it by socket may have read or changed it before the response.
        let is_alone =
            input.model.is_quiet(room, &[WriteKind::Read, WriteKind::Alter], call.interval());
        if input.model.is_ambiguous(message) || !is_alone {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        let Some(body) = success(call, context) else { continue };
        let sender = input.model.user_id(&message.sender);
        for (field, is_fresh) in freshness(message, body, sender) {
            context.check(is_fresh, || {
                Violation::new(
                    format!("messages.send {field}"),
                    "a new message is not edited, deleted or read",
                    format!("{field} is {}", shown(&body[field])),
                )
                .member(field)
                .evidence(call)
            });
        }
    }
}

/// Returns the fields of a new message that have the right type, and whether their values are those of
/// a new message.
fn freshness(
    message: &Message<'_>,
    body: &Value,
    sender: Option<UserId>,
) -> impl Iterator<Item = (&'static str, bool)> {
    debug_assert_eq!(body["id"], message.id.as_str());
    let flag = |name| Some((name, !body.get(name)?.as_bool()?));
    let time = |name| {
        let value = body.get(name)?;
        (value.is_null() || value.is_string()).then(|| (name, value.is_null()))
    };
    let readers = body.get("read_by").and_then(Value::as_object);
    let is_sender = |user: &String| user.parse().ok() == sender && sender.is_some();
    let own = readers.map_or(0, |readers| readers.keys().filter(|user| is_sender(user)).count());
    let others = readers.map(|readers| ("read_by", readers.keys().all(is_sender)));
    let count = body.get("read_count").and_then(Value::as_u64);
    let count = count.map(|count| ("read_count", count <= own as u64));
    [flag("is_edited"), flag("is_deleted"), time("edited_at"), time("deleted_at"), others, count]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const ROOM: &str = r#"alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;

    #[test]
    fn new_messages_have_fresh_flags() {
        let send = |fields: &str, meanwhile: &str| {
            format!(
                r#"{ROOM}
                [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "read_count": 0, "read_by": {{"3": "$absent"}}{fields}}}
                {meanwhile}"#
            )
        };
        let read = "[15..16] bob rooms.mark_read $r1 => 200 {}";
        let own = r#", "read_count": 1, "read_by": {"1": "2026-01-01T00:00:00Z", "3": "$absent"}"#;
        assert_states(&[
            ("message/fresh-flags", Held, &send("", "")),
            ("message/fresh-flags", Held, &send(own, "")),
            ("message/fresh-flags", Broken, &send(r#", "is_edited": true"#, "")),
            ("message/fresh-flags", Broken, &send(r#", "deleted_at": "2026-01-01T00:00:00Z""#, "")),
            ("message/fresh-flags", Broken, &send(r#", "read_count": 1"#, "")),
            ("message/fresh-flags", Undecided, &send(r#", "read_count": 1"#, read)),
        ]);
    }
}
