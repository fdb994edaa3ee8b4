//! URLs of the target.

use std::net::IpAddr;

use hearback_contract::{Operation, RoomId};
use hearback_history::escape::escape;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

/// Characters that are percent-encoded in a path segment: all but the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The base URLs of a target. Sections *Base URL* and *Connection*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    rest: Url,
    socket: Url,
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
    #[error("the URL contains a user name or a password; put them into the accounts file")]
    Credentials,
    /// The URL has a query or a fragment.
    #[error("a base URL must not contain `?` or `#`")]
    Query,
}

impl Target {
    /// A target with a REST base URL, `https://host/api`, and a socket base URL, `wss://host/ws`.
    ///
    /// The socket base URL is derived if it is `None`: a last segment `api` becomes `ws`, or `ws` is appended.
    ///
    /// # Errors
    /// If a URL is invalid, has an unsupported scheme, or contains more than scheme, host and path.
    pub fn new(base: &str, socket: Option<&str>) -> Result<Self, TargetError> {
        let rest = base_url(base, ["http", "https"], "http:// or https://")?;
        let socket = match socket {
            Some(socket) => base_url(socket, ["ws", "wss"], "ws:// or wss://")?,
            None => derived_socket(&rest),
        };
        Ok(Self { rest, socket })
    }

    /// Base URL of the operations, without a trailing slash unless it has no path.
    pub fn rest(&self) -> &Url {
        &self.rest
    }

    /// Base URL of the sockets, without a trailing slash unless it has no path.
    pub fn socket(&self) -> &Url {
        &self.socket
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
        let mut url = below(&self.rest, &operation.spec().path_with(&encoded));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// URL of the socket of a room; without a token, it has no `token` parameter. Section *Connection*.
    pub fn socket_url(&self, room: &RoomId, token: Option<&str>) -> Url {
        let mut url = below(&self.socket, &format!("/chat/{}/", segment(room.as_str())));
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("token", token);
        }
        url
    }

    /// Query of a link to another page of an operation; `None` if the link leads elsewhere.
    pub fn query_of(&self, operation: Operation, link: &str) -> Option<Vec<(String, String)>> {
        let own = self.operation_url(operation, &[], &[]);
        let url = own.join(link).ok()?;
        let is_own = self.same_origin(&url)
            && url.path() == own.path()
            && url.username().is_empty()
            && url.password().is_none();
        is_own.then(|| url.query_pairs().into_owned().collect())
    }

    /// Returns whether the host is a loopback address or `localhost`.
    pub fn is_loopback(&self) -> bool {
        match self.rest.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        }
    }

    /// Returns whether `url` has the scheme, host and port of the REST base URL.
    pub fn same_origin(&self, url: &Url) -> bool {
        url.origin() == self.rest.origin()
    }
}

fn base_url(
    text: &str,
    schemes: [&'static str; 2],
    expected: &'static str,
) -> Result<Url, TargetError> {
    let text = text.trim();
    let shown = escape(text.rsplit('@').next().unwrap_or_default(), 100);
    // The parser takes `localhost:8000` for a URL with the scheme `localhost`.
    if !text.contains("://") {
        return Err(TargetError::NoScheme { shown, scheme: schemes[0] });
    }
    let mut url = Url::parse(text)
        .map_err(|error| TargetError::NotAUrl { shown, reason: error.to_string() })?;
    if !schemes.contains(&url.scheme()) {
        return Err(TargetError::Scheme { found: url.scheme().to_owned(), expected });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::Credentials);
    }
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

    #[test]
    fn links_to_other_operations_have_no_query() {
        let target = Target::new("https://host/api", None).unwrap();
        let query = |link| target.query_of(Operation::MessagesList, link);
        let page = Some(vec![("page".to_owned(), "2".to_owned())]);
        assert_eq!(query("https://host/api/chat/messages/?page=2"), page);
        assert_eq!(query("/api/chat/messages/?page=2"), page);
        assert_eq!(query("?page=2"), page);
        assert_eq!(query("https://elsewhere/api/chat/messages/?page=2"), None);
        assert_eq!(query("http://host/api/chat/messages/?page=2"), None);
        assert_eq!(query("/api/chat/rooms/?page=2"), None);
    }

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
    fn invalid_base_urls_are_rejected() {
        let error = |base: &str| Target::new(base, None).unwrap_err();
        assert_eq!(
            error("localhost:8000").to_string(),
            "invalid URL `localhost:8000`: add a scheme, for example http://localhost:8000"
        );
        assert!(matches!(error("chat.example"), TargetError::NoScheme { .. }));
        assert!(matches!(error("http://"), TargetError::NotAUrl { .. }));
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
