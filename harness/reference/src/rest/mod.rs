//! The 20 operations, and the attachments of messages. Section *REST API Endpoints*.

mod base_url;
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

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, patch, post};

use crate::app::SharedApp;
use crate::refusal::Refusal;
use crate::socket;

/// Maximum size of a JSON body, and of the parts of a form beside the attachment, in bytes.
const BODY: usize = 2 << 20;

/// Forbids caches to store a response: all are for one user.
async fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// All routes of the server.
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
    Router::new()
        .nest("/api", operations)
        .route("/media/{message_id}/", get(media::download))
        .route("/ws/chat/{room_id}/", get(socket::open))
        .fallback(async || Refusal::NotFound("There is nothing at this path."))
        .method_not_allowed_fallback(async || Refusal::MethodNotAllowed)
        .layer(limit)
        .layer(map_response(private))
        .with_state(app)
}
