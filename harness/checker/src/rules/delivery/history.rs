//! What was acknowledged is in the history, the same as it was live.

use ahash::{AHashMap, AHashSet};
use hearback_contract::Operation;
use hearback_history::Interval;
use serde_json::Value;

use crate::model::{Message, MessageObservation, Transport, WriteKind};
use crate::rule::RuleInput;
use crate::rule_context::{Evidence, RuleContext, Violation};
use crate::rules::answer::{quoted, refusal, shown};
use crate::rules::moment::{self, Moment};
use crate::rules::page::walk::{Walk, walks};

pub(super) fn acknowledged_is_kept<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesGet).filter(|call| call.is_authorized()) {
        let message = call.subject().and_then(|id| input.model.messages.get(id));
        let viewer = input.model.user_id(&call.invocation.actor);
        let (Some(message), Some(viewer)) = (message, viewer) else { continue };
        let is_gone = matches!(call.status(), Some(403 | 404));
        if (call.succeeded() || is_gone) && is_due(input, message, viewer, call.interval()) {
            context.check(!is_gone, || {
                violation(message, "messages.get", refusal(call)).evidence(call)
            });
        }
    }
    for walk in walks(input).iter().filter(|walk| walk.is_finished()) {
        walked(input, walk, context);
    }
}

fn walked<'h>(input: RuleInput<'h>, walk: &Walk<'h>, context: &mut RuleContext<'h>) {
    let listing = walk.listing();
    let (Some(viewer), Some(ids)) = (listing.viewer, walk.ids()) else { return };
    // Hidden messages move later ones to pages that were read already; new ones do not.
    let is_still = input.model.is_quiet(listing.room, &[WriteKind::Alter], walk.interval());
    if walk.pages.len() > 1 && !is_still {
        context.inconclusive("messages were altered during each walk");
        return;
    }
    if walk.last().count.is_some_and(|count| count > ids.len() as u64) {
        context.inconclusive("the list says that it has more: see page/walk-complete");
        return;
    }
    let ids: AHashSet<&str> = ids.into_iter().collect();
    let sent = listing.room.messages.iter().filter_map(|id| input.model.messages.get(id));
    for message in sent.take_while(|message| message.sent.invoked < listing.at.invoked) {
        let due = Interval { returned: walk.interval().returned, ..listing.at };
        if is_due(input, message, viewer, due) {
            context.check(ids.contains(message.id.as_str()), || {
                let actual = format!("{} messages are listed, this one not", ids.len());
                violation(message, "messages.list", actual).evidence(walk.last().listing.call)
            });
        }
    }
}

/// Whether a read must show the message: acknowledged before, surely not deleted, and sent while the
/// viewer was in the room.
fn is_due(input: RuleInput<'_>, message: &Message<'_>, viewer: i64, read: Interval) -> bool {
    let sight = Interval { invoked: message.sent.invoked, ..read };
    let room = input.model.rooms.get(&message.room);
    message.sent.precedes(read)
        && !message.maybe_deleted(read)
        && !input.model.is_ambiguous(message)
        && room.is_some_and(|room| room.surely_member(viewer, sight))
}

fn violation<'h>(message: &Message<'h>, place: &str, actual: String) -> Violation<'h> {
    let text = message.versions.first().map_or("", |version| version.content);
    let expected = format!("{}, which was acknowledged, is in the history", quoted(text));
    Violation::new(format!("lost: {place}"), expected, actual).evidence(message.origin)
}

pub(super) fn same_by_both_ways<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut live: AHashMap<&str, &MessageObservation<'h>> = AHashMap::new();
    for (observation, message) in input.model.recognised() {
        if observation.transport == Transport::Socket && is_untouched(observation, message) {
            live.entry(&message.id).or_insert(observation);
        }
    }
    for (observation, message) in input.model.recognised() {
        let Some(live) = live.get(message.id.as_str()) else { continue };
        if observation.transport == Transport::Socket || !is_untouched(observation, message) {
            continue;
        }
        let answered = message.reply_to.and_then(|id| input.model.messages.get(id));
        for field in ["sender.id", "created_at", "message_type", "reply_to"] {
            if field == "reply_to" && answered.is_some_and(|it| it.maybe_deleted(observation.at)) {
                continue;
            }
            let Some((by_socket, by_rest)) = part(live, field).zip(part(observation, field)) else {
                context.inconclusive("a field is absent or mistyped: see the schema requirements");
                continue;
            };
            context.check(is_same(by_socket, by_rest), || {
                Violation::new(
                    format!("{field} by socket and by {}", observation.place()),
                    format!("{field} is {}, as by socket", shown(by_socket)),
                    format!("{field} is {} by {}", shown(by_rest), observation.place()),
                )
                .evidence(Evidence::from(message.origin))
                .evidence(live.evidence)
                .evidence(observation.evidence)
            });
        }
    }
}

/// Whether nobody can have edited or deleted the message by then.
fn is_untouched(observation: &MessageObservation<'_>, message: &Message<'_>) -> bool {
    message.is_edited(observation.at) == Some(false) && !message.maybe_deleted(observation.at)
}

