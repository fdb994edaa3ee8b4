//! Why no response came.

use std::error::Error;
use std::io;

use crate::escape::excerpt;

/// The longest text of a failure, in characters.
const LONGEST: usize = 300;

/// A request, or a handshake, that got no answer.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text}")]
pub struct Failure {
    /// What sort it is.
    pub kind: FailureKind,
    /// What went wrong, bounded and escaped.
    pub text: String,
    /// Whether the target may have carried the request out all the same.
    pub maybe_done: bool,
}

/// The sorts of failure that people mend in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The host's name does not resolve.
    Resolution,
    /// Nothing listens there.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The certificate is not trusted.
    Certificate,
    /// What answered a TLS greeting does not speak TLS.
    NotTls,
    /// TLS failed in another way.
    Tls,
    /// The connection broke, or what came back is no HTTP.
    Broken,
    /// The target throttles for longer than is waited: nothing was sent.
    Throttled,
}

impl Failure {
    /// The failure behind a client's error. The URL, which may hold a token, is left out.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let unsent = error.is_connect() || error.is_builder();
        let kind = match kind_of(&error) {
            FailureKind::Broken if error.is_dns() => FailureKind::Resolution,
            FailureKind::Broken if error.is_timeout() => FailureKind::TimedOut,
            kind => kind,
        };
        Self { kind, text: chain(&error), maybe_done: !unsent }
    }

    /// The failure behind an error of a connection that had carried no request yet.
    pub(crate) fn of_connection(error: &(dyn Error + 'static)) -> Self {
        Self { kind: kind_of(error), text: chain(error), maybe_done: false }
    }

    /// A host name that does not resolve.
    pub(crate) fn resolution(name: &str, error: &io::Error) -> Self {
        Self {
            kind: FailureKind::Resolution,
            text: excerpt(&format!("{name} does not resolve: {error}"), LONGEST),
            maybe_done: false,
        }
    }

    /// No answer within the timeout given.
    pub(crate) fn timed_out(what: &str, timeout: std::time::Duration) -> Self {
        Self {
            kind: FailureKind::TimedOut,
            text: format!("{what} took longer than {timeout:?}"),
            maybe_done: false,
        }
    }
}

/// The error and its causes, bounded and escaped.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Many errors already end with the text of their cause.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    excerpt(&text, LONGEST)
}

fn kind_of(error: &(dyn Error + 'static)) -> FailureKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return kind_of_tls(error);
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // An I/O error that wraps another does not name it as its source, but that one's source.
            if let Some(inner) = error.get_ref()
                && let kind @ (FailureKind::Certificate | FailureKind::NotTls | FailureKind::Tls) =
                    kind_of(inner)
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

fn kind_of_tls(error: &rustls::Error) -> FailureKind {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            FailureKind::Certificate
        }
        rustls::Error::InvalidMessage(_) => FailureKind::NotTls,
        _ => FailureKind::Tls,
    }
}

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage};

    use super::*;

    #[test]
    fn a_wrapped_tls_error_is_found() {
        let wrapped =
            |error: rustls::Error| kind_of(&io::Error::new(io::ErrorKind::InvalidData, error));
        let certificate = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(wrapped(certificate), FailureKind::Certificate);
        let message = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        assert_eq!(wrapped(message), FailureKind::NotTls);
        assert_eq!(wrapped(rustls::Error::HandshakeNotComplete), FailureKind::Tls);
    }

    #[test]
    fn plain_io_errors_are_told_apart() {
        let kind = |kind: io::ErrorKind| kind_of(&io::Error::from(kind));
        assert_eq!(kind(io::ErrorKind::ConnectionRefused), FailureKind::Refused);
        assert_eq!(kind(io::ErrorKind::TimedOut), FailureKind::TimedOut);
        assert_eq!(kind(io::ErrorKind::ConnectionReset), FailureKind::Broken);
    }
}
