//! The state of one connection, as the relay sees it.

use std::time::Duration;

use tokio::time::Instant;

use super::response_end::{HEAD_END, ResponseEnd};
use super::shared::Shared;
use crate::frame_change::{FrameChange, FrameStream};

/// First bytes of the response to a handshake.
const UPGRADE: &[u8] = b"HTTP/1.1 101";

/// Header of an offer of compression, in lower case, and of its acceptance.
const OFFER: &[u8] = b"sec-websocket-extensions: permessage-deflate";
const ACCEPTANCE: &[u8] = b"sec-websocket-extensions: permessage-deflate\r\n";

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Both sides are closed in order.
    Close,
    /// The side of the client is reset.
    Reset,
}

/// The state of one connection.
pub(super) struct Conversation {
    requests: u32,
    /// The response to the last request, unless it has ended.
    response: Option<ResponseEnd>,
    loses_response: bool,
    /// Time of the upgrade to a socket.
    upgraded: Option<Instant>,
    /// Time at which the last data arrived or arrives at its receiver.
    active: Instant,
    /// Changes the frames of the client and of the server.
    frames: Option<[FrameStream; 2]>,
    /// True if the last request offers compression that is to be accepted; frames do not change if it does not.
    compression: Option<bool>,
}

impl Conversation {
    pub(super) fn new(frames: Option<FrameChange>) -> Self {
        Self {
            requests: 0,
            response: None,
            loses_response: false,
            upgraded: None,
            active: Instant::now(),
            compression: (frames == Some(FrameChange::DamageCompression)).then_some(false),
            frames: frames
                .map(|it| [true, false].map(|is_of_client| FrameStream::new(it, is_of_client))),
        }
    }

    /// Takes data of the client; data after a response begins a request.
    pub(super) fn sent(&mut self, data: &mut Vec<u8>, shared: &Shared) -> Option<End> {
        self.active = Instant::now();
        if let (Some(_), Some([client, _])) = (self.upgraded, &mut self.frames) {
            *data = client.pass(data);
        }
        if self.upgraded.is_some() || self.response.is_some() {
            return None;
        }
        if let Some(is_offered) = &mut self.compression {
            *is_offered = data.to_ascii_lowercase().windows(OFFER.len()).any(|part| part == OFFER);
        }
        self.response = Some(ResponseEnd::of(data));
        self.requests += 1;
        let network = &shared.network;
        if self.requests > 1 && shared.fires(shared.next_reuse(), network.reuse_close) {
            return Some(End::Close);
        }
        let number = shared.next_request();
        if shared.restarts_at(number) {
            shared.restarts.send_modify(|restarts| *restarts += 1);
            return Some(End::Reset);
        }
        if shared.fires(number, network.resets) {
            return Some(End::Reset);
        }
        self.loses_response = shared.fires(number, network.lost_responses);
        None
    }

    /// Takes data of the server, which arrives at the client later.
    pub(super) fn received(&mut self, data: &mut Vec<u8>, arrival: Instant) -> Option<End> {
        // A connection is not idle while data is on its way.
        self.active = arrival;
        if self.loses_response {
            return Some(End::Reset);
        }
        let ends = self.response.as_mut().is_some_and(|response| response.pass(data));
        // Frames may follow the response to the handshake at once.
        let mut begin = self.upgraded.map(|_| 0);
        if self.response.is_some() && data.starts_with(UPGRADE) {
            self.upgraded = Some(self.active);
            let end = data.windows(HEAD_END.len()).position(|part| part == HEAD_END);
            begin = end.map(|end| end + HEAD_END.len());
            match (self.compression, &mut begin) {
                (Some(true), Some(begin)) => {
                    let last = *begin - HEAD_END.len() / 2;
                    data.splice(last..last, ACCEPTANCE.iter().copied());
                    *begin += ACCEPTANCE.len();
                }
                (Some(false), _) => self.frames = None,
                _ => {}
            }
        }
        if let (Some(begin), Some([_, server])) = (begin, &mut self.frames) {
            let frames = data.split_off(begin);
            data.extend(server.pass(&frames));
        }
        self.response = self.response.take().filter(|_| !ends);
        None
    }

    /// Time at which the connection ends if nothing happens before.
    pub(super) fn deadline(&self, shared: &Shared) -> Option<Instant> {
        let network = &shared.network;
        let after = |moment: Instant, time: Option<Duration>| time.map(|time| moment + time);
        match self.upgraded {
            Some(upgraded) => {
                let ends =
                    [after(upgraded, network.socket_cut), after(self.active, network.socket_idle)];
                ends.into_iter().flatten().min()
            }
            None if self.response.is_some() || self.requests == 0 => None,
            None => after(self.active, network.idle_close),
        }
    }
}
