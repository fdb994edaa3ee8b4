//! The handshake of a socket. Section *WebSocket Protocol*.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::response::Response;
use serde::Deserialize;
use tokio::time::Instant;

use super::session;
use crate::app::SharedApp;
use crate::input::parse_uuid;
use crate::refusal::Refusal;
use crate::tokens::EntryPoint;

/// Maximum size of a frame that the library reads, in bytes. It exceeds
/// [`Validation::frame_limit`](crate::rules::Validation::frame_limit), so that a client which sends a frame above that receives a close frame instead of a reset
/// connection.
const HARD_LIMIT: usize = 16 << 20;

/// Size of the read and write buffers, in bytes. The library fills the read buffer with zeros at
/// each read, which costs more than the read itself at its default of 128 KiB.
const BUFFER: usize = 16 << 10;

/// The query of a handshake.
#[derive(Deserialize)]
pub(crate) struct Handshake {
    token: Option<String>,
}

/// `GET /ws/chat/{room_id}/?token=…`; a refusal is a response before the upgrade.
pub(crate) async fn open(
    State(app): State<SharedApp>,
    Path(room): Path<String>,
    headers: HeaderMap,
    handshake: Result<Query<Handshake>, axum::extract::rejection::QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    app.rules.permissions.check_origin(header(ORIGIN), header(HOST))?;
    let token = handshake.ok().and_then(|Query(handshake)| handshake.token);
    let user = app.user(token.as_deref(), EntryPoint::Socket)?;
    let remaining = token.and_then(|token| app.signer.remaining(&token));
    let expiry = remaining.filter(|_| app.rules.authentication.ends_sockets());
    let expiry = expiry.and_then(|remaining| Instant::now().checked_add(remaining));
    let room = parse_uuid(&room).ok_or(Refusal::NotFound("There is no such room."))?;
    app.chat().listener(user.id, room)?;
    let upgrade = upgrade.map_err(|_| Refusal::invalid("A WebSocket handshake is expected."))?;
    Ok(upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(HARD_LIMIT)
        .max_message_size(HARD_LIMIT)
        .on_upgrade(move |socket| session::run(app, user, room, socket, expiry)))
}
