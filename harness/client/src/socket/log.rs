//! The frames that a socket received so far.

use std::sync::Arc;

use crate::limits::Limits;

/// Payload of the pings that hearback sends.
pub(super) const PING: &[u8] = b"hearback";

/// Maximum number of pings and pongs: each ping is answered, which costs more than reading it.
const MOST_CONTROLS: usize = 1_000;

/// Received frames, and the state of the connection.
#[derive(Default)]
pub(super) struct Log {
    /// Text frames as received; they are parsed on demand, since parsed JSON can be many times larger.
    pub(super) frames: Vec<Arc<str>>,
    pub(super) taken: usize,
    pub(super) bytes: usize,
    /// Number of pings and pongs.
    pub(super) controls: usize,
    pub(super) closed: bool,
    /// Number of pongs with the payload of the pings.
    pub(super) pongs: usize,
    /// True if hearback waits for the close frame of the target.
    pub(super) probes_close: bool,
    /// The close code, if there was one, with which the target answered the close frame of hearback.
    pub(super) close_answer: Option<Option<u16>>,
    /// True if the target did not answer it within the timeout.
    pub(super) close_timed_out: bool,
    /// Close code of the target if it, or the network, ended the connection.
    pub(super) lost: Option<Option<u16>>,
    /// True if hearback closed the connection because its frames exceeded a bound.
    pub(super) cut: bool,
    /// True if the reading task has ended.
    pub(super) finished: bool,
}

impl Log {
    /// The bound that the received frames exceed, if they do.
    pub(super) fn excess(&self, limits: &Limits) -> Option<String> {
        if self.controls > MOST_CONTROLS {
            return Some(format!("{MOST_CONTROLS} pings and pongs"));
        }
        let Limits { frames, frame_bytes, .. } = *limits;
        let is_flooded = self.taken > frames || self.bytes > frame_bytes;
        is_flooded.then(|| format!("{frames} frames or {frame_bytes} bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floods_of_pings_end_sooner_than_floods_of_events() {
        let limits = Limits::default();
        let excess = |taken, controls| Log { taken, controls, ..Log::default() }.excess(&limits);
        assert_eq!(excess(limits.frames, MOST_CONTROLS), None);
        assert_eq!(excess(1_001, 1_001).unwrap(), "1000 pings and pongs");
        assert_eq!(excess(100_001, 0).unwrap(), "100000 frames or 67108864 bytes");
    }
}
