//! Sockets without frames for a long time.

use hearback_history::{CloseOrigin, Closing, Nanoseconds};

use super::sockets::Listener;

/// Time without frames from which on a socket is idle.
const IDLE: Nanoseconds = Nanoseconds::from_millis(15_000);

/// The end of a time without frames.
#[derive(Clone, Copy, Debug)]
pub enum IdleEnd<'h> {
    /// A frame, or hearback closed the socket: it was still open.
    Open,
    /// The target closed the socket with a close frame.
    Closed(&'h Closing),
}

impl<'h> Listener<'h> {
    /// The ends of the times without frames for 15 seconds, in order; times that the network may have ended are skipped.
    pub fn idle_ends(&self) -> impl Iterator<Item = IdleEnd<'h>> {
        let frames = self.connection.frames.iter().map(|frame| frame.at);
        let times: Vec<_> = frames.chain([self.until]).collect();
        let is_idle = |pair: &[Nanoseconds]| pair[1].saturating_sub(pair[0]) >= IDLE;
        let (closing, last) = (self.connection.closed.as_ref(), times.len().saturating_sub(2));
        let idle = times.windows(2).enumerate().filter(|(_, pair)| is_idle(pair));
        let ends = idle.map(|(position, _)| match closing {
            Some(closing) if position == last => match closing.by {
                CloseOrigin::Client => Some(IdleEnd::Open),
                CloseOrigin::Server => Some(IdleEnd::Closed(closing)),
                _ => None,
            },
            _ => Some(IdleEnd::Open),
        });
        ends.flatten().collect::<Vec<_>>().into_iter()
    }
}
