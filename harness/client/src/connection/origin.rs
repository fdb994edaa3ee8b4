//! The `Origin` of handshakes.
//!
//! Browsers send it, and many servers and gateways accept sockets of known origins only.

use reqwest::header::HeaderValue;
use url::Url;

use super::settings::ConnectionError;

/// The `Origin` header of handshakes.
#[derive(Clone)]
pub(super) enum Origin {
    /// That of the socket URL, as of a page on the same host.
    Own,
    /// None.
    None,
    /// A given one.
    Given(HeaderValue),
}

impl Origin {
    /// Parses an origin, or `none`.
    pub(super) fn parse(text: &str) -> Result<Self, ConnectionError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        let invalid = || ConnectionError::Origin(text.to_owned());
        let url = Url::parse(text).map_err(|_| invalid())?;
        let is_origin = url.has_host()
            && url.path().trim_start_matches('/').is_empty()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_origin {
            return Err(invalid());
        }
        let value = HeaderValue::from_str(text.trim_end_matches('/')).map_err(|_| invalid())?;
        Ok(Self::Given(value))
    }

    /// The header of a handshake with a URL.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Given(value) => Some(value.clone()),
            Self::Own => {
                let scheme = if url.scheme() == "wss" { "https" } else { "http" };
                let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
                HeaderValue::from_str(&format!("{scheme}://{}{port}", url.host_str()?)).ok()
            }
        }
    }

    pub(super) fn recorded(&self) -> Option<String> {
        match self {
            Self::Own => None,
            Self::None => Some("none".to_owned()),
            Self::Given(value) => value.to_str().ok().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(origin: &str, url: &str) -> Option<String> {
        let value = Origin::parse(origin).unwrap().header(&url.parse().unwrap());
        value.map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_default_is_the_origin_of_the_sockets() {
        let own = |url: &str| Origin::Own.header(&url.parse().unwrap()).unwrap();
        assert_eq!(own("wss://h/ws/chat/r/?token=t"), "https://h");
        assert_eq!(own("ws://h:8000/ws"), "http://h:8000");
        assert_eq!(own("wss://[::1]:9/"), "https://[::1]:9");
    }

    #[test]
    fn origins_are_given_or_disabled() {
        assert_eq!(header("https://app.example/", "ws://h/"), Some("https://app.example".into()));
        assert_eq!(header("none", "ws://h/"), None);
        for text in ["app.example", "https://h/path", "https://me@h", "data:x"] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
