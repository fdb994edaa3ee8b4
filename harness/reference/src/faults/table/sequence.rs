//! Faults that show only after certain commands in a certain order, or when two come at the same time.

use super::{FaultSpec, behaviour, row};
use crate::faults::behaviour::Behaviour;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "receipts/second-edit-forgets-readers",
        "receipts/stored",
        "Who has read a message is forgotten when it is edited for the second time.",
        behaviour(Behaviour::SecondEditForgetsReaders),
    )
    .in_sequences(),
    row(
        "message/edit-moves-what-was-read",
        "message/edit-changes-nothing-else",
        "A message that somebody has read is as new as its last edit.",
        behaviour(Behaviour::EditMovesWhatWasRead),
    )
    .in_sequences(),
    row(
        "message/unties-replies-to-edited-and-read",
        "message/reply",
        "A reply to a message that was edited and read answers nothing.",
        behaviour(Behaviour::RepliesToEditedAndReadAreUntied),
    )
    .in_sequences(),
    row(
        "unread/deleted-edits-count-twice",
        "unread/detail",
        "Deleting an edited message takes two from what others have unread.",
        behaviour(Behaviour::DeletedEditsCountTwice),
    )
    .in_sequences(),
    row(
        "unread/mark-leaves-one-below-deleted",
        "unread/zero-after-mark-read",
        "Marking a room read leaves one message unread if the newest one is deleted.",
        behaviour(Behaviour::MarkLeavesOneBelowDeleted),
    )
    .in_sequences(),
    row(
        "deletion/receipts-reveal-deleted-edits",
        "deletion/text-is-gone",
        "Marking a message read that was edited and deleted brings its text back.",
        behaviour(Behaviour::ReceiptsRevealDeletedEdits),
    )
    .in_sequences(),
    row(
        "participant/mark-unmutes",
        "participant/mute",
        "Marking a room read ends the muting of its notifications.",
        behaviour(Behaviour::MarkUnmutes),
    )
    .in_sequences(),
    row(
        "participant/returning-admins-are-none",
        "participant/add-as-admin",
        "Who comes back to a room is no admin, whatever was asked for.",
        behaviour(Behaviour::ReturningAdminsAreNone),
    )
    .in_sequences(),
    row(
        "room/muted-returns-count-twice",
        "room/stats-participant-count",
        "Who comes back to a room after having muted it is counted twice, in lists and statistics.",
        behaviour(Behaviour::MutedReturnsCountTwice),
    )
    .in_sequences(),
    row(
        "receipts/edit-overwrites-readers",
        "receipts/stored",
        "An edit writes back the readers that it found: who reads meanwhile is lost.",
        behaviour(Behaviour::EditOverwritesReaders),
    )
    .in_sequences(),
    row(
        "receipts/simultaneous-readers-overwrite",
        "receipts/stored",
        "Of two who mark a message read at the same time by REST, one is lost.",
        behaviour(Behaviour::SimultaneousReadersOverwrite),
    )
    .in_sequences(),
    row(
        "room/simultaneous-sends-count-once",
        "room/stats-message-count",
        "Messages that are sent at the same time by REST are counted as one.",
        behaviour(Behaviour::SimultaneousSendsCountOnce),
    )
    .in_sequences(),
];
