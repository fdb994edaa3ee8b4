//! URLs of the target.

use std::sync::Arc;

use hearback_contract::{Operation, RoomId};
use hearback_history::escape::escape;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::connection::Connection;

/// Characters that are percent-encoded in a path segment: all but the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The placeholder of the room in a socket URL.
const ROOM: &str = "{room}";

/// The URLs of a target, and how it is reached. Sections *Base URL* and *Connection*.
#[derive(Clone, Debug)]
pub struct Target {
    rest: Url,
    socket: SocketUrl,
    connection: Arc<Connection>,
}

/// The URLs of the sockets.
#[derive(Clone, Debug)]
enum SocketUrl {
    /// The path of the specification is appended.
    Base(Url),
    /// The placeholder is replaced by the room.
    Template {
        text: String,
        /// The URL of a room named `room`.
        example: Url,
    },
}

/// Error of a base URL.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    /// The text is not a URL.
    #[error("invalid URL `{shown}`: {reason}")]
    NotAUrl {
        /// The text after the last `@`, since the part before may be a password.
        shown: String,
        /// Error of the parser.
        reason: String,
    },
    /// The text has no scheme.
    #[error("invalid URL `{shown}`: add a scheme, for example {scheme}://{shown}")]
    NoScheme {
        /// The text after the last `@`, since the part before may be a password.
        shown: String,
        /// A supported scheme.
        scheme: &'static str,
    },
    /// The scheme is not supported.
    #[error("unsupported scheme `{found}`: the URL must begin with {expected}")]
    Scheme {
        /// The scheme of the URL.
        found: String,
        /// The supported schemes.
        expected: &'static str,
    },
    /// The URL contains a user name or a password.
    #[error(
        "the URL contains a user name or a password; put those of an account into the accounts file, and those of \
         a gateway into --user"
    )]
    Credentials,
    /// The placeholder is not in the path or the query.
    #[error("the placeholder {ROOM} must be part of the path or the query")]
    Placeholder,
    /// The URL has a query or a fragment.
    #[error("a base URL must not contain `?` or `#`")]
    Query,
}

impl Target {
    /// A target with a REST base URL, `https://host/api`, and a socket base URL, `wss://host/ws`.
    ///
    /// The socket base URL is derived if it is `None`: a last segment `api` becomes `ws`, or `ws` is appended. One
    /// with the placeholder `{room}`, `wss://host/rt?room={room}`, is the whole URL of a socket.
    ///
    /// # Errors
    /// If a URL is invalid, has an unsupported scheme, or contains more than scheme, host and path.
    pub fn new(base: &str, socket: Option<&str>) -> Result<Self, TargetError> {
        let rest = base_url(base, ["http", "https"], "http:// or https://")?;
        let socket = match socket {
            Some(socket) => SocketUrl::parse(socket)?,
            None => SocketUrl::Base(derived_socket(&rest)),
        };
        Ok(Self { rest, socket, connection: Arc::default() })
    }

    /// The same target, reached in another way.
    #[must_use]
    pub fn reached_by(self, connection: Connection) -> Self {
        Self { connection: Arc::new(connection), ..self }
    }

    /// The way in which requests and handshakes reach it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Base URL of the operations, without a trailing slash unless it has no path.
    pub fn rest(&self) -> &Url {
        &self.rest
    }

    /// Base URL of the sockets, without a trailing slash unless it has no path; or the URL of a socket whose room
    /// is named `room`.
    pub fn socket(&self) -> &Url {
        match &self.socket {
            SocketUrl::Base(url) | SocketUrl::Template { example: url, .. } => url,
        }
    }

    /// The URL of the sockets as it was given, with the placeholder `{room}` if it has one.
    pub fn socket_text(&self) -> &str {
        match &self.socket {
            SocketUrl::Base(url) => url.as_str(),
            SocketUrl::Template { text, .. } => text,
        }
    }

    /// URL of an operation. Parameters are percent-encoded; a missing one remains a placeholder.
    ///
    /// `.` and `..` are encoded twice, since HTTP clients do not send them as segments.
    pub fn operation_url(
        &self,
        operation: Operation,
        path_parameters: &[String],
        query: &[(String, String)],
    ) -> Url {
        let encoded: Vec<String> = path_parameters.iter().map(|text| segment(text)).collect();
        let encoded: Vec<&str> = encoded.iter().map(String::as_str).collect();
        let spec = operation.spec();
        let mut url = below(&self.rest, &spec.path_with(&encoded));
        if !query.is_empty() {
            let sent = query.iter().map(|(name, value)| (spec.sent_name(name), value));
            url.query_pairs_mut().extend_pairs(sent);
        }
        url
    }

