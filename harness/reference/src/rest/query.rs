//! Queries of requests.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use url::form_urlencoded;
use uuid::Uuid;

use crate::input::{parse_uuid, required};
use crate::refusal::Refusal;

/// Query parameters; the last one counts if a name is given twice.
pub(super) struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// The parameter with this name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The UUID with this name.
    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, Refusal> {
        self.text(name)
            .map(|text| {
                parse_uuid(text)
                    .ok_or_else(|| Refusal::invalid(format!("`{name}` must be a UUID.")))
            })
            .transpose()
    }

    /// The room, which is required.
    pub(super) fn room(&self) -> Result<Uuid, Refusal> {
        required("room", self.uuid("room")?)
    }

    /// The same path and query with another value of one parameter.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let others = self.pairs.iter().filter(|(key, _)| key != name);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .extend_pairs(others)
            .finish();
        format!("{}?{query}", self.path)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Nested routers see a shortened path.
        let original = parts.extensions.get::<axum::extract::OriginalUri>();
        let uri = original.map_or(&parts.uri, |original| &original.0);
        Ok(Self::parse(uri.path_and_query()))
    }
}

impl Query {
    /// Parses the query of a URI.
    pub(super) fn parse(uri: Option<&PathAndQuery>) -> Self {
        let query = uri.and_then(PathAndQuery::query).unwrap_or_default();
        Self {
            path: uri.map(PathAndQuery::path).unwrap_or_default().to_owned(),
            pairs: form_urlencoded::parse(query.as_bytes())
                .map(|(key, value)| (Cow::into_owned(key), Cow::into_owned(value)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parameters_are_kept() {
        let uri = "/api/chat/rooms/?search=a%26b&page=2&page_size=3".parse().unwrap();
        let query = Query::parse(Some(&uri));
        assert_eq!(query.text("search"), Some("a&b"));
        assert_eq!(query.with("page", "3"), "/api/chat/rooms/?page=3&search=a%26b&page_size=3");
    }
}
