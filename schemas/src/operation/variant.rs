//! The ids of operations.

/// One documented REST operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the row of each variant in OPERATIONS describes it")]
pub enum Operation {
    TokenObtain,
    TokenRefresh,
    RoomsList,
    RoomsCreate,
    RoomsGet,
    RoomsMarkRead,
    RoomsLeave,
    RoomsArchive,
    RoomsStats,
    MessagesList,
    MessagesSend,
    MessagesGet,
    MessagesEdit,
    MessagesDelete,
    MessagesMarkRead,
    MessagesSearch,
    ParticipantsList,
    ParticipantsAdd,
    ParticipantsRemove,
    ParticipantsMute,
}
