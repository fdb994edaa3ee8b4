//! Readings of statuses and shapes of responses.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesEdit, MessagesGet, MessagesList, MessagesMarkRead,
    MessagesSearch, MessagesSend, ParticipantsAdd, ParticipantsList, ParticipantsMute,
    ParticipantsRemove, RoomsCreate, RoomsList, TokenObtain, TokenRefresh,
};
use hearback_contract::ReadingId;
use hearback_reference::store::Window;
use hearback_reference::{App, Refusal};

use super::lookup::refusal;
use super::switch::{ReadingSwitch, row};
use crate::edit::Edit;
use crate::memory::Memory;
use crate::mutation::Mutation;
use crate::wire::{Change, Exchange, Received, RequestChange, When};

/// Operations that take a body.
const WITH_BODY: &[Operation] = &[
    TokenObtain,
    TokenRefresh,
    RoomsCreate,
    MessagesSend,
    MessagesEdit,
    ParticipantsAdd,
    ParticipantsMute,
];

/// Operations on a message or a participant.
const BY_ID: &[Operation] = &[
    MessagesGet,
    MessagesEdit,
    MessagesDelete,
    MessagesMarkRead,
    ParticipantsRemove,
    ParticipantsMute,
];

/// Operations that take a query.
const WITH_QUERY: &[Operation] = &[RoomsList, MessagesList, MessagesSearch, ParticipantsList];

/// Size of a body that hearback expects to be accepted, in bytes.
const LONG_BODY: usize = 64 << 10;

/// Length of an address that hearback expects to be accepted, in bytes.
const LONG_ADDRESS: usize = 1 << 10;

/// The plain array in place of the envelope.
const ARRAY: Edit = Edit::Map(&[""], |body| *body = body["results"].take());

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::OutsiderStatus403, |reading| {
        reading.permissions.outsider_refusal =
            Some(|_, _, _| Refusal::Forbidden("You are not in this room."));
        reading.change_responses(BY_ID, When::Status(404), Change::With(forbid_unknown));
    }),
    row(ReadingId::CreatedStatus201, |reading| {
        reading.change_responses(
            &[TokenObtain, TokenRefresh, MessagesMarkRead],
            When::Status(200),
            Change::Status(201),
        );
    }),
    row(ReadingId::MissingTokenStatus403, |reading| {
        reading.change_responses(
            &[],
            When::Status(401),
            Change::With(|_, _, exchange| {
                if !exchange.has_token() {
                    exchange.replace(403, refusal("A token is missing."));
                }
            }),
        );
    }),
    row(ReadingId::DeleteStatus204, |reading| {
        reading.change_responses(
            &[MessagesDelete, ParticipantsRemove],
            When::Success,
            Change::With(|_, _, exchange| exchange.clear(204)),
        );
    }),
    row(ReadingId::ListShapeParticipantsArray, |reading| {
        reading.rewrite_requests(&[ParticipantsList], without_page);
        reading.listing.participants =
            Some(|base, _, store, room, _| base.participants(store, room, Window::ALL));
        reading.edit_responses(&[ParticipantsList], ARRAY);
    }),
    row(ReadingId::SearchShapeArray, |reading| {
        reading.rewrite_requests(&[MessagesSearch], without_page);
        reading.listing.search =
            Some(|base, _, store, search, _| base.search(store, search, Window::ALL));
        reading.edit_responses(&[MessagesSearch], ARRAY);
    }),
    row(ReadingId::HugeRequests400, |reading| limit_requests(reading, 400, 400)),
    row(ReadingId::HugeRequests413, |reading| limit_requests(reading, 413, 414)),
    row(ReadingId::HugeRequests431, |reading| limit_requests(reading, 413, 431)),
    row(ReadingId::UnsupportedContentType415And405, |reading| {
        reading.change_responses(
            WITH_BODY,
            When::Status(400),
            Change::With(|_, _, exchange| {
                if !exchange.has_documented_content_type() {
                    exchange.replace(415, refusal("The content type is not supported."));
                }
            }),
        );
    }),
];

/// Removes the parameters of pages: a plain array has none.
fn without_page(request: &mut Received) {
    request.query.retain(|(name, _)| name != "page" && name != "page_size");
}

/// Answers an id that does not exist like that of a foreign room, so that nothing reveals which ids exist.
fn forbid_unknown(app: &App, _: &Memory, exchange: &mut Exchange) {
    let request = exchange.received();
    let chat = app.chat();
    let is_unknown = match (request.id_in_path(), request.number_in_path()) {
        (Some(id), _) => matches!(chat.store.message(id), Ok(None)),
        (None, Some(id)) => {
            let stored = chat.store.participant(id);
            stored.is_ok_and(|stored| stored.is_none_or(|stored| stored.left_at.is_some()))
        }
        (None, None) => false,
    };
    if is_unknown {
        exchange.replace(403, refusal("You are not in this room."));
    }
}

fn limit_requests(reading: &mut Mutation, body: u16, address: u16) {
    let is_long_body =
        |request: &Received| !request.body.is_null() && request.text.len() > LONG_BODY;
    for operation in WITH_BODY {
        reading.change_requests(*operation, RequestChange::Respond(is_long_body, body));
    }
    let is_long_address = |request: &Received| request.address_length() > LONG_ADDRESS;
    for operation in WITH_QUERY {
        reading.change_requests(*operation, RequestChange::Respond(is_long_address, address));
    }
}
