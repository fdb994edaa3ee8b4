//! Chat rooms. Section *Chat Rooms*.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::base_url::BaseUrl;
use super::body::JsonBody;
use super::caller::Caller;
use super::paging::{Envelope, Page};
use super::path::PathUuid;
use super::query::Query;
use crate::app::SharedApp;
use crate::chat::{NewRoom, RoomQuery};
use crate::delivery::Source;
use crate::input::required;
use crate::refusal::Refusal;
use crate::room_type::RoomType;
use crate::store::rooms::RoomFilter;
use crate::views::{RoomSummary, RoomView, Statistics};

/// `GET /api/chat/rooms/`
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    query: Query,
) -> Result<Json<Envelope<RoomSummary>>, Refusal> {
    let wanted = RoomQuery {
        filter: RoomFilter {
            room_type: query.text("room_type").map(room_type).transpose()?,
            include_archived: flag(&query, "include_archived")?,
        },
        search: query.text("search").map(str::to_owned),
    };
    let page = Page::of(&query, &*app.rules.validation)?;
    let chat = app.chat();
    let (count, rooms) = chat.rooms(&caller, &wanted, page.window())?;
    let results = rooms
        .into_iter()
        .map(|room| RoomSummary::of(&chat, caller.id, room))
        .collect::<Result<Vec<_>, _>>()?;
    Envelope::new(&base_url, &*app.rules.validation, &query, page, count, results).map(Json)
}

/// `POST /api/chat/rooms/`
pub(super) async fn create(
    State(app): State<SharedApp>,
    caller: Caller,
    JsonBody(fields): JsonBody,
) -> Result<(StatusCode, Json<RoomView>), Refusal> {
    let new = NewRoom {
        room_type: room_type(required("room_type", fields.text("room_type")?)?)?,
        name: fields.text("name")?.unwrap_or_default().to_owned(),
        task: fields.integer("task")?,
        property: fields.integer("property")?,
        participants: fields.integers("participant_ids")?.unwrap_or_default(),
    };
    let mut chat = app.chat();
    let room = chat.create_room(&caller, new)?;
    Ok((StatusCode::CREATED, Json(RoomView::of(&chat, caller.id, room)?)))
}

/// `GET /api/chat/rooms/{room_id}/`
pub(super) async fn retrieve(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(room): PathUuid,
) -> Result<Json<RoomView>, Refusal> {
    let chat = app.chat();
    let membership = chat.membership(caller.id, room)?;
    RoomView::of(&chat, caller.id, membership.room).map(Json)
}

/// `POST /api/chat/rooms/{room_id}/mark_read/`
pub(super) async fn mark_read(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(room): PathUuid,
) -> Result<Json<Value>, Refusal> {
    app.chat().read_room(&caller, room, Source::Operation)?;
    Ok(Json(json!({ "message": "Room marked as read" })))
}

/// `POST /api/chat/rooms/{room_id}/leave/`
pub(super) async fn leave(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(room): PathUuid,
) -> Result<Json<Value>, Refusal> {
    app.chat().leave_room(&caller, room)?;
    Ok(Json(json!({ "message": "Successfully left the room" })))
}

/// `POST /api/chat/rooms/{room_id}/archive/`
pub(super) async fn archive(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(room): PathUuid,
) -> Result<Json<RoomView>, Refusal> {
    let mut chat = app.chat();
    let room = chat.archive_room(&caller, room)?;
    RoomView::of(&chat, caller.id, room).map(Json)
}

/// `GET /api/chat/rooms/{room_id}/stats/`
pub(super) async fn stats(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(room): PathUuid,
) -> Result<Json<Statistics>, Refusal> {
    let chat = app.chat();
    let membership = chat.membership(caller.id, room)?;
    Ok(Json(Statistics::of(&chat, &membership)?))
}

fn room_type(word: &str) -> Result<RoomType, Refusal> {
    RoomType::named(word)
        .ok_or_else(|| Refusal::invalid("`room_type` must be direct, group, task or property."))
}

fn flag(query: &Query, name: &str) -> Result<bool, Refusal> {
    match query.text(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::invalid(format!("`{name}` must be true or false."))),
    }
}