/// A field of the right type.
fn part<'h>(observation: &MessageObservation<'h>, field: &str) -> Option<&'h Value> {
    match field {
        "sender.id" => observation.value.pointer("/sender/id").filter(|id| id.is_i64()),
        "reply_to" => observation.reply_to().filter(|reply| reply.is_null() || reply.is_string()),
        "created_at" => observation
            .value
            .get(field)
            .filter(|time| time.as_str().is_some_and(|time| Moment::parse(time).is_some())),
        _ => observation.value.get(field).filter(|value| value.is_string()),
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    let texts = left.as_str().zip(right.as_str());
    left == right || texts.is_some_and(|(left, right)| moment::is_same(left, right))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const ROOM: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..3] bob@r1 open
        [10..20] alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
    "#;

    fn lines(lines: &[&str]) -> String {
        format!("{ROOM}\n{}", lines.join("\n"))
    }

    fn list(at: &str, query: &str, ids: &[&str], count: usize, next: &str) -> String {
        let items: Vec<_> =
            ids.iter().map(|id| format!(r#"@message {{"id": "${id}", "room": "$r1"}}"#)).collect();
        format!(
            r#"{at} bob messages.list ?room=$r1{query} => 200 {{"count": {count}, "next": {next}, "previous": null, "results": [{}]}}"#,
            items.join(", ")
        )
    }

    #[test]
    fn what_was_acknowledged_is_there() {
        const RULE: &str = "delivery/acknowledged-is-kept";
        let whole = |at: &str, ids: &[&str]| list(at, "", ids, ids.len(), "null");
        let next = r#""http://target.test/api/chat/messages/?room=$r1&page=2""#;
        let first = list("[30..31]", "", &["m2"], 1, next);
        let second = list("[40..41]", "&page=2", &[], 1, "null");
        let delete = "[25..35] alice messages.delete $m1 => ?";
        let other = "[33..34] alice messages.delete $m2 => 200 {}";
        assert_states(&[
            (RULE, Held, &lines(&[&whole("[30..31]", &["m1"])])),
            (RULE, Broken, &lines(&[&whole("[30..31]", &[])])),
            (RULE, Broken, &lines(&[&first, &second])),
            (RULE, NotExercised, &lines(&[&first])),
            (RULE, NotExercised, &lines(&[&whole("[15..31]", &[])])),
            (RULE, NotExercised, &lines(&[delete, &whole("[30..31]", &[])])),
            (RULE, Undecided, &lines(&[&list("[30..31]", "", &[], 1, "null")])),
            (RULE, Held, &lines(&["bob messages.get $m1 => 200 @message"])),
            (RULE, Broken, &lines(&["bob messages.get $m1 => 404 @error"])),
            (RULE, NotExercised, &lines(&["carol messages.get $m1 => 404 @error"])),
            (RULE, NotExercised, &lines(&[delete, "bob messages.get $m1 => 404 @error"])),
            (RULE, NotExercised, &lines(&["bob messages.get $m1 => 500 @error"])),
        ]);
        let altered = lines(&[&first, other, &second]).replace(
            "[10..20]",
            r#"[5..6] alice messages.send {"room": "$r1", "content": "c"} => 201 @message {"id": "$m2", "room": "$r1"}
            [10..20]"#,
        );
        // The same of one whose sending was never answered.
        let lost = altered.replace(r#"201 @message {"id": "$m2", "room": "$r1"}"#, "?");
        assert_states(&[(RULE, Undecided, &altered), (RULE, Undecided, &lost)]);
    }

    #[test]
    fn who_joined_later_need_not_see_it() {
        const RULE: &str = "delivery/acknowledged-is-kept";
        let join = |at: &str| {
            format!(
                r#"{at} alice participants.add {{"room": "$r1", "user": 3}} => 201 @participant
                [30..31] carol messages.get $m1 => 404 @error"#
            )
        };
        assert_states(&[
            (RULE, NotExercised, &lines(&[&join("[22..23]")])),
            (RULE, Broken, &lines(&[&join("[6..7]")])),
        ]);
    }

    #[test]
    fn it_is_one_message_however_it_comes() {
        const RULE: &str = "delivery/same-by-both-ways";
        let event = |fields: &str| {
            format!(
                r#"bob@r1 <- @chat_message {{"message": {{"id": "$m1", "room_id": "$r1", "content": "a", "sender": {{"id": 5}}, "created_at": "2025-10-19T14:30:00.000Z"{fields}}}}}"#
            )
        };
        let edit = r#"[21..22] alice messages.edit $m1 {"content": "b"} => ?"#;
        assert_states(&[
            (RULE, Held, &lines(&[&event("")])),
            (RULE, Held, &lines(&[&event(r#", "created_at": "2025-10-19T16:30:00.4+02:00""#)])),
            (RULE, Broken, &lines(&[&event(r#", "created_at": "2025-10-19T14:30:02Z""#)])),
            (RULE, Broken, &lines(&[&event(r#", "sender": {"id": 1}"#)])),
            (RULE, Broken, &lines(&[&event(r#", "message_type": "file""#)])),
            (RULE, Broken, &lines(&[&event(r#", "reply_to_id": "$m0""#)])),
            (RULE, NotExercised, &lines(&[edit, &event(r#", "message_type": "file""#)])),
            (RULE, NotExercised, &lines(&[])),
        ]);
    }
}
