//! One direction of a connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::conversation::End;

/// Size of a piece of data, in bytes.
const PIECE: usize = 16 << 10;

/// Number of pieces on their way.
const WINDOW: usize = 256;

/// Passes data on, each piece after its delay, until the sender closes, or `look` ends the connection. `look` receives
/// the data, which it may change, and the time at which it is passed on.
pub(super) async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: impl Fn() -> Duration,
    mut look: impl FnMut(&mut Vec<u8>, Instant) -> Option<End>,
) -> Option<End> {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(WINDOW);
    let read = async move {
        // Dropped at the end of the data, which ends the writing.
        let queue = queue;
        let mut buffer = vec![0; PIECE];
        let mut due = Instant::now();
        loop {
            let size = match from.read(&mut buffer).await {
                Ok(0) => return None,
                Ok(size) => size,
                Err(_) => return Some(End::Reset),
            };
            // Later data never overtakes earlier data.
            due = due.max(Instant::now() + delay());
            let mut piece = buffer[..size].to_vec();
            if let Some(end) = look(&mut piece, due) {
                return Some(end);
            }
            if queue.send((due, piece)).await.is_err() {
                return None;
            }
        }
    };
    let mut write = std::pin::pin!(async move {
        while let Some((due, piece)) = queued.recv().await {
            sleep_until(due).await;
            to.write_all(&piece).await?;
        }
        to.shutdown().await
    });
    let reset = |written: io::Result<()>| written.err().map(|_| End::Reset);
    tokio::select! {
        // An end drops the data that is still on its way.
        end = read => match end {
            Some(end) => Some(end),
            None => reset(write.await),
        },
        written = &mut write => reset(written),
    }
}
