//! Failures of connections and requests.

use std::error::Error;
use std::io;

use hearback_history::Nanoseconds;
use hearback_history::escape::escape;
use rustls::AlertDescription;

/// Maximum length of the text of a failure, in characters.
const LONGEST: usize = 300;

/// Beginning of the error messages of the HTTP client about tunnels through a proxy.
const TUNNEL: &str = "tunnel error";

/// The failure of a request or handshake without a response.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text}")]
pub struct Failure {
    /// Kind of the failure.
    pub kind: FailureKind,
    /// Error message, bounded and escaped.
    pub text: String,
    /// True if the target may have processed the request.
    pub maybe_done: bool,
}

/// Kinds of failure that need different remedies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The host name could not be resolved.
    Resolution,
    /// The connection was refused.
    Refused,
    /// There was no response before the timeout.
    TimedOut,
    /// The certificate is not trusted.
    Certificate,
    /// The response to a TLS handshake is not TLS.
    NotTls,
    /// The target requires a client certificate, or rejected it.
    ClientCertificate,
    /// TLS failed in another way.
    Tls,
    /// The proxy requires credentials, or rejected them.
    ProxyAuthentication,
    /// The proxy cannot be reached, or does not pass anything on.
    Proxy,
    /// The connection broke, or the response is not HTTP.
    Broken,
    /// The server stated that it did not process the request: it ends the connection, as gateways do after a number of
    /// requests, or refused the stream. RFC 9113, sections 6.8 and 8.7.
    Unprocessed,
    /// The target demands a longer delay than the limit, and nothing was sent; or it throttled every attempt, or locks
    /// logins out.
    Throttled,
    /// The request would change something that the run did not create; nothing was sent.
    NotOurs,
    /// The budget of failed logins is used up; nothing was sent.
    LoginBudget,
    /// The connection broke or a gateway answered, and the address is so long that it may be the reason.
    LongAddress,
}

impl Failure {
    /// The failure of an HTTP request, without its URL, which may contain a token.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let text = chain(&error);
        let kind = match kind_of(&error) {
            // Its types are not public.
            _ if text.contains(TUNNEL) && text.contains("proxy authorization required") => {
                FailureKind::ProxyAuthentication
            }
            FailureKind::Certificate => FailureKind::Certificate,
            _ if text.contains(TUNNEL) => FailureKind::Proxy,
            FailureKind::Broken if error.is_dns() => FailureKind::Resolution,
            FailureKind::Broken if error.is_timeout() => FailureKind::TimedOut,
            kind => kind,
        };
        let unsent = error.is_connect() || error.is_builder() || kind == FailureKind::Unprocessed;
        Self { kind, text, maybe_done: !unsent }
    }

    /// The failure of a connection on which no request was sent yet.
    pub(crate) fn of_connection(error: &(dyn Error + 'static)) -> Self {
        Self { kind: kind_of(error), text: chain(error), maybe_done: false }
    }

    /// The same failure on the way to a proxy, for which other remedies exist.
    pub(crate) fn at_proxy(self) -> Self {
        let kind = match self.kind {
            FailureKind::TimedOut | FailureKind::Certificate => self.kind,
            _ => FailureKind::Proxy,
        };
        Self { kind, text: escape(&format!("the proxy failed: {}", self.text), LONGEST), ..self }
    }

    /// The failure of a request that a gateway answered instead of the target.
    pub(crate) fn of_gateway(status: Option<u16>) -> Self {
        let status = status.unwrap_or_default();
        Self {
            kind: FailureKind::Broken,
            text: format!("a gateway answered {status}"),
            maybe_done: true,
        }
    }

    /// The same failure of a request whose address is so long that it may be the reason.
    pub(crate) fn of_long_address(self) -> Self {
        Self { kind: FailureKind::LongAddress, ..self }
    }

    /// The failure of resolving a host name.
    pub(crate) fn resolution(name: &str, error: &io::Error) -> Self {
        Self {
            kind: FailureKind::Resolution,
            text: escape(&format!("{name} could not be resolved: {error}"), LONGEST),
            maybe_done: false,
        }
    }

    /// The failure of an action that took longer than `timeout`.
    pub(crate) fn timed_out(action: &str, timeout: std::time::Duration) -> Self {
        Self {
            kind: FailureKind::TimedOut,
            text: format!("{action} took longer than {}", Nanoseconds::from(timeout)),
            maybe_done: false,
        }
    }
}

/// The messages of an error and its causes, bounded and escaped.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Many messages already end with that of their cause.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    escape(&text, LONGEST)
}

fn kind_of(error: &(dyn Error + 'static)) -> FailureKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return kind_of_tls(error);
        }
        if let Some(error) = error.downcast_ref::<h2::Error>()
            && is_unprocessed(error)
        {
            return FailureKind::Unprocessed;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // The source of an I/O error that wraps another is the source of that one.
            if let Some(inner) = error.get_ref()
                && let kind @ (FailureKind::Certificate
                | FailureKind::ClientCertificate
                | FailureKind::NotTls
                | FailureKind::Tls) = kind_of(inner)
            {
                return kind;
            }
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return FailureKind::Refused,
                io::ErrorKind::TimedOut => return FailureKind::TimedOut,
                _ => {}
            }
        }
        cause = error.source();
    }
    FailureKind::Broken
}

/// Returns whether the server stated that it did not process the request.
fn is_unprocessed(error: &h2::Error) -> bool {
    let is_end = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    error.is_remote() && (is_end || is_refused)
}

fn kind_of_tls(error: &rustls::Error) -> FailureKind {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            FailureKind::Certificate
        }
        rustls::Error::InvalidMessage(_) => FailureKind::NotTls,
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => FailureKind::ClientCertificate,
        _ => FailureKind::Tls,
    }
}

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage};

    use super::*;

    #[test]
    fn wrapped_tls_errors_are_found() {
        let wrapped =
            |error: rustls::Error| kind_of(&io::Error::new(io::ErrorKind::InvalidData, error));
        let certificate = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(wrapped(certificate), FailureKind::Certificate);
        let message = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        assert_eq!(wrapped(message), FailureKind::NotTls);
        assert_eq!(wrapped(rustls::Error::HandshakeNotComplete), FailureKind::Tls);
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        assert_eq!(wrapped(alert), FailureKind::ClientCertificate);
    }

    #[test]
    fn io_errors_have_different_kinds() {
        let kind = |kind: io::ErrorKind| kind_of(&io::Error::from(kind));
        assert_eq!(kind(io::ErrorKind::ConnectionRefused), FailureKind::Refused);
        assert_eq!(kind(io::ErrorKind::TimedOut), FailureKind::TimedOut);
        assert_eq!(kind(io::ErrorKind::ConnectionReset), FailureKind::Broken);
    }
}
