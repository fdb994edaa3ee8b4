//! Origins of pages that open sockets.

use axum::http::uri::Authority;
use url::Url;

/// The domain of test networks (RFC 6761), whose names trust each other.
const TEST: &str = ".test";

/// Returns whether a handshake comes from a page of another site. Clients that are not browsers send no origin.
pub(super) fn is_foreign(origin: Option<&str>, host: Option<&str>) -> bool {
    let Some(origin) = origin else { return false };
    let origin = origin.parse::<Url>().ok();
    let origin = origin.as_ref().and_then(Url::host_str);
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    match (origin, host.as_ref().map(Authority::host)) {
        (Some(origin), Some(host)) => {
            !(origin.eq_ignore_ascii_case(host) || origin.ends_with(TEST) && host.ends_with(TEST))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_sites_are_foreign() {
        let foreign = |origin, host| is_foreign(Some(origin), Some(host));
        assert!(!is_foreign(None, Some("127.0.0.1:8000")));
        assert!(!foreign("http://127.0.0.1:9000", "127.0.0.1:8000"));
        assert!(!foreign("https://[::1]", "[::1]:8000"));
        assert!(!foreign("https://app.test", "chat.test:8000"));
        assert!(foreign("https://attacker.example", "127.0.0.1:8000"));
        assert!(foreign("null", "127.0.0.1:8000"));
    }
}
