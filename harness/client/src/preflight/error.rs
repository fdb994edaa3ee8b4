//! Reasons why a target cannot be tested, each with the option that helps.

use std::time::Duration;

use hearback_history::{ActorName, Nanoseconds};
use miette::Diagnostic;

use crate::actor::LoginError;

/// Reason why a target cannot be tested. Texts of the target are bounded, escaped, and without secrets.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum PreflightError {
    /// The host name could not be resolved.
    #[error("{host} could not be resolved")]
    #[diagnostic(help(
        "check the spelling of the host name, and the VPN ({reason}); to give its address, add --resolve \
         {host}:PORT:ADDRESS"
    ))]
    Resolution {
        /// The host.
        host: String,
        /// Error of the resolver.
        reason: String,
    },
    /// The connection was refused.
    #[error("nothing listens at {base}: the connection was refused")]
    #[diagnostic(help("check that the backend is running, and the port"))]
    Refused {
        /// The base URL.
        base: String,
    },
    /// There was no response.
    #[error("{base} did not answer within {}", Nanoseconds::from(*timeout))]
    #[diagnostic(help("check for a firewall; increase --timeout if the target is slow"))]
    TimedOut {
        /// The base URL.
        base: String,
        /// The timeout.
        timeout: Duration,
    },
    /// The target demands a longer delay than the limit.
    #[error("{base}: {reason}")]
    #[diagnostic(help("nothing else was sent"))]
    Throttled {
        /// The base URL.
        base: String,
        /// Length and end of the delay.
        reason: String,
    },
    /// The certificate is not trusted.
    #[error("the certificate of {base} is not trusted: {reason}")]
    #[diagnostic(help(
        "to trust a private authority, add --cacert FILE; to accept any certificate, add --insecure"
    ))]
    Certificate {
        /// The base URL.
        base: String,
        /// The problem with it.
        reason: String,
    },
    /// The target requires a client certificate, or rejected it.
    #[error("{base} requires a client certificate that it trusts: {reason}")]
    #[diagnostic(help("name the certificate and its key with --cert FILE and --key FILE"))]
    ClientCertificate {
        /// The base URL.
        base: String,
        /// Error message, or the beginning of the response.
        reason: String,
    },
    /// The proxy requires credentials, or rejected them.
    #[error("the proxy {proxy} requires credentials that it accepts: {reason}")]
    #[diagnostic(help(
        "set --proxy http://NAME:PASSWORD@HOST:PORT, or the same in the proxy variable"
    ))]
    ProxyAuthentication {
        /// URL of the proxy, without credentials.
        proxy: String,
        /// Error message, or the status.
        reason: String,
    },
    /// The proxy cannot be reached, or does not pass requests on.
    #[error("{base} cannot be reached through the proxy {proxy}: {reason}")]
    #[diagnostic(help(
        "check --proxy, or the variables HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; NO_PROXY lists hosts without proxy"
    ))]
    Proxy {
        /// The base URL.
        base: String,
        /// URL of the proxy, without credentials.
        proxy: String,
        /// Error message.
        reason: String,
    },
    /// A gateway requires basic authentication.
    #[error("a gateway at {base} requires basic authentication: {answer}")]
    #[diagnostic(help("{help}"))]
    BasicAuthentication {
        /// The base URL.
        base: String,
        /// Status and beginning of the body.
        answer: String,
        /// Advice.
        help: &'static str,
    },
    /// The target redirects to another URL, which is not followed.
    #[error("{url} answers {status} with the location {location}; redirects are not followed")]
    #[diagnostic(help("set --target to the URL that the location belongs to"))]
    Redirect {
        /// The requested URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// The `Location` header, or a placeholder.
        location: String,
    },
    /// A request was not sent because of a setting.
    #[error("cannot send requests as `{actor}`: {reason}")]
    NotSent {
        /// The account.
        actor: ActorName,
        /// The problem.
        reason: String,
    },
    /// The scheme is `https`, but the server uses plain HTTP.
    #[error("{base} does not speak TLS")]
    #[diagnostic(help("use http:// instead of https://"))]
    PlainHttp {
        /// The base URL.
        base: String,
    },
    /// The scheme is `http`, but the server uses TLS.
    #[error("{base} requires TLS")]
    #[diagnostic(help("use https:// instead of http://"))]
    SpeaksTls {
        /// The base URL.
        base: String,
    },
    /// The connection broke in another way, or the response is not HTTP.
    #[error("the request to {base} failed: {reason}")]
    Broken {
        /// The base URL.
        base: String,
        /// Error message.
        reason: String,
    },
    /// The server is not an AriStay Chat API.
    #[error("{url} answers, but is not the AriStay Chat API: {status} from {server}: {body}")]
    #[diagnostic(help("use the URL before /chat/…, which usually ends with /api"))]
    AnotherService {
        /// The requested URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// The `Server` header, or a placeholder.
        server: String,
        /// The beginning of the body.
        body: String,
    },
    /// The first account cannot log in. The login is not repeated, so that the account is not locked.
    #[error(transparent)]
    #[diagnostic(help("check the user name and the password in the accounts file"))]
    LogIn(LoginError),
    /// The login was answered with 403 and without JSON, as gateways do.
    #[error(transparent)]
    #[diagnostic(help(
        "if a gateway refuses the request, add what it requires with --header 'NAME: VALUE'; otherwise check the user \
         name and the password in the accounts file"
    ))]
    LogInForbidden(LoginError),
    /// The first account, or the address of this machine, is locked.
    #[error(transparent)]
    #[diagnostic(help(
        "wait until the lockout ends, or have it lifted; with --failed-logins-per-hour 0, hearback makes no failed \
         logins"
    ))]
    LockedOut(LoginError),
    /// The first account got no token for another reason than its credentials.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoToken(LoginError),
    /// The access token was rejected.
    #[error("the access token of `{actor}` was refused: {answer}")]
    #[diagnostic(help("{help}"))]
    TokenRefused {
        /// Owner of the token.
        actor: ActorName,
        /// Status and beginning of the body.
        answer: String,
        /// Advice.
        help: &'static str,
    },
    /// REST works, but sockets do not.
    #[error("REST works, but no socket opens at {url}: {reason}")]
    #[diagnostic(help("{help}"))]
    Socket {
        /// The URL of the socket, without the token.
        url: String,
        /// Error message.
        reason: String,
        /// Advice.
        help: String,
    },
}
