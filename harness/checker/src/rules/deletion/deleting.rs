//! Deleting, and what cannot be done after it.

use hearback_contract::Operation;

use super::{graveyard, sights};
use crate::examination::{Breach, Examination};
use crate::rule::Case;
use crate::rules::answer::{quoted, refusal};

pub(super) fn stays_deleted<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let graveyard = graveyard(case);
    for edit in case.history.calls_of(Operation::MessagesEdit).filter(|edit| edit.is_authorized()) {
        let deleted = edit.subject().and_then(|id| graveyard.get(id));
        let Some(deleted) = deleted.filter(|it| it.precedes(edit.interval())) else { continue };
        match edit.status() {
            None | Some(401) => {}
            Some(500..) => examination.unclear("answered 5xx: see status/no-server-error"),
            Some(_) => examination.check(edit.refused(), || {
                Breach::new(
                    "messages.edit of a deleted message",
                    "a deleted message cannot be edited: 4xx",
                    refusal(edit),
                )
                .seen_in(deleted.message.origin)
                .seen_in(deleted.call)
                .seen_in(edit)
            }),
        }
    }
    for (sighting, deleted) in sights(case, &graveyard) {
        let mut edits = deleted.edits.iter().filter(|edit| edit.interval().precedes(sighting.at));
        let Some(edit) = edits.next() else { continue };
        // What an edit that was not refused does is found in its answer already.
        if !edit.refused() || !edits.all(|edit| edit.refused()) {
            continue;
        }
        examination.check(!deleted.is_edited_back(sighting), || {
            let content = sighting.content().unwrap_or_default();
            Breach::new(
                format!("{} after a refused messages.edit", sighting.place()),
                "the message stays deleted, as it was",
                format!("content is {}", quoted(content)),
            )
            .seen_in(deleted.call)
            .seen_in(*edit)
            .seen_in(sighting.witness)
        });
    }
}

pub(super) fn delete_own<'h>(case: Case<'h>, examination: &mut Examination<'h>) {
    let deletions = case.history.calls_of(Operation::MessagesDelete);
    for call in deletions.filter(|call| call.is_authorized()) {
        let at = call.interval();
        let message = call.subject().and_then(|id| case.world.messages.get(id));
        let own = message.filter(|it| it.sender == call.invocation.actor && it.sent.precedes(at));
        let Some(message) = own.filter(|it| !case.world.is_doubtful(it)) else { continue };
        let (Some(room), Some(user)) =
            (case.world.rooms.get(&message.room), case.world.user_id(&message.sender))
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
            Some(500..) => examination.unclear("answered 5xx: see status/no-server-error"),
            Some(status) => {
                examination.check(Operation::MessagesDelete.succeeds_with(status), || {
                    let who = &message.sender;
                    Breach::new(
                        "messages.delete of one's own",
                        format!("{who} deletes their own message: 200 or 204"),
                        refusal(call),
                    )
                    .seen_in(message.origin)
                    .seen_in(call)
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
