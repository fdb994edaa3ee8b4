//! Faults of users with several sockets.

use hearback_contract::{Operation, RequirementId};
use hearback_reference::delivery::{Audience, Closing, Event, Source};
use hearback_reference::tokens::TokenType;

use crate::fault::{FaultSpec, row};
use crate::wire::{Change, When};

/// Closes the sockets of a user for the sake of another one.
const REPLACED: Closing = Closing { code: 4000, reason: "You are connected elsewhere." };

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "device/loses-own-messages",
        RequirementId::DeviceReceivesOwnMessages,
        "Messages sent by socket do not reach the other sockets of their sender.",
        |fault| {
            fault.delivery.deliver =
                Some(|base, _, hub, room, event, source| match (event, source) {
                    (Event::ChatMessage { .. }, Source::Connection(connection)) => {
                        let sender = event.actor().unwrap_or_default();
                        hub.deliver(room, event, Audience::Except(sender));
                        hub.deliver(room, event, Audience::Only(connection));
                    }
                    _ => base.deliver(hub, room, event, source),
                });
        },
    ),
    row(
        "device/new-socket-ends-others",
        RequirementId::DeviceNewSocketKeepsOthers,
        "A new socket ends the other sockets of its user in the room.",
        |fault| {
            fault.delivery.welcome = Some(|base, _, store, directory, hub, peer, established| {
                hub.disconnect_others(peer.room, peer.user, peer.connection, REPLACED);
                base.welcome(store, directory, hub, peer, established)
            });
        },
    ),
    row(
        "device/login-ends-sockets",
        RequirementId::DeviceLoginKeepsSockets,
        "A login ends the sockets of its user.",
        |fault| {
            let end = Change::With(|app, _, exchange| {
                let access = exchange.body["access"].as_str().unwrap_or_default();
                let Ok(user) = app.signer.verify(access, TokenType::Access) else { return };
                let mut chat = app.chat();
                let rooms: Vec<_> = chat.hub.rooms().collect();
                rooms.into_iter().for_each(|room| chat.hub.disconnect(room, user, REPLACED));
            });
            fault.change_responses(&[Operation::TokenObtain], When::Success, end);
        },
    ),
    row(
        "device/closing-ends-others",
        RequirementId::DeviceClosingKeepsOthers,
        "The end of a socket ends the other sockets of its user in the room.",
        |fault| {
            fault.delivery.farewell = Some(|base, _, hub, peer, stopped| {
                hub.disconnect(peer.room, peer.user, REPLACED);
                base.farewell(hub, peer, stopped);
            });
        },
    ),
];