    /// URL of the socket of a room; without a token, it has no `token` parameter. Section *Connection*.
    pub fn socket_url(&self, room: &RoomId, token: Option<&str>) -> Url {
        let room = segment(room.as_str());
        let mut url = match &self.socket {
            SocketUrl::Base(base) => below(base, &format!("/chat/{room}/")),
            SocketUrl::Template { text, example } => {
                text.replace(ROOM, &room).parse().unwrap_or_else(|_| example.clone())
            }
        };
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("token", token);
        }
        url
    }

    /// Query of a link to another page of an operation; `None` if the link does not lead to one.
    ///
    /// A request with this query stays at the target, whatever host the link names.
    pub fn query_of(&self, operation: Operation, link: &str) -> Option<Vec<(String, String)>> {
        operation.page_query(&self.rest, link)
    }

    /// Returns whether requests and sockets stay on this machine. Addresses and proxies of the
    /// [`Connection`] may lead elsewhere although the names look like this machine.
    pub fn is_loopback(&self) -> bool {
        self.remote_hosts().is_empty()
    }

    /// The hosts of REST and sockets that are not this machine, without repeats.
    pub fn remote_hosts(&self) -> Vec<&str> {
        let urls = [&self.rest, self.socket()];
        let remote = urls.into_iter().filter(|url| !self.connection.stays_on_this_machine(url));
        let mut hosts: Vec<_> = remote.filter_map(Url::host_str).collect();
        hosts.dedup();
        hosts
    }

    /// Returns whether `url` has the scheme, host and port of the REST base URL.
    pub fn same_origin(&self, url: &Url) -> bool {
        url.origin() == self.rest.origin()
    }
}

impl SocketUrl {
    fn parse(text: &str) -> Result<Self, TargetError> {
        let (schemes, expected) = (["ws", "wss"], "ws:// or wss://");
        if !text.contains(ROOM) {
            return Ok(Self::Base(base_url(text, schemes, expected)?));
        }
        let text = text.trim();
        let example = absolute_url(&text.replace(ROOM, "room"), schemes, expected)?;
        let other = absolute_url(&text.replace(ROOM, "other"), schemes, expected)?;
        if example.origin() != other.origin() || example.fragment().is_some() {
            return Err(TargetError::Placeholder);
        }
        Ok(Self::Template { text: text.to_owned(), example })
    }
}

/// A URL without credentials that has one of two schemes.
fn absolute_url(
    text: &str,
    schemes: [&'static str; 2],
    expected: &'static str,
) -> Result<Url, TargetError> {
    let shown = || escape(text.rsplit('@').next().unwrap_or_default(), 100);
    // The parser takes `localhost:8000` for a URL with the scheme `localhost`.
    if !text.contains("://") {
        return Err(TargetError::NoScheme { shown: shown(), scheme: schemes[0] });
    }
    let url = Url::parse(text)
        .map_err(|error| TargetError::NotAUrl { shown: shown(), reason: error.to_string() })?;
    if !schemes.contains(&url.scheme()) {
        return Err(TargetError::Scheme { found: url.scheme().to_owned(), expected });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::Credentials);
    }
    Ok(url)
}

