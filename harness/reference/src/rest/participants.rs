//! Participants. Section *Participants*.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::base_url::BaseUrl;
use super::body::JsonBody;
use super::caller::Caller;
use super::paging::{Envelope, Page};
use super::path::PathNumber;
use super::query::Query;
use crate::app::SharedApp;
use crate::input::{Fields, required};
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;
use crate::views::ParticipantView;

/// `GET /api/chat/participants/`
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    query: Query,
) -> Result<Json<Envelope<ParticipantView>>, Refusal> {
    let room = query.room()?;
    let page = Page::of(&query, &*app.rules.validation)?;
    let chat = app.chat();
    chat.membership(caller.id, room)?;
    let listing = &app.rules.listing;
    let (count, participants) = listing.participants(&chat.store, room, page.window())?;
    let results = participants
        .into_iter()
        .map(|participant| ParticipantView::of(&chat.directory, participant))
        .collect();
    Envelope::new(&base_url, &*app.rules.validation, &query, page, count, results).map(Json)
}

/// `POST /api/chat/participants/`
pub(super) async fn add(
    State(app): State<SharedApp>,
    caller: Caller,
    JsonBody(fields): JsonBody,
) -> Result<(StatusCode, Json<ParticipantView>), Refusal> {
    let room = required("room", fields.uuid("room")?)?;
    let user = required("user", fields.integer("user")?)?;
    let is_admin = fields.boolean("is_admin")?.unwrap_or(false);
    let participant = app.chat().add_participant(&caller, room, user, is_admin)?;
    Ok((StatusCode::CREATED, Json(ParticipantView::of(&app.directory, participant))))
}

/// `DELETE /api/chat/participants/{participant_id}/`
pub(super) async fn remove(
    State(app): State<SharedApp>,
    caller: Caller,
    PathNumber(participant): PathNumber,
) -> Result<Json<Value>, Refusal> {
    app.chat().remove_participant(&caller, participant)?;
    Ok(Json(json!({ "message": "Participant removed" })))
}

/// `POST /api/chat/participants/{participant_id}/mute/`
pub(super) async fn mute(
    State(app): State<SharedApp>,
    caller: Caller,
    PathNumber(participant): PathNumber,
    JsonBody(fields): JsonBody,
) -> Result<Json<ParticipantView>, Refusal> {
    let muted = required("muted", fields.boolean("muted")?)?;
    let participant = app.chat().mute_participant(&caller, participant, muted, until(&fields)?)?;
    Ok(Json(ParticipantView::of(&app.directory, participant)))
}

fn until(fields: &Fields) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = fields.text("muted_until")? else { return Ok(None) };
    Timestamp::parse(text)
        .map(Some)
        .ok_or_else(|| Refusal::invalid("`muted_until` must be a date-time with a zone."))
}
