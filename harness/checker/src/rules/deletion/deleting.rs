//! Deleting, and what cannot be done after it.

use hearback_contract::Operation;

use super::{graveyard, sights};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{quoted, refusal};

pub(super) fn stays_deleted<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let graveyard = graveyard(input);
    for edit in input.history.calls_of(Operation::MessagesEdit).filter(|edit| edit.is_authorized())
    {
        let deleted = edit.subject().and_then(|id| graveyard.get(id));
        let Some(deleted) = deleted.filter(|it| it.precedes(edit.interval())) else { continue };
        match edit.status() {
            None | Some(401) => {}
            Some(500..) => context.inconclusive("answered 5xx: see status/no-server-error"),
            Some(_) => context.check(edit.refused(), || {
                Violation::new(
                    "messages.edit of a deleted message",
                    "a deleted message cannot be edited: 4xx",
                    refusal(edit),
                )
                .evidence(deleted.message.origin)
                .evidence(deleted.call)
                .evidence(edit)
            }),
        }
    }
    for (observation, deleted) in sights(input, &graveyard) {
        let mut edits =
            deleted.edits.iter().filter(|edit| edit.interval().precedes(observation.at));
        let Some(edit) = edits.next() else { continue };
        // What an edit that was not refused does is found in its answer already.
        if !edit.refused() || !edits.all(|edit| edit.refused()) {
            continue;
        }
        context.check(!deleted.is_edited_back(observation), || {
            let content = observation.content().unwrap_or_default();
            Violation::new(
                format!("{} after a refused messages.edit", observation.place()),
                "the message stays deleted, as it was",
                format!("content is {}", quoted(content)),
            )
            .evidence(deleted.call)
            .evidence(*edit)
            .evidence(observation.evidence)
        });
    }
}

pub(super) fn delete_own<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deletions = input.history.calls_of(Operation::MessagesDelete);
    for call in deletions.filter(|call| call.is_authorized()) {
        let at = call.interval();
        let message = call.subject().and_then(|id| input.model.messages.get(id));
        let own = message.filter(|it| it.sender == call.invocation.actor && it.sent.precedes(at));
        let Some(message) = own.filter(|it| !input.model.is_ambiguous(it)) else { continue };
        let (Some(room), Some(user)) =
            (input.model.rooms.get(&message.room), input.model.user_id(&message.sender))
        else {
            continue;
        };
        // A second deletion may be refused (delete-twice); this one is among those that may be done.
        let others = message.deletions.iter().filter(|deletion| deletion.invoked <= at.returned);
        let is_first = others.count() <= usize::from(call.maybe_done());
        if !is_first || !room.surely_member(user, at) || !room.surely_active(at) {
            continue;
        }
        match call.status() {
            None | Some(401) => {}
            Some(500..) => context.inconclusive("answered 5xx: see status/no-server-error"),
            Some(status) => {
                context.check(Operation::MessagesDelete.succeeds_with(status), || {
                    let who = &message.sender;
                    Violation::new(
                        "messages.delete of one's own",
                        format!("{who} deletes their own message: 200 or 204"),
                        refusal(call),
                    )
                    .evidence(message.origin)
                    .evidence(call)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn a_deleted_message_cannot_be_edited_back() {
        let rule = "deletion/stays-deleted";
        let edit = |status: &str| {
            format!(r#"[50..60] alice messages.edit $m1 {{"content": "again"}} => {status}"#)
        };
        let back = r#", "content": "again", "is_deleted": false"#;
        let after = |status: &str, fields: &str| {
            history(&[DELETED, &edit(status), &get("[70..71]", fields)])
        };
        assert_states(&[
            (rule, Held, &after("400 @error", "")),
            (rule, Held, &after("404 @error", "")),
            (rule, Broken, &after("200 @message", "")),
            (rule, Broken, &after("400 @error", back)),
            (rule, Undecided, &after("500 @error", back)),
            (rule, NotExercised, &after("?", back)),
            (rule, NotExercised, &history(&[DELETED, &get("[70..71]", "")])),
            (rule, NotExercised, &history(&[DELETED, &edit("200 @message").replace("[50", "[35")])),
        ]);
    }

    #[test]
    fn senders_delete_their_own() {
        let rule = "deletion/delete-own";
        let delete = |status: &str| history(&[&DELETED.replace("200 {}", status)]);
        let again = "[50..51] alice messages.delete $m1 => 404 @error";
        let leaving = "[25..26] alice rooms.leave $r1 => ?";
        assert_states(&[
            (rule, Held, &delete("200 {}")),
            (rule, Held, &delete("204 {}")),
            (rule, Broken, &delete("403 @error")),
            (rule, Broken, &delete("202 {}")),
            (rule, Undecided, &delete("500 @error")),
            (rule, NotExercised, &delete("401 @error")),
            (
                rule,
                NotExercised,
                &delete("403 @error").replace("alice messages.delete", "bob messages.delete"),
            ),
            (rule, NotExercised, &format!("{}\n{leaving}", delete("403 @error"))),
            (rule, Held, &format!("{}\n{again}", delete("200 {}"))),
            (rule, NotExercised, &format!("{}\n{again}", delete("?"))),
            (
                rule,
                NotExercised,
                &format!("{}\n[25..26] alice rooms.archive $r1 => 200 @room", delete("403 @error")),
            ),
        ]);
    }

    #[test]
    fn reads_before_the_edit_do_not_count() {
        let edit = r#"[60..70] alice messages.edit $m1 {"content": "again"} => 401 @error"#;
        let read = get("[50..65]", r#", "content": "again""#);
        let history = history(&[DELETED, edit, &read]);
        assert_states(&[("deletion/stays-deleted", NotExercised, &history)]);
    }
}
