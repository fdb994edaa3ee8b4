//! Sockets that the server ends after a time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use hearback_reference::App;
use hearback_reference::delivery::Closing;
use hearback_reference::input::parse_uuid;
use hearback_reference::tokens::TokenType;
use url::form_urlencoded;

/// The state of the layer of sockets.
#[derive(Clone)]
pub(super) struct SocketLayer {
    pub(super) app: Arc<App>,
    pub(super) ends: Arc<[(Duration, Closing)]>,
}

/// Ends the sockets of a user to a room some time after one was opened.
pub(super) async fn end(
    State(layer): State<SocketLayer>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let response = next.run(request).await;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let room = path.strip_prefix("/ws/chat/").map(|room| room.trim_end_matches('/'));
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let token = pairs.find(|(name, _)| name == "token").map(|(_, token)| token);
    if let Some(room) = room.and_then(parse_uuid)
        && let Some(token) = token
        && let Ok(user) = layer.app.signer.verify(&token, TokenType::Access)
    {
        for (lifetime, closing) in layer.ends.iter().copied() {
            let app = Arc::downgrade(&layer.app);
            tokio::spawn(async move {
                tokio::time::sleep(lifetime).await;
                if let Some(app) = app.upgrade() {
                    app.chat().hub.disconnect(room, user, closing);
                }
            });
        }
    }
    response
}
