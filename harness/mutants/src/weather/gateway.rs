//! The layers of a gateway: its own responses, and bodies that arrive slowly.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream;
use hearback_reference::App;

use super::interruption::{Counting, Seen};

/// Number of pieces in which a slow body arrives.
const PIECES: u32 = 4;

/// The state of the layer of interruptions.
#[derive(Clone)]
pub(super) struct Gateway {
    pub(super) app: Arc<App>,
    pub(super) interruptions: Arc<[Counting]>,
}

/// Responds instead of the server where an interruption does.
pub(super) async fn interrupt(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    let seen = Seen::of(&gateway.app, &request);
    let mut fired = gateway.interruptions.iter().filter_map(|counting| {
        let delay = counting.delay(seen)?;
        Some((counting.interruption, delay))
    });
    let Some((interruption, delay)) = fired.next() else {
        drop(fired);
        return next.run(request).await;
    };
    drop(fired);
    if interruption.is_executed {
        next.run(request).await;
    }
    (interruption.respond)(delay)
}

/// Sends the body of each response in pieces, over a time.
pub(super) async fn drip(State(time): State<Duration>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let size = bytes.len().div_ceil(PIECES as usize).max(1);
    let pieces = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(time / PIECES).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<Bytes, Infallible>(piece), rest))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}
