//! Requests, as far as faults and readings read and change them.

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::Uri;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use hearback_reference::input::parse_uuid;
use serde_json::Value;
use url::form_urlencoded;
use uuid::Uuid;

/// A request that the server received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Segments of the path.
    path: Vec<String>,
    /// Parameters of the query, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Text of the body.
    pub(crate) text: String,
    /// JSON of the body; null if it is not JSON.
    pub(crate) body: Value,
}

impl Received {
    /// Reads a request.
    pub(super) fn read(head: &Parts, sent: &Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let segments = head.uri.path().split('/').filter(|segment| !segment.is_empty());
        Self {
            path: segments.map(str::to_owned).collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            text: String::from_utf8_lossy(sent).into_owned(),
            body: serde_json::from_slice(sent).unwrap_or_default(),
        }
    }

    /// The last segment of the path.
    pub(crate) fn last_segment(&self) -> &str {
        self.path.last().map(String::as_str).unwrap_or_default()
    }

    /// The message or room that the request is about: in its path, or `room` in its body or its query.
    pub(super) fn subject(&self) -> Option<Uuid> {
        let mut segments = self.path.iter();
        segments
            .find_map(|segment| parse_uuid(segment))
            .or_else(|| parse_uuid(self.text("room")))
            .or_else(|| parse_uuid(self.query("room")?))
    }

    /// Number of characters of path and query.
    pub(crate) fn address_length(&self) -> usize {
        let path: usize = self.path.iter().map(|segment| segment.len() + 1).sum();
        path + self.query.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>()
    }

    /// The id of a message or room in the path.
    pub(crate) fn id_in_path(&self) -> Option<Uuid> {
        self.path.iter().find_map(|segment| parse_uuid(segment))
    }

    /// The id of a participant in the path.
    pub(crate) fn number_in_path(&self) -> Option<i64> {
        self.path.iter().find_map(|segment| segment.parse().ok())
    }

    /// The value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// True if the body has a member that is not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some_and(|value| !value.is_null())
    }

    /// A string in the body.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Removes a member of the body.
    pub(crate) fn forget(&mut self, name: &str) {
        if let Value::Object(members) = &mut self.body {
            members.shift_remove(name);
        }
    }

    /// The request with this query and body.
    pub(super) fn into_request(self, mut head: Parts, sent: Bytes) -> Request {
        if head.uri.query().is_some() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&self.query);
            if let Ok(uri) = format!("{}?{}", head.uri.path(), query.finish()).parse::<Uri>() {
                head.extensions.insert(OriginalUri(uri.clone()));
                head.uri = uri;
            }
        }
        head.headers.remove(CONTENT_LENGTH);
        let body = if self.body.is_null() { sent } else { Bytes::from(self.body.to_string()) };
        Request::from_parts(head, Body::from(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(uri: &str, body: &'static str) -> (Received, Parts, Bytes) {
        let head = Request::builder().uri(uri).body(()).unwrap().into_parts().0;
        let sent = Bytes::from_static(body.as_bytes());
        (Received::read(&head, &sent), head, sent)
    }

    #[test]
    fn changed_queries_replace_the_old_ones() {
        let (mut request, head, sent) = received("/chat/rooms/?search=a%26b&page=2", "");
        assert_eq!(request.query("search"), Some("a&b"));
        request.query.retain(|(name, _)| name != "search");
        let changed = request.into_request(head, sent);
        assert_eq!(changed.uri(), "/chat/rooms/?page=2");

        let (mut request, head, sent) = received("/chat/rooms/?page=2", "");
        request.query.clear();
        assert_eq!(request.into_request(head, sent).uri().query(), Some(""));
    }

    #[test]
    fn the_subject_is_in_the_path_or_the_body() {
        let id = "550e8400-e29b-41d4-a716-446655440000";
        let (in_path, ..) =
            received("/messages/550e8400-e29b-41d4-a716-446655440000/mark_read/", "");
        assert_eq!(in_path.subject(), parse_uuid(id));
        assert_eq!(in_path.last_segment(), "mark_read");
        let (in_body, ..) =
            received("/messages/", r#"{"room": "550e8400-e29b-41d4-a716-446655440000"}"#);
        assert_eq!(in_body.subject(), parse_uuid(id));
        assert_eq!(received("/messages/", "[").0.subject(), None);
    }
}
