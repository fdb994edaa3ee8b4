//! Readings of lists and their pages.

use hearback_contract::Operation::{
    self, MessagesList, MessagesSearch, ParticipantsList, RoomsList,
};
use hearback_contract::ReadingId;
use hearback_reference::Refusal;
use hearback_reference::input::parse_uuid;
use serde_json::json;

use super::lookup::{member, refusal};
use super::switch::{ReadingSwitch, row};
use crate::wire::{Change, Received, When};

/// Operations whose responses are pages.
const PAGED: &[Operation] = &[RoomsList, MessagesList, MessagesSearch, ParticipantsList];

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::UnknownOrderingIgnored, |reading| {
        reading.rewrite_requests(&[MessagesList], |request| {
            request.query.retain(|(name, value)| {
                name != "ordering" || value == "created_at" || value == "-created_at"
            });
        });
    }),
    row(ReadingId::DefaultOrderingNewestFirst, |reading| {
        reading.rewrite_requests(&[MessagesList], |request| {
            if request.query("ordering").is_none() {
                request.query.push(("ordering".to_owned(), "-created_at".to_owned()));
            }
        });
    }),
    row(ReadingId::PageOutOfRange404, |reading| {
        reading.change_responses(
            PAGED,
            When::Status(400),
            Change::With(|_, _, exchange| {
                if exchange.received().query("page").is_some_and(|page| positive(page).is_none()) {
                    exchange.replace(404, refusal("There is no such page."));
                }
            }),
        );
    }),
    row(ReadingId::PageOutOfRange400, |reading| {
        reading.validation.check_page =
            Some(|_, _, _| Err(Refusal::invalid("There is no such page.")));
    }),
    row(ReadingId::PageOutOfRangeEmpty, |reading| {
        reading.validation.check_page = Some(|_, _, _| Ok(()));
    }),
    row(ReadingId::PageSizeOutOfRangeClamped, |reading| {
        reading.rewrite_requests(PAGED, |request| {
            change_size(request, |size| match size.parse::<i64>() {
                Ok(size) if size < 1 => Some("1".to_owned()),
                Ok(_) => Some(size.to_owned()),
                Err(_) => None,
            });
        });
    }),
    row(ReadingId::PageSizeOutOfRangeDefault, |reading| {
        reading.rewrite_requests(PAGED, |request| {
            change_size(request, |size| {
                positive(size).filter(|size| *size <= 100).map(|size| size.to_string())
            });
        });
    }),
    row(ReadingId::PageSizeOutOfRange400, |reading| {
        reading.validation.page_size = Some(|base, _, requested| match requested {
            Some(101..) => Err(Refusal::invalid("`page_size` must be at most 100.")),
            requested => base.page_size(requested),
        });
    }),
    row(ReadingId::ListOfForeignRoomEmpty, |reading| {
        reading.change_responses(
            &[MessagesList, ParticipantsList],
            When::Refusal,
            Change::With(|app, _, exchange| {
                let Some(user) = exchange.caller(app) else { return };
                let Some(room) = exchange.received().query("room").and_then(parse_uuid) else {
                    return;
                };
                let is_outsider = member(&app.chat().store, room, user.id).is_none();
                if matches!(exchange.status(), 403 | 404) && is_outsider {
                    let empty =
                        json!({ "count": 0, "next": null, "previous": null, "results": [] });
                    exchange.replace(200, empty);
                }
            }),
        );
    }),
];

/// A positive number.
fn positive(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}

/// Changes or removes `page_size`.
fn change_size(request: &mut Received, change: fn(&str) -> Option<String>) {
    request.query.retain_mut(|(name, value)| {
        if name != "page_size" {
            return true;
        }
        match change(value) {
            Some(size) => *value = size,
            None => return false,
        }
        true
    });
}
