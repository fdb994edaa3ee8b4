//! An acknowledged message is in the history.
//!
//! A complete walk, or messages.get, has to show every message that was acknowledged before the
//! request, surely not deleted, unambiguous, and sent while the reader was a member. Altered
//! messages may move from page to page, so the rule abstains for walks during which something was
//! altered, for lists that are incomplete by their own `count` (page/walk-complete), and for messages at the end of a
//! list in whose place new ones are listed.

use ahash::AHashSet;
use hearback_contract::{MessageRef, Operation, RequirementId, UserId};
use hearback_history::Interval;

use crate::model::{Message, WriteKind};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal};
use crate::rules::page::walk::{Walk, walks};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::DeliveryAcknowledgedIsKept, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesGet).filter(|call| call.is_authorized()) {
        let message = call.message_in_path().and_then(|id| input.model.message(id));
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
        check_walk(input, walk, context);
    }
}

/// Checks that a finished walk shows every message that is due.
fn check_walk<'h>(input: RuleInput<'h>, walk: &Walk<'h>, context: &mut RuleContext<'h>) {
    let Some(ids) = listed(walk) else { return };
    let due = match due(input, walk, &ids) {
        Ok(due) => due,
        Err(reason) => return context.inconclusive(reason),
    };
    for message in due {
        let Some(message) = message else {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        };
        context.check(ids.contains(&message.id.borrowed()), || {
            let actual = format!("{} messages are listed, this one not", ids.len());
            violation(message, "messages.list", actual).evidence(walk.last().listing.call)
        });
    }
}

/// The messages that a walk shows, if all of them have ids.
pub(super) fn listed<'h>(walk: &Walk<'h>) -> Option<AHashSet<MessageRef<'h>>> {
    Some(walk.ids()?.into_iter().collect())
}

/// The time of the reads of a walk.
fn read(walk: &Walk<'_>) -> Interval {
    Interval { returned: walk.interval().returned, ..walk.listing().at }
}

/// The messages that a finished walk has to show, oldest first; `None` for a missing one that may be displaced.
///
/// # Errors
/// The reason if the walk says nothing.
pub(super) fn due<'h>(
    input: RuleInput<'h>,
    walk: &Walk<'h>,
    ids: &AHashSet<MessageRef<'h>>,
) -> Result<Vec<Option<&'h Message<'h>>>, Reason> {
    let listing = walk.listing();
    let Some(viewer) = listing.viewer else { return Ok(Vec::new()) };
    // A hidden message moves later ones to pages that were read already; a new message does not.
    let is_still = input.model.is_quiet(listing.room, &[WriteKind::Alter], walk.interval());
    if walk.pages.len() > 1 && !is_still {
        return Err(Reason::ConcurrentWrites);
    }
    if walk.last().count.is_some_and(|stated| stated > ids.len() as u64) {
        return Err(Reason::Violates(RequirementId::PageWalkComplete));
    }
    let read = read(walk);
    let is_new = |id: &&MessageRef<'_>| {
        input.model.messages.get(id.as_str()).is_some_and(|message| !message.sent.precedes(read))
    };
    let arrived = ids.iter().filter(is_new).count();
    let sent = listing.room.messages.iter().filter_map(|id| input.model.messages.get(id));
    let sent = sent.take_while(|message| message.sent.invoked < listing.at.invoked);
    let due: Vec<_> = sent.filter(|message| is_due(input, message, viewer, read)).collect();
    let all = due.len();
    let due = due.into_iter().enumerate().map(|(index, message)| {
        let is_listed = ids.contains(&message.id.borrowed());
        let may_be_displaced = may_be_displaced(listing.ordering, index, all, arrived);
        (is_listed || !may_be_displaced).then_some(message)
    });
    Ok(due.collect())
}

/// Returns whether a server that counts first and selects afterwards may omit the message at `index` of `total`, oldest
/// first, because others arrived in between and are listed instead.
fn may_be_displaced(ordering: Option<&str>, index: usize, total: usize, arrived: usize) -> bool {
    let is_oldest = index < arrived;
    let is_newest = index + arrived >= total;
    match ordering {
        Some("created_at") => is_newest,
        Some("-created_at") => is_oldest,
        _ => is_oldest || is_newest,
    }
}

/// Returns whether a read must show the message.
pub(super) fn is_due(
    input: RuleInput<'_>,
    message: &Message<'_>,
    viewer: UserId,
    read: Interval,
) -> bool {
    let since_sent = Interval { invoked: message.sent.invoked, ..read };
    let room = input.model.rooms.get(&message.room);
    message.sent.precedes(read)
        && !message.maybe_deleted(read)
        && !input.model.is_ambiguous(message)
        && room.is_some_and(|room| room.surely_member(viewer, since_sent))
}

fn violation<'h>(message: &Message<'h>, place: &str, actual: String) -> Violation<'h> {
    let text = message.versions.first().map_or("", |version| version.content);
    let expected = format!("{}, which was acknowledged, is in the history", quoted(text));
    Violation::new(format!("lost: {place}"), expected, actual).evidence(message.origin)
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
    fn acknowledged_messages_are_kept() {
        const RULE: &str = "delivery/acknowledged-is-kept";
        let whole = |at: &str, ids: &[&str]| list(at, "", ids, ids.len(), "null");
        let next = r#""http://target.test/api/chat/messages/?room=$r1&page=2""#;
        let first = list("[30..31]", "", &["m2"], 1, next);
        let second = list("[40..41]", "&page=2", &[], 1, "null");
        let delete = "[25..35] alice messages.delete $m1 => ?";
        let arriving = r#"[29..32] alice messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m2", "room": "$r1"}"#;
        let other = "[33..34] alice messages.delete $m2 => 200 {}";
        assert_states(&[
            (RULE, Held, &lines(&[&whole("[30..31]", &["m1"])])),
            (RULE, Broken, &lines(&[&whole("[30..31]", &[])])),
            (RULE, Broken, &lines(&[&first, &second])),
            (RULE, NotExercised, &lines(&[&first])),
            (RULE, Undecided, &lines(&[arriving, &whole("[30..31]", &["m2"])])),
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
        // The same with a send that was never answered.
        let lost = altered.replace(r#"201 @message {"id": "$m2", "room": "$r1"}"#, "?");
        assert_states(&[(RULE, Undecided, &altered), (RULE, Undecided, &lost)]);
    }

    #[test]
    fn a_later_member_need_not_see_it() {
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
}
