//! The reference server behind a layer that changes requests and responses.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use hearback_reference::{App, Options, Seams, Server, Wire};
use hearback_runner::TargetUnderTest;
use parking_lot::Mutex;
use serde_json::Value;

use crate::support::remote;

/// Status for a request, by its method, path and number.
type Refuse = fn(&str, &str, usize) -> Option<u16>;

/// Changes of a target; the default changes nothing but login names: those with `@example.com` log in as the user
/// without it.
#[derive(Default)]
pub(crate) struct Changes {
    /// Status for the request with this number, from 0, of a method and a path.
    pub(crate) refuse: Option<Refuse>,
    /// Change of a JSON response to a method and a path.
    pub(crate) rewrite: Option<fn(&str, &str, &mut Value)>,
    /// True if handshakes without `Origin` are refused.
    pub(crate) requires_origin: bool,
    /// Access token that clients get instead of the one with this number.
    pub(crate) token: Option<fn(usize) -> String>,
}

/// Changes, and what passed so far.
struct Layer {
    changes: Changes,
    /// Number of requests by method and path.
    requests: Mutex<HashMap<(String, String), usize>>,
    /// Tokens of the server, by those that clients have.
    tokens: Mutex<HashMap<String, String>>,
}

/// A running server, its accounts file, and its target.
pub(crate) struct Altered {
    server: Server,
    layer: Arc<Layer>,
    folder: tempfile::TempDir,
}

impl Altered {
    pub(crate) async fn start(changes: Changes) -> Self {
        let layer = Arc::new(Layer::new(changes));
        let seams = Seams { wire: Arc::new(Shared(layer.clone())), ..Seams::default() };
        let options = Options { seams, ..Options::default() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(options, address).await.expect("the server starts");
        Self { server, layer, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Number of requests of a method to a path.
    pub(crate) fn requests(&self, method: &str, path: &str) -> usize {
        let key = (method.to_owned(), path.to_owned());
        self.layer.requests.lock().get(&key).copied().unwrap_or_default()
    }

    /// Number of requests to archive a room, each of another room.
    pub(crate) fn archived(&self) -> usize {
        let requests = self.layer.requests.lock();
        requests.keys().filter(|(_, path)| path.ends_with("/archive/")).count()
    }

    /// The server as a remote target with these accounts: login names, each with further keys.
    pub(crate) fn target(&self, accounts: &[(&str, &str)]) -> TargetUnderTest {
        let path = self.folder.path().join("accounts.toml");
        let tables: String = accounts
            .iter()
            .map(|(login, keys)| {
                let name = login.trim_end_matches("@example.com");
                format!(
                    "[[account]]\nusername = \"{login}\"\npassword = \"{name}-password\"\n{keys}\n"
                )
            })
            .collect();
        std::fs::write(&path, tables).expect("the accounts file is written");
        let remote = remote(self.server.base_url(), self.folder.path());
        remote.open().expect("a valid target")
    }
}

impl Layer {
    fn new(changes: Changes) -> Self {
        Self { changes, requests: Mutex::default(), tokens: Mutex::default() }
    }

    async fn apply(&self, request: Request, next: Next) -> Response {
        let method = request.method().to_string();
        let path = request.uri().path().to_owned();
        let number = {
            let mut requests = self.requests.lock();
            let count = requests.entry((method.clone(), path.clone())).or_default();
            *count += 1;
            *count - 1
        };
        let refused = self.changes.refuse.and_then(|refuse| refuse(&method, &path, number));
        if let Some(status) = refused {
            let status = StatusCode::from_u16(status).expect("a status");
            return (status, "<html>bad gateway</html>").into_response();
        }
        let lacks_origin =
            path.starts_with("/ws") && !request.headers().contains_key(header::ORIGIN);
        if self.changes.requires_origin && lacks_origin {
            return StatusCode::FORBIDDEN.into_response();
        }
        let is_login = path == "/api/token/";
        let request =
            self.with_real_token(if is_login { with_username(request).await } else { request });
        let response = next.run(request).await;
        let is_json = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !is_json {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
            return Response::from_parts(parts, Body::from(bytes));
        };
        if let Some(rewrite) = self.changes.rewrite {
            rewrite(&method, &path, &mut json);
        }
        if let (Some(token), Some(Value::String(access))) =
            (self.changes.token, json.get_mut("access"))
        {
            let mut tokens = self.tokens.lock();
            let alias = token(tokens.len());
            tokens.insert(alias.clone(), std::mem::replace(access, alias));
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, Body::from(json.to_string()))
    }

    fn with_real_token(&self, mut request: Request) -> Request {
        for (alias, token) in &*self.tokens.lock() {
            let headers = request.headers_mut();
            let sent = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
            if sent == Some(&format!("Bearer {alias}")) {
                let real = format!("Bearer {token}").parse().expect("a header");
                headers.insert(header::AUTHORIZATION, real);
            }
            let uri = request.uri().to_string();
            if uri.contains(alias.as_str()) {
                *request.uri_mut() = uri.replace(alias.as_str(), token).parse().expect("a URI");
            }
        }
        request
    }
}

/// The request of a login with the name before `@example.com`.
async fn with_username(request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8_lossy(&bytes).replace("@example.com", "");
    parts.headers.remove(header::CONTENT_LENGTH);
    Request::from_parts(parts, Body::from(text))
}

struct Shared(Arc<Layer>);

impl Wire for Shared {
    fn routes(&self, routes: Router, _app: &Arc<App>) -> Router {
        let layer = self.0.clone();
        routes.layer(middleware::from_fn(move |request, next| {
            let layer = layer.clone();
            async move { layer.apply(request, next).await }
        }))
    }
}
