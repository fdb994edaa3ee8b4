//! Places where the server itself goes wrong.

use super::{BadInput, Check, Mangling};
use crate::token::Door;

/// One way for the server to act wrongly; each is asked for at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described by its row of FAULTS")]
pub(crate) enum Behaviour {
    /// A token with one thing wrong opens a door.
    Overlooks(Door, Check),
    AcceptsAnyPassword,
    TellsUnknownUsers,

    /// Content is stored other than it was sent.
    Mangles(Mangling),
    SendAnswersWithPreviousId,
    AcceptsRepliesAcrossRooms,
    IgnoresUnknownReplies,
    TruncatesFiles,
    AcceptsEmptyMessages,
    AcceptsEmptyEdits,
    RefusesLongContent,
    RefusesMarkup,
    AcknowledgesUnknownRooms,
    AnyMemberEdits,
    SearchesForBeginnings,
    SearchesAllRooms,
    SearchesForeignRooms,
    SearchesShortTexts,
    SendsWhatItRefuses,
    LosesAcknowledgedMessages,
    LeaksToAnotherRoom,
    ReplaysOnOpening,

    ClockGoesBack,
    ListsOutOfOrder,
    ListsUnsteadily,

    RestampsReceipts,
    LosesEarlierReaders,
    OwnMessagesCount,
    RestMarkLeavesOne,
    SocketMarkLeavesOne,
    MarksForEverybody,

    SecondEditForgetsReaders,
    EditMovesWhatWasRead,
    RepliesToEditedAndReadAreUntied,
    DeletedEditsCountTwice,
    MarkLeavesOneBelowDeleted,
    ReceiptsRevealDeletedEdits,
    MarkUnmutes,
    ReturningAdminsAreNone,
    MutedReturnsCountTwice,
    EditOverwritesReaders,
    SimultaneousReadersOverwrite,
    SimultaneousSendsCountOnce,

    ShowsDeletedText,
    FindsDeletedText,
    PreviewsDeletedText,
    RepliesShowDeletedText,
    EditsDeleted,
    OnlyAdminsDelete,

    AddsNobody,
    AcceptsUnknownUsers,
    RemovedStayListed,
    RemovedKeepListening,
    DepartedKeepListening,
    RemovedKeepTyping,
    IgnoresBadMutedUntil,
    MutingPromotes,
    DirectTakesThird,
    TellsWhatExists,

    SmallDefaultPage,
    UncappedPages,
    IgnoresPageSize,
    PagesDrift,

    AcceptsCrowdedDirectRooms,
    UnknownTypeIsGroup,
    IgnoresUnknownParticipants,
    DirectRoomsShowOneself,
    GroupsShowMembers,
    IgnoresTypeFilter,
    IgnoresSearchFilter,
    ListsArchivedRooms,
    HidesArchivedRooms,
    ListsForeignRooms,
    LeaversStayListed,

    OpensToAdminsOnly,
    OpensToOutsiders,
    OpensUnknownRooms,
    RestMessagesAreNotDelivered,
    SocketMessagesAreNotKept,
    TypingReachesTypist,
    ConfirmsToEveryone,
    /// No `error` for bad input of this kind.
    Ignores(BadInput),
    BadInputEndsConnection,
    BinaryFramesEndRoom,
    ErrorsReachEveryone,
}
