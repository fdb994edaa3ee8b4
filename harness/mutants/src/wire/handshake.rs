//! Handshakes that the server rejects.

use axum::body::Body;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::UPGRADE;
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hearback_reference::App;
use hearback_reference::input::parse_uuid;
use hearback_reference::tokens::TokenType;
use url::form_urlencoded;

use super::layer::Layer;
use crate::token_problem::TokenProblem;

/// Replaces tokens with certain problems by a token of the creator of the room.
pub(crate) async fn admit(
    State(layer): State<Layer<TokenProblem>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(uri) = admitted(&layer, &request) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// Responds with 500 to handshakes with a malformed room id.
pub(crate) async fn fail_malformed(request: Request, next: Next) -> Response {
    let room = request.uri().path().strip_prefix("/ws/chat/");
    match room.is_some_and(|room| parse_uuid(room.trim_end_matches('/')).is_none()) {
        true => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        false => next.run(request).await,
    }
}

/// Close frame of a refused handshake.
const REFUSED: CloseFrame =
    CloseFrame { code: 4001, reason: Utf8Bytes::from_static("The handshake was refused.") };

/// Opens the socket of a handshake that the server refuses, and closes it before any event.
pub(crate) async fn close_refused(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/ws/chat/") {
        return next.run(request).await;
    }
    let (mut head, body) = request.into_parts();
    // Without this header, the server refuses an accepted handshake with 400 at last.
    let mut trial = head.clone();
    trial.headers.remove(UPGRADE);
    let answer = next.clone().run(Request::from_parts(trial, Body::empty())).await;
    if answer.status() == StatusCode::BAD_REQUEST {
        return next.run(Request::from_parts(head, body)).await;
    }
    match WebSocketUpgrade::from_request_parts(&mut head, &()).await {
        Err(_) => answer,
        Ok(upgrade) => upgrade.on_upgrade(async |mut socket| {
            // Fails if the client is gone.
            drop(socket.send(Message::Close(Some(REFUSED))).await);
            while let Some(Ok(_)) = socket.recv().await {}
        }),
    }
}

fn admitted(layer: &Layer<TokenProblem>, request: &Request) -> Option<Uri> {
    let room = request.uri().path().strip_prefix("/ws/chat/")?;
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let token = pairs.find(|(name, _)| name == "token").map(|(_, token)| token);
    let (problem, _) = TokenProblem::of(&layer.app.signer, token.as_deref(), TokenType::Access)?;
    if !layer.mutations.contains(&problem) {
        return None;
    }
    let token = token_of_creator(&layer.app, room.trim_end_matches('/'))?;
    format!("{}?token={token}", request.uri().path()).parse().ok()
}

fn token_of_creator(app: &App, room: &str) -> Option<String> {
    let room = app.chat().store.room(parse_uuid(room)?).ok()??;
    app.signer.issue(room.created_by, TokenType::Access).ok()
}
