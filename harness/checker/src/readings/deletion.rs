//! Deleted messages.

use hearback_contract::{AmbiguityId, Operation, ReadingId, Relation};
use hearback_history::Call;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::{calls_by, is_first};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::DeleteStatus, delete_status),
    row(AmbiguityId::DeletedMessageReads, deleted_message_reads),
    row(AmbiguityId::WhoMayDelete, who_may_delete),
    row(AmbiguityId::DeleteTwice, delete_twice),
    row(AmbiguityId::EditDeleted, edit_deleted),
];

fn delete_status(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    observations.take_by_status(
        input.history.calls_of(Operation::MessagesDelete),
        &[(200, ReadingId::DeleteStatus200), (204, ReadingId::DeleteStatus204)],
    );
}

/// Calls on a message that was certainly deleted before.
fn on_deleted<'h>(
    input: RuleInput<'h>,
    operation: Operation,
    relations: &'static [Relation],
) -> impl Iterator<Item = &'h Call> {
    calls_by(input, operation, relations).filter(move |call| {
        let message = call.message_in_path().and_then(|id| input.model.message(id));
        message.is_some_and(|message| {
            let room = input.model.rooms.get(&message.room);
            message.surely_deleted(call.interval())
                && room.is_some_and(|room| room.surely_active(call.interval()))
        })
    })
}

fn deleted_message_reads(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    const MEMBERS: &[Relation] = &[Relation::Member, Relation::OtherMember, Relation::Admin];
    observations.take_by_status(
        on_deleted(input, Operation::MessagesGet, MEMBERS),
        &[
            (200, ReadingId::DeletedMessageReadsPlaceholder),
            (404, ReadingId::DeletedMessageReadsGone),
        ],
    );
}

fn who_may_delete(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let by_admins = calls_by(input, Operation::MessagesDelete, &[Relation::Admin]);
    let calls = by_admins.filter(|call| {
        let message = call.message_in_path().and_then(|id| input.model.message(id));
        message.is_some_and(|message| {
            let room = input.model.rooms.get(&message.room);
            is_first(call, &message.deletions)
                && room.is_some_and(|room| room.surely_active(call.interval()))
        })
    });
    observations.take_by_status(
        calls,
        &[
            (200, ReadingId::WhoMayDeleteSenderAndAdmins),
            (204, ReadingId::WhoMayDeleteSenderAndAdmins),
            (403, ReadingId::WhoMayDeleteSender),
        ],
    );
}

fn delete_twice(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    observations.take_by_status(
        on_deleted(input, Operation::MessagesDelete, &[Relation::Member]),
        &[
            (200, ReadingId::DeleteTwiceAgain),
            (204, ReadingId::DeleteTwiceAgain),
            (400, ReadingId::DeleteTwice400),
            (404, ReadingId::DeleteTwice404),
        ],
    );
}

fn edit_deleted(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    observations.take_by_status(
        on_deleted(input, Operation::MessagesEdit, &[Relation::Member]),
        &[
            (400, ReadingId::EditDeleted400),
            (403, ReadingId::EditDeleted403),
            (404, ReadingId::EditDeleted404),
        ],
    );
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    const DELETED: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        [3..4] bob messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1"}
        [5..6] bob messages.delete $m1 => 204
    "#;

    #[test]
    fn requests_for_deleted_messages_are_told_apart_by_status() {
        let of = |ambiguity, line: &str| observed(ambiguity, &format!("{DELETED}{line}"));
        assert_eq!(of("delete-status", ""), ["204"]);
        assert_eq!(of("deleted-message-reads", "alice messages.get $m1 => 404 @error"), ["gone"]);
        assert_eq!(
            of("deleted-message-reads", "alice messages.get $m1 => 200 @message"),
            ["placeholder"]
        );
        assert!(of("deleted-message-reads", "erin messages.get $m1 => 404 @error").is_empty());
        assert_eq!(of("delete-twice", "bob messages.delete $m1 => 404 @error"), ["404"]);
        assert_eq!(
            of("edit-deleted", r#"bob messages.edit $m1 {"content": "b"} => 403 @error"#),
            ["403"]
        );
        assert!(of("who-may-delete", "alice messages.delete $m1 => 403 @error").is_empty());
    }

    #[test]
    fn admins_may_delete_or_not() {
        let (start, _) = DELETED.split_once("[5..6]").unwrap();
        let of = |status| {
            observed("who-may-delete", &format!("{start}alice messages.delete $m1 => {status}"))
        };
        assert_eq!(of("204"), ["sender-and-admins"]);
        assert_eq!(of("403 @error"), ["sender"]);
    }
}
