//! The files of messages, for members of their rooms.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue};
use url::form_urlencoded;

use super::caller::Caller;
use super::path::PathUuid;
use crate::app::SharedApp;
use crate::faults::Behaviour;
use crate::refusal::Refusal;

/// `GET /media/{message_id}/`, where `attachment` of a message leads.
pub(super) async fn download(
    State(app): State<SharedApp>,
    caller: Caller,
    PathUuid(message): PathUuid,
) -> Result<(HeaderMap, Vec<u8>), Refusal> {
    let chat = app.chat();
    chat.message(caller.id, message)?;
    let mut attachment = chat
        .store
        .attachment(message)?
        .ok_or(Refusal::NotFound("The message has no attachment."))?;
    if app.faults.has(Behaviour::TruncatesFiles) {
        attachment.bytes.pop();
    }
    let content_type = HeaderValue::from_str(&attachment.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = HeaderValue::from_str(&disposition(&attachment.name))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, content_type),
        (CONTENT_DISPOSITION, disposition),
        // Without this, a browser may take somebody's upload for a page of this origin.
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    Ok((headers, attachment.bytes))
}

/// The name in the form of RFC 5987, which holds any Unicode.
fn disposition(name: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    // Form encoding, but for the space.
    format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_fits_a_header() {
        assert_eq!(
            disposition("a b+\"ü\r\n.png"),
            "attachment; filename*=UTF-8''a%20b%2B%22%C3%BC%0D%0A.png"
        );
    }
}
