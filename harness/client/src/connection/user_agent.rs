//! The name that hearback gives to servers and proxies.

/// The `User-Agent` of all requests and handshakes.
pub(crate) const USER_AGENT: &str = concat!("hearback/", env!("CARGO_PKG_VERSION"));
