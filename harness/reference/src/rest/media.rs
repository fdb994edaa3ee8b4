//! Attachments, for members of the rooms.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Uri};
use url::form_urlencoded;

use super::caller::Caller;
use super::path::PathUuid;
use crate::app::SharedApp;
use crate::refusal::Refusal;
use crate::rules::Download;

/// `GET /media/{message_id}/`, the URL in `attachment` of a message.
pub(super) async fn download(
    State(app): State<SharedApp>,
    caller: Result<Caller, Refusal>,
    PathUuid(message): PathUuid,
    uri: Uri,
) -> Result<(HeaderMap, Vec<u8>), Refusal> {
    let chat = app.chat();
    let user = caller.as_ref().ok().map(|caller| caller.id);
    let readable = caller.and_then(|caller| chat.message(caller.id, message)).map(drop);
    let query = uri.query().unwrap_or_default();
    let download = Download { store: &chat.store, message, user, query };
    app.rules.permissions.check_download(readable, &download)?;
    let attachment = app
        .rules
        .storage
        .attachment(&chat.store, message)?
        .ok_or(Refusal::NotFound("The message has no attachment."))?;
    let content_type = HeaderValue::from_str(&attachment.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = HeaderValue::from_str(&disposition(&attachment.name))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, content_type),
        (CONTENT_DISPOSITION, disposition),
        // Without this header, a browser may treat an upload as a page of this origin.
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    Ok((app.rules.rendering.file_headers(headers), attachment.bytes))
}

/// A file name in the form of RFC 5987, which supports all of Unicode.
fn disposition(name: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    // Form encoding, except for the space.
    format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_hold_any_name() {
        assert_eq!(
            disposition("a b+\"ü\r\n.png"),
            "attachment; filename*=UTF-8''a%20b%2B%22%C3%BC%0D%0A.png"
        );
    }
}
