//! Every fault, one family a file.

mod auth;
mod authorization;
mod deletion;
mod delivery;
mod input;
mod message;
mod order;
mod page;
mod participant;
mod receipts;
mod room;
mod schema;
mod sequence;
mod socket;
mod status;
mod unread;

use hearback_contract::{Operation, ServerEvent};

use super::behaviour::Behaviour;
use super::edit::Edit;
use super::event::{Effect, EventFault};
use super::request::{Misreading, RequestFault};
use super::response::{Change, ResponseFault, When};
use super::{FaultSpec, Kind};

/// The rows of all families.
pub(super) fn all() -> Vec<FaultSpec> {
    // In the order of the report.
    let families = [
        auth::ROWS,
        schema::ROWS,
        status::ROWS,
        input::ROWS,
        room::ROWS,
        message::ROWS,
        page::ROWS,
        socket::ROWS,
        delivery::ROWS,
        order::ROWS,
        receipts::ROWS,
        unread::ROWS,
        deletion::ROWS,
        participant::ROWS,
        authorization::ROWS,
        sequence::ROWS,
    ];
    families.concat()
}

const fn row(
    id: &'static str,
    breaks: &'static str,
    description: &'static str,
    kind: Kind,
) -> FaultSpec {
    FaultSpec { id, breaks, description, kind, in_sequences: false }
}

const fn behaviour(behaviour: Behaviour) -> Kind {
    Kind::Behaviour(behaviour)
}

/// Requests for an operation that are taken wrongly.
const fn misread(operation: Operation, misreading: Misreading) -> Kind {
    Kind::Request(RequestFault { operation, misreading })
}

/// Successful responses with an edited body.
const fn edited(operations: &'static [Operation], edit: Edit) -> Kind {
    changed(operations, When::Success, Change::Body(edit))
}

const fn changed(operations: &'static [Operation], when: When, change: Change) -> Kind {
    Kind::Response(ResponseFault { operations, when, change })
}

const fn event(event: ServerEvent, effect: Effect) -> Kind {
    Kind::Event(EventFault { event, effect })
}
