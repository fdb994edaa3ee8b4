//! Messages. Section *Messages*.

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
use crate::chat::{Chat, Draft};
use crate::delivery::Source;
use crate::input::required;
use crate::refusal::Refusal;
use crate::store::messages::{Message, Ordering};
use crate::store::search::Search;
use crate::views::MessageView;

/// `GET /api/chat/messages/`
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    query: Query,
) -> Result<Json<Envelope<MessageView>>, Refusal> {
    let room = query.room()?;
    let page = Page::of(&query, &*app.rules.validation)?;
    let ordering = match query.text("ordering") {
        None | Some("created_at") => Ordering::OldestFirst,
        Some("-created_at") => Ordering::NewestFirst,
        Some(_) => {
            return Err(Refusal::invalid("`ordering` must be created_at or -created_at."));
        }
    };
    let chat = app.chat();
    let membership = chat.membership(caller.id, room)?;
    let listing = &app.rules.listing;
    let (count, messages) = listing.messages(&chat.store, &membership, ordering, page.window())?;
    let results = views(&chat, &base_url, messages)?;
    Envelope::new(&base_url, &*app.rules.validation, &query, page, count, results).map(Json)
}

/// `POST /api/chat/messages/`
pub(super) async fn send(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    draft: Draft,
) -> Result<(StatusCode, Json<MessageView>), Refusal> {
    let mut chat = app.chat();
    let message = chat.send(&caller, draft)?;
    Ok((StatusCode::CREATED, Json(MessageView::of(&chat, &base_url.0, message)?)))
}

/// `GET /api/chat/messages/{message_id}/`
pub(super) async fn retrieve(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    PathUuid(message): PathUuid,
) -> Result<Json<MessageView>, Refusal> {
    let chat = app.chat();
    let (message, _) = chat.message(caller.id, message)?;
    Ok(Json(MessageView::of(&chat, &base_url.0, message)?))
}

/// `PATCH /api/chat/messages/{message_id}/`
pub(super) async fn edit(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    PathUuid(message): PathUuid,
    JsonBody(fields): JsonBody,
) -> Result<Json<MessageView>, Refusal> {
    let content = required("content", fields.text("content")?)?;
    let mut chat = app.chat();
    let message = chat.edit(&caller, message, content)?;
    Ok(Json(MessageView::of(&chat, &base_url.0, message)?))
}

/// `DELETE /api/chat/messages/{message_id}/`
pub(super) async fn delete(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    PathUuid(message): PathUuid,
) -> Result<Json<MessageView>, Refusal> {
    let mut chat = app.chat();
    let message = chat.delete(&caller, message)?;
    Ok(Json(MessageView::of(&chat, &base_url.0, message)?))
}

/// `POST /api/chat/messages/{message_id}/mark_read/`
pub(super) async fn mark_read(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(message): PathUuid,
) -> Result<Json<Value>, Refusal> {
    let mut chat = app.chat();
    let (message, membership) = chat.message(caller.id, message)?;
    chat.read(&caller, &message, &membership, Source::Operation)?;
    Ok(Json(json!({ "message": "Message marked as read" })))
}

/// `GET /api/chat/messages/search/`
pub(super) async fn search(
    State(app): State<SharedApp>,
    caller: Caller,
    base_url: BaseUrl,
    query: Query,
) -> Result<Json<Envelope<MessageView>>, Refusal> {
    let text = required("q", query.text("q"))?;
    app.rules.validation.check_search(text)?;
    let page = Page::of(&query, &*app.rules.validation)?;
    let search = Search { user: caller.id, room: query.uuid("room")?, text };
    let chat = app.chat();
    if let Some(room) = search.room {
        chat.membership(caller.id, room)?;
    }
    let (count, messages) = app.rules.listing.search(&chat.store, search, page.window())?;
    let results = views(&chat, &base_url, messages)?;
    Envelope::new(&base_url, &*app.rules.validation, &query, page, count, results).map(Json)
}

fn views(
    chat: &Chat,
    base_url: &BaseUrl,
    messages: Vec<Message>,
) -> rusqlite::Result<Vec<MessageView>> {
    messages.into_iter().map(|message| MessageView::of(chat, &base_url.0, message)).collect()
}
