//! The query of a request, and where the client reaches this server.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use url::form_urlencoded;
use uuid::Uuid;

use crate::app::SharedApp;
use crate::fields::{parse_uuid, required};
use crate::refusal::Refusal;

/// `http://` and the host that the client named: links lead back to where the request came in.
pub(super) struct Origin(pub(super) String);

impl FromRequestParts<SharedApp> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Infallible> {
        let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Ok(Self(match named {
            Some(host) => format!("http://{host}"),
            None => format!("http://{}", app.address),
        }))
    }
}

/// Query parameters; of one given twice, the last counts.
pub(super) struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// The parameter of this name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The UUID of this name.
    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, Refusal> {
        self.text(name)
            .map(|text| {
                parse_uuid(text)
                    .ok_or_else(|| Refusal::invalid(format!("`{name}` must be a UUID.")))
            })
            .transpose()
    }

    /// The room, where a list is always of one.
    pub(super) fn room(&self) -> Result<Uuid, Refusal> {
        required("room", self.uuid("room")?)
    }

    /// The number of this name; `value`, from here on also in links, where there is none.
    pub(super) fn pinned(&mut self, name: &str, value: i64) -> i64 {
        match self.text(name).and_then(|text| text.parse().ok()) {
            Some(pinned) => pinned,
            None => {
                self.pairs.push((name.to_owned(), value.to_string()));
                value
            }
        }
    }

    /// This path with this query but for one parameter.
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
        // Routers that are nested see a shortened path.
        let original = parts.extensions.get::<axum::extract::OriginalUri>();
        let uri = original.map_or(&parts.uri, |original| &original.0);
        Ok(Self::parse(uri.path_and_query()))
    }
}

impl Query {
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
    fn one_parameter_changes_and_the_others_stay() {
        let uri = "/api/chat/rooms/?search=a%26b&page=2&page_size=3".parse().unwrap();
        let query = Query::parse(Some(&uri));
        assert_eq!(query.text("search"), Some("a&b"));
        assert_eq!(query.with("page", "3"), "/api/chat/rooms/?page=3&search=a%26b&page_size=3");
    }
}
