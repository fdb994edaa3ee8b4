//! Handshakes with a token that the server rejects.

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;
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
