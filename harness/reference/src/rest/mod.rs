//! The 20 operations and the media that messages carry. Section *REST API Endpoints*.

mod body;
mod caller;
mod draft;
mod media;
mod messages;
mod paging;
mod participants;
mod path;
mod query;
mod rooms;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post};

use crate::app::SharedApp;
use crate::faults::{falsify, misread};
use crate::refusal::Refusal;
use crate::socket;

/// Room for the other parts of a form around an attachment, and for any JSON body.
const BODY: usize = 2 << 20;

/// Every path of the server.
pub(crate) fn router(app: SharedApp) -> Router {
    let operations = Router::new()
        .route("/token/", post(tokens::obtain))
        .route("/token/refresh/", post(tokens::refresh))
        .route("/chat/rooms/", get(rooms::list).post(rooms::create))
        .route("/chat/rooms/{room_id}/", get(rooms::retrieve))
        .route("/chat/rooms/{room_id}/mark_read/", post(rooms::mark_read))
        .route("/chat/rooms/{room_id}/leave/", post(rooms::leave))
        .route("/chat/rooms/{room_id}/archive/", post(rooms::archive))
        .route("/chat/rooms/{room_id}/stats/", get(rooms::stats))
        .route("/chat/messages/", get(messages::list).post(messages::send))
        .route("/chat/messages/search/", get(messages::search))
        .route(
            "/chat/messages/{message_id}/",
            patch(messages::edit).get(messages::retrieve).delete(messages::delete),
        )
        .route("/chat/messages/{message_id}/mark_read/", post(messages::mark_read))
        .route("/chat/participants/", get(participants::list).post(participants::add))
        .route("/chat/participants/{participant_id}/", axum::routing::delete(participants::remove))
        .route("/chat/participants/{participant_id}/mute/", post(participants::mute));
    let limit = DefaultBodyLimit::max(app.media_limit + BODY);
    let router = Router::new()
        .nest("/api", operations)
        .route("/media/{message_id}/", get(media::download))
        .route("/ws/chat/{room_id}/", get(socket::open))
        .fallback(async || Refusal::NotFound("There is nothing at this path."))
        .method_not_allowed_fallback(async || Refusal::MethodNotAllowed)
        .layer(limit);
    let router = match app.faults.falsifies() {
        false => router,
        true => router.layer(from_fn_with_state(Arc::clone(&app), falsify)),
    };
    let router = match app.faults.misreads() {
        false => router,
        true => router.layer(from_fn_with_state(Arc::clone(&app), misread)),
    };
    router.with_state(app)
}
