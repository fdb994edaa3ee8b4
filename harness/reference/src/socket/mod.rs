//! The WebSocket of a room. Section *WebSocket Protocol*.

pub(crate) mod event;
pub(crate) mod hub;
mod request;
mod session;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::SharedApp;
use crate::faults;
use crate::fields::parse_uuid;
use crate::refusal::Refusal;
use crate::token::Door;

/// Largest frame and message that is read, in bytes; larger ones end the connection with 1009.
const MAXIMUM_FRAME: usize = 1 << 20;

/// What the library reads at all. Above [`MAXIMUM_FRAME`], so that a client which sends too much still
/// gets a proper close frame instead of a broken connection.
const HARD_LIMIT: usize = 16 << 20;

/// The library fills its read buffer with zeros at each read; 128 KiB, its default, costs more than the
/// reading.
const BUFFER: usize = 16 << 10;

#[derive(Deserialize)]
pub(crate) struct Handshake {
    token: Option<String>,
}

/// `GET /ws/chat/{room_id}/?token=…`; refuses with a status, before the upgrade.
pub(crate) async fn open(
    State(app): State<SharedApp>,
    Path(room): Path<String>,
    handshake: Result<Query<Handshake>, axum::extract::rejection::QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let token = handshake.ok().and_then(|Query(handshake)| handshake.token);
    let room = parse_uuid(&room);
    let user = app.user(token.as_deref(), Door::Socket)?;
    let room = room.ok_or(Refusal::NotFound("There is no such room."))?;
    let user = faults::stand_in(&app, token.as_deref(), room).unwrap_or(user);
    app.chat().listener(user.id, room)?;
    let upgrade = upgrade.map_err(|_| Refusal::invalid("A WebSocket handshake is expected."))?;
    Ok(upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(HARD_LIMIT)
        .max_message_size(HARD_LIMIT)
        .on_upgrade(move |socket| session::run(app, user, room, socket)))
}
