//! Messages. Section *Messages*.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::caller::Caller;
use super::paging::{Envelope, Page};
use super::path::PathUuid;
use super::query::{Origin, Query};
use crate::app::SharedApp;
use crate::chat::{Chat, Draft};
use crate::faults::{Behaviour, foreign, graveyard, sending, sequence};
use crate::fields::required;
use crate::refusal::Refusal;
use crate::render::MessageView;
use crate::store::messages::{Message, Ordering, Search};

/// Fewest characters that are searched for.
const MINIMUM_SEARCH: usize = 3;

/// `GET /api/chat/messages/`
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    mut query: Query,
) -> Result<Json<Envelope<MessageView>>, Refusal> {
    let room = query.room()?;
    let page = Page::of(&query, &app.faults)?;
    let ordering = match query.text("ordering") {
        None | Some("created_at") => Ordering::OldestFirst,
        Some("-created_at") => Ordering::NewestFirst,
        Some(_) => {
            return Err(Refusal::invalid("`ordering` must be created_at or -created_at."));
        }
    };
    let chat = app.chat();
    let count = chat.membership(caller.id, room)?.room.message_count;
    let mut window = page.window();
    if app.faults.has(Behaviour::PagesDrift) {
        window.offset += (count - query.pinned("as_of", count)).min(1);
    }
    let mut messages = chat.store.messages(room, ordering, window)?;
    app.faults.disorder(&mut messages);
    let results = views(&chat, &origin, messages)?;
    Envelope::new(&origin, &query, page, count, results).map(Json)
}

/// `POST /api/chat/messages/`
pub(super) async fn send(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    draft: Draft,
) -> Result<(StatusCode, Json<MessageView>), Refusal> {
    let stale = sequence::message_count(&app, draft.room).await?;
    let mut chat = app.chat();
    if let Some(lost) = sending::acknowledgement(&chat, &caller, &draft)? {
        return Ok((StatusCode::CREATED, Json(MessageView::of(&chat, &origin.0, lost)?)));
    }
    let mut message = chat.send(&caller, draft)?;
    sequence::write_back(&chat, stale, caller.id)?;
    sending::misname(&chat, &mut message)?;
    Ok((StatusCode::CREATED, Json(MessageView::of(&chat, &origin.0, message)?)))
}

/// `GET /api/chat/messages/{message_id}/`
pub(super) async fn retrieve(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    PathUuid(message): PathUuid,
) -> Result<Json<MessageView>, Refusal> {
    let chat = app.chat();
    let (message, _) = chat.message(caller.id, message)?;
    Ok(Json(MessageView::of(&chat, &origin.0, message)?))
}

/// `PATCH /api/chat/messages/{message_id}/`
pub(super) async fn edit(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    PathUuid(message): PathUuid,
    JsonBody(fields): JsonBody,
) -> Result<Json<MessageView>, Refusal> {
    let content = required("content", fields.text("content")?)?;
    let stale = sequence::readers(&app, Behaviour::EditOverwritesReaders, message).await?;
    let mut chat = app.chat();
    let message = chat.edit(&caller, message, content)?;
    sequence::write_back(&chat, stale, caller.id)?;
    Ok(Json(MessageView::of(&chat, &origin.0, message)?))
}

/// `DELETE /api/chat/messages/{message_id}/`
pub(super) async fn delete(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    PathUuid(message): PathUuid,
) -> Result<Json<MessageView>, Refusal> {
    let mut chat = app.chat();
    let message = chat.delete(&caller, message)?;
    Ok(Json(MessageView::of(&chat, &origin.0, message)?))
}

/// `POST /api/chat/messages/{message_id}/mark_read/`
pub(super) async fn mark_read(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(message): PathUuid,
) -> Result<Json<Value>, Refusal> {
    let stale = sequence::readers(&app, Behaviour::SimultaneousReadersOverwrite, message).await?;
    let mut chat = app.chat();
    let (message, membership) = chat.message(caller.id, message)?;
    chat.read(&caller, &message, &membership)?;
    sequence::write_back(&chat, stale, caller.id)?;
    Ok(Json(json!({ "message": "Message marked as read" })))
}

/// `GET /api/chat/messages/search/`
pub(super) async fn search(
    State(app): State<SharedApp>,
    caller: Caller,
    origin: Origin,
    query: Query,
) -> Result<Json<Envelope<MessageView>>, Refusal> {
    let text = required("q", query.text("q"))?;
    let short = text.chars().count() < MINIMUM_SEARCH;
    if short && !app.faults.has(Behaviour::SearchesShortTexts) {
        return Err(Refusal::invalid("`q` must have at least 3 characters."));
    }
    let page = Page::of(&query, &app.faults)?;
    let mut search = Search { user: caller.id, room: query.uuid("room")?, text };
    let chat = app.chat();
    if let Some(room) = search.room {
        chat.membership(caller.id, room)?;
    }
    app.faults.distort_search(&mut search);
    let count = chat.store.count_found(search)?;
    let mut messages = chat.store.search(search, page.window())?;
    if app.faults.has(Behaviour::SearchesForeignRooms) {
        messages.extend(foreign::messages(&chat, search)?);
    }
    messages.extend(graveyard::found(&chat, search)?);
    let results = views(&chat, &origin, messages)?;
    Envelope::new(&origin, &query, page, count, results).map(Json)
}

fn views(
    chat: &Chat,
    origin: &Origin,
    messages: Vec<Message>,
) -> rusqlite::Result<Vec<MessageView>> {
    messages.into_iter().map(|message| MessageView::of(chat, &origin.0, message)).collect()
}