fn base_url(
    text: &str,
    schemes: [&'static str; 2],
    expected: &'static str,
) -> Result<Url, TargetError> {
    let mut url = absolute_url(text.trim(), schemes, expected)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(TargetError::Query);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn derived_socket(rest: &Url) -> Url {
    let path = rest.path().trim_end_matches('/');
    let parent = path.strip_suffix("/api").unwrap_or(path);
    let scheme = if rest.scheme() == "https" { "wss" } else { "ws" };
    let mut socket = rest.clone();
    socket.set_path(&format!("{parent}/ws"));
    socket.set_scheme(scheme).expect("http and ws are both special schemes");
    socket
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

fn segment(text: &str) -> String {
    match text {
        "." => "%252E".to_owned(),
        ".." => "%252E%252E".to_owned(),
        _ => utf8_percent_encode(text, RESERVED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::ConnectionSettings;

    fn socket_of(base: &str) -> String {
        Target::new(base, None).unwrap().socket_url(&"r".into(), None).into()
    }

    #[test]
    fn the_socket_url_is_derived_from_the_base_url() {
        assert_eq!(socket_of("https://h/api"), "wss://h/ws/chat/r/");
        assert_eq!(socket_of("https://h/x/api/"), "wss://h/x/ws/chat/r/");
        assert_eq!(socket_of("http://h:8000"), "ws://h:8000/ws/chat/r/");
        assert_eq!(socket_of("http://h/myapi"), "ws://h/myapi/ws/chat/r/");
        assert_eq!(socket_of("http://[::1]:9/api"), "ws://[::1]:9/ws/chat/r/");
    }

    #[test]
    fn an_explicit_socket_url_is_used() {
        let target = Target::new("https://h/api", Some("wss://sockets.h/live/")).unwrap();
        assert_eq!(
            target.socket_url(&"r".into(), Some("a+b")).as_str(),
            "wss://sockets.h/live/chat/r/?token=a%2Bb"
        );
    }

    #[test]
    fn a_placeholder_is_replaced_by_the_room() {
        let target = |socket: &str| Target::new("https://h/api", Some(socket));
        let url = |socket: &str| -> String {
            target(socket).unwrap().socket_url(&"a/b".into(), Some("t")).into()
        };
        assert_eq!(url("wss://h/rt?room={room}"), "wss://h/rt?room=a%2Fb&token=t");
        assert_eq!(url("wss://h/{room}/live"), "wss://h/a%2Fb/live?token=t");
        let rt = target("wss://h/rt?room={room}").unwrap();
        assert_eq!(rt.socket_text(), "wss://h/rt?room={room}");
        assert_eq!(rt.socket().host_str(), Some("h"));
        for invalid in ["wss://{room}/ws", "wss://h/#{room}"] {
            assert_eq!(target(invalid).unwrap_err(), TargetError::Placeholder, "{invalid}");
        }
    }

    #[test]
    fn a_target_is_remote_if_anything_leads_elsewhere() {
        let remote = |base: &str, socket: Option<&str>, settings: ConnectionSettings| {
            let target = Target::new(base, socket).unwrap();
            let target = target.reached_by(Connection::new(&settings).unwrap());
            target.remote_hosts().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let none = ConnectionSettings::default;
        let local = "http://localhost:80/api";
        assert_eq!(remote(local, None, none()), [""; 0]);
        assert_eq!(remote(local, Some("ws://other/ws"), none()), ["other"]);
        assert_eq!(remote("http://h/api", Some("ws://other/ws"), none()), ["h", "other"]);
        assert_eq!(remote("http://h/api", None, none()), ["h"]);
        let resolve = |text: &str| ConnectionSettings { resolve: vec![text.to_owned()], ..none() };
        assert_eq!(remote(local, None, resolve("localhost:80:10.0.0.1")), ["localhost"]);
        assert_eq!(remote(local, None, resolve("localhost:80:[::1]")), [""; 0]);
        let proxy = |url: &str| ConnectionSettings { proxy: Some(url.into()), ..none() };
        assert_eq!(remote(local, None, proxy("http://proxy:1")), ["localhost"]);
        assert_eq!(remote(local, None, proxy("http://127.0.0.1:1")), [""; 0]);
    }

    #[test]
    fn invalid_base_urls_are_rejected() {
        let error = |base: &str| Target::new(base, None).unwrap_err();
        assert!(matches!(error("chat.example"), TargetError::NoScheme { .. }));
        assert!(matches!(error("https://"), TargetError::NotAUrl { .. }));
        assert_eq!(
            error("localhost:8000").to_string(),
            "invalid URL `localhost:8000`: add a scheme, for example http://localhost:8000"
        );
        assert!(matches!(error("ftp://h/api"), TargetError::Scheme { .. }));
        assert_eq!(error("https://alice:hunter2@h/api"), TargetError::Credentials);
        assert_eq!(error("https://h/api?x=1"), TargetError::Query);
        assert_eq!(error("https://h/api#x"), TargetError::Query);
        assert!(!error("alice:hunter2@:h/").to_string().contains("hunter2"));
        let socket = Target::new("https://h/api", Some("https://h/ws")).unwrap_err();
        assert!(matches!(socket, TargetError::Scheme { expected: "ws:// or wss://", .. }));
    }

    #[test]
    fn parameters_are_encoded() {
        let target = Target::new("http://h/api", None).unwrap();
        let url = |parameter: &str| -> String {
            target.operation_url(Operation::RoomsGet, &[parameter.to_owned()], &[]).into()
        };
        assert_eq!(url("1"), "http://h/api/chat/rooms/1/");
        assert_eq!(url("../a?b#c %\t"), "http://h/api/chat/rooms/..%2Fa%3Fb%23c%20%25%09/");
        assert_eq!(url(".."), "http://h/api/chat/rooms/%252E%252E/");
        let query = [("q".to_owned(), "a&b ü".to_owned())];
        assert_eq!(
            target.operation_url(Operation::MessagesSearch, &[], &query).as_str(),
            "http://h/api/chat/messages/search/?q=a%26b+%C3%BC"
        );
    }

    #[test]
    fn loopback_and_origin_are_recognized() {
        let target = |base: &str| Target::new(base, None).unwrap();
        for base in ["http://127.0.0.2/api", "http://[::1]/api", "http://localhost:1/api"] {
            assert!(target(base).is_loopback(), "{base}");
        }
        assert!(!target("http://localhost.example/api").is_loopback());
        let here = target("https://h/api");
        assert!(here.same_origin(&"https://h:443/elsewhere".parse().unwrap()));
        for other in ["http://h/", "https://h:444/", "https://h.example/", "data:text/plain,x"] {
            assert!(!here.same_origin(&other.parse().unwrap()), "{other}");
        }
    }
}
