//! The room that a call is about.

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use super::Model;
use super::room::Room;

impl<'h> Model<'h> {
    /// The room that a call is about, if this run created it: the one in its path, query or body,
    /// or the room of the message in its path.
    pub fn room_of(&self, call: &Call) -> Option<&Room<'h>> {
        self.rooms.get(self.room_id_of(call)?)
    }

    /// The id of the room that a call is about, if the call and the known messages determine it.
    pub(super) fn room_id_of<'a>(&'a self, call: &'a Call) -> Option<&'a str> {
        use Operation as O;
        let body =
            |name| call.request.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        match call.operation()? {
            O::RoomsGet | O::RoomsMarkRead | O::RoomsLeave | O::RoomsArchive | O::RoomsStats => {
                call.subject()
            }
            O::RoomsCreate => call.success()?.get("id")?.as_str(),
            O::MessagesList | O::ParticipantsList | O::MessagesSearch => call.query("room"),
            O::MessagesSend | O::ParticipantsAdd => body("room"),
            O::MessagesGet | O::MessagesEdit | O::MessagesDelete | O::MessagesMarkRead => {
                self.messages.get(call.subject()?).map(|message| message.room.as_str())
            }
            O::TokenObtain
            | O::TokenRefresh
            | O::RoomsList
            | O::ParticipantsRemove
            | O::ParticipantsMute => None,
        }
    }
}
