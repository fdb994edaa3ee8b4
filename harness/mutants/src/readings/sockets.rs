//! Readings of open sockets.

use std::time::Duration;

use hearback_contract::ReadingId;
use hearback_reference::delivery::Closing;
use hearback_reference::rules::Frame;

use super::switch::{ReadingSwitch, row};

/// Close frame of a server that reads no binary frames.
const NO_BINARY: Closing = Closing { code: 1003, reason: "Events are text frames." };

/// Time without frames after which a socket is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::RemovedSocketSilent, |reading| {
        reading.delivery.end_streams = Some(|_, _, hub, room, user, _| hub.silence(room, user));
    }),
    row(ReadingId::IdleSocketsClosed, |reading| {
        reading.delivery.idle_limit = Some(|_, _| Some(IDLE_LIMIT));
    }),
    row(ReadingId::BinaryFramesJson, |reading| {
        reading.validation.reads_binary = Some(|_, _| true);
    }),
    row(ReadingId::BinaryFrames1003, |reading| {
        reading.delivery.reject_frame = Some(|base, _, hub, peer, frame, refusal| match frame {
            Frame::Binary => hub.disconnect_one(peer.room, peer.connection, NO_BINARY),
            Frame::Text(_) => base.reject_frame(hub, peer, frame, refusal),
        });
    }),
];
