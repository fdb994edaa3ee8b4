//! The room that a call is about.

use hearback_contract::{Operation, RoomRef};
use hearback_history::Call;

use super::Model;
use super::room::Room;

impl<'h> Model<'h> {
    /// The room that a call is about, if this run created it: the one in its path, query or body,
    /// or the room of the message in its path.
    pub fn room_of(&self, call: &Call) -> Option<&Room<'h>> {
        self.room(self.room_id_of(call)?)
    }

    /// The id of the room that a call is about, if the call and the known messages determine it.
    pub(crate) fn room_id_of<'a>(&'a self, call: &'a Call) -> Option<RoomRef<'a>> {
        use Operation as O;
        match call.operation()? {
            O::RoomsGet | O::RoomsMarkRead | O::RoomsLeave | O::RoomsArchive | O::RoomsStats => {
                call.room_in_path()
            }
            O::RoomsCreate => call.success()?.get("id").and_then(RoomRef::from_json),
            O::MessagesList | O::ParticipantsList | O::MessagesSearch => call.room_in_query(),
            O::MessagesSend | O::ParticipantsAdd => call.room_in_request(),
            O::MessagesGet | O::MessagesEdit | O::MessagesDelete | O::MessagesMarkRead => {
                self.message(call.message_in_path()?).map(|message| message.room.borrowed())
            }
            O::TokenObtain
            | O::TokenRefresh
            | O::RoomsList
            | O::ParticipantsRemove
            | O::ParticipantsMute => None,
        }
    }
}
