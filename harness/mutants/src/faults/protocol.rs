//! Faults of HTTP and WebSocket.

use std::time::{Duration, Instant};

use axum::http::header::{ALLOW, CACHE_CONTROL, SEC_WEBSOCKET_PROTOCOL};
use axum::http::{HeaderValue, Method, StatusCode};
use hearback_contract::RequirementId;
use hearback_reference::Refusal;

use crate::fault::{FaultSpec, row};
use crate::frame_change::FrameChange;

/// Time without frames after which a socket is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// Time after a socket was opened from which on it may have been idle for too long.
const EARLIEST_IDLE_END: Duration = Duration::from_secs(19);

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "protocol/invents-subprotocol",
        RequirementId::ProtocolHandshakeValid,
        "Every fourth response to a handshake names a subprotocol that was not requested.",
        |fault| {
            fault.heads = Some(|memory, _, response| {
                if response.status() == StatusCode::SWITCHING_PROTOCOLS && memory.fires(4) {
                    let name = HeaderValue::from_static("chat");
                    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
                }
            });
        },
    ),
    row(
        "protocol/sets-reserved-bit",
        RequirementId::ProtocolFramesValid,
        "Frames with `room_marked_read` have a reserved bit.",
        |fault| fault.frames = Some(FrameChange::SetReservedBit),
    ),
    row(
        "protocol/opens-to-other-sites",
        RequirementId::ProtocolForeignOriginRefused,
        "Pages of other sites can open sockets.",
        |fault| fault.permissions.check_origin = Some(|_, _, _, _| Ok(())),
    ),
    row(
        "protocol/ignores-pings",
        RequirementId::ProtocolPingAnswered,
        "Pings are not answered.",
        |fault| fault.frames = Some(FrameChange::LosePongs),
    ),
    row(
        "protocol/loses-fragments",
        RequirementId::ProtocolFragmentsJoined,
        "Messages in several frames are lost.",
        |fault| fault.frames = Some(FrameChange::LoseFragments),
    ),
    row(
        "protocol/ignores-close",
        RequirementId::ProtocolCloseAnswered,
        "Close frames are not answered.",
        |fault| fault.frames = Some(FrameChange::LoseCloses),
    ),
    row(
        "protocol/changes-close-code",
        RequirementId::ProtocolCloseCodeEchoed,
        "Close frames of clients are answered with the close code 1011.",
        |fault| {
            fault.frames = Some(FrameChange::ReplaceCloseCodes { from: &[1000], to: 1011 });
        },
    ),
    row(
        "protocol/ignores-invalid-text",
        RequirementId::ProtocolInvalidTextRefused,
        "Text frames that are not UTF-8 are ignored.",
        |fault| fault.frames = Some(FrameChange::IgnoreInvalidText),
    ),
    row(
        "protocol/ignores-reserved",
        RequirementId::ProtocolReservedRefused,
        "Frames with reserved bits or opcodes are ignored.",
        |fault| fault.frames = Some(FrameChange::IgnoreReserved),
    ),
    row(
        "protocol/reads-unmasked",
        RequirementId::ProtocolUnmaskedRefused,
        "Frames without a mask are read as others.",
        |fault| fault.frames = Some(FrameChange::ReadUnmasked),
    ),
    row(
        "protocol/hides-failure",
        RequirementId::ProtocolFailureCode,
        "Connections with invalid frames are closed as if nothing had happened.",
        |fault| {
            fault.frames = Some(FrameChange::ReplaceCloseCodes { from: &[1002, 1007], to: 1000 });
        },
    ),
    row(
        "protocol/damages-compression",
        RequirementId::ProtocolCompressionWorks,
        "Offers of compression are accepted, and texts are marked as compressed although they are not.",
        |fault| fault.frames = Some(FrameChange::DamageCompression),
    ),
    row(
        "protocol/idle-ends-for-good",
        RequirementId::ProtocolIdleCanRejoin,
        "Sockets without a frame for 20 seconds are closed, and new ones of the user to the room are rejected.",
        |fault| {
            fault.delivery.idle_limit = Some(|_, _| Some(IDLE_LIMIT));
            fault.delivery.welcome = Some(|base, memory, store, directory, hub, peer, event| {
                memory.opened.set((peer.room, peer.user), Instant::now());
                base.welcome(store, directory, hub, peer, event)
            });
            fault.permissions.check_listening = Some(|base, memory, membership, room| {
                let key = membership.as_ref().ok().map(|it| (it.room.id, it.user()));
                let opened = key.and_then(|key| memory.opened.get(key));
                if opened.is_some_and(|opened| opened.elapsed() >= EARLIEST_IDLE_END) {
                    return Err(Refusal::Forbidden("You were idle for too long."));
                }
                base.check_listening(membership, room)
            });
        },
    ),
    row(
        "protocol/fails-on-head",
        RequirementId::ProtocolHeadAndOptions,
        "HEAD requests are answered with 500.",
        |fault| {
            fault.heads = Some(|_, method, response| {
                if method == Method::HEAD {
                    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                }
            });
        },
    ),
    row(
        "protocol/hides-methods",
        RequirementId::ProtocolAllow,
        "405 has an empty `Allow` header.",
        |fault| {
            fault.heads = Some(|_, _, response| {
                if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                    response.headers_mut().insert(ALLOW, HeaderValue::from_static(""));
                }
            });
        },
    ),
    row(
        "protocol/shares-private-data",
        RequirementId::ProtocolPrivateNotShared,
        "Responses are public for caches.",
        |fault| {
            fault.heads = Some(|_, method, response| {
                if method == Method::GET {
                    let public = HeaderValue::from_static("public, max-age=60");
                    response.headers_mut().insert(CACHE_CONTROL, public);
                }
            });
        },
    ),
];
