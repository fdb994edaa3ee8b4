//! Settings of a connection, and their errors.

use std::net::IpAddr;
use std::path::PathBuf;

use hearback_history::escape::escape;
use secrecy::SecretString;

use super::pem_file::PemFile;

/// Settings of a connection as a user writes them; nothing is read or checked yet.
#[derive(Clone, Debug, Default)]
pub struct ConnectionSettings {
    /// Additional headers, `Name: value`.
    pub headers: Vec<SecretString>,
    /// The `Origin` of handshakes, or `none`; `None` for the origin of the sockets themselves.
    pub origin: Option<String>,
    /// `NAME:PASSWORD` for basic authentication.
    pub user: Option<SecretString>,
    /// File with certificates to trust, besides those of the system (PEM).
    pub cacert: Option<PemFile>,
    /// File with the client certificate and its chain (PEM).
    pub cert: Option<PemFile>,
    /// File with the key of the client certificate (PEM); `None` if `cert` contains it.
    pub key: Option<PemFile>,
    /// True to accept every certificate.
    pub insecure: bool,
    /// URL of a proxy, which may contain credentials; `None` for the proxy variables.
    pub proxy: Option<SecretString>,
    /// Addresses of host names, `HOST:PORT:ADDRESS[,ADDRESS]`.
    pub resolve: Vec<String>,
    /// Local addresses of connections; sockets take turns.
    pub interface: Vec<IpAddr>,
}

/// Error of the settings of a connection. Values that may be secret are not part of it.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// A header is invalid.
    #[error("invalid --header: {0}")]
    Header(String),
    /// The origin is invalid.
    #[error(
        "invalid --origin `{}`: write scheme, host and port, for example https://app.example, or none",
        escape(.0, 100)
    )]
    Origin(String),
    /// The user is invalid.
    #[error("invalid --user: write it as NAME:PASSWORD")]
    User,
    /// A file with certificates or a key cannot be used.
    #[error("cannot use the file of {option}, {}: {reason}", .path.display())]
    File {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The key does not belong to the client certificate.
    #[error("the key does not belong to the certificate of --cert: {0}")]
    Identity(String),
    /// The proxy is invalid.
    #[error("invalid --proxy: {0}")]
    Proxy(String),
    /// An address of a host name is invalid.
    #[error("invalid --resolve `{}`: {reason}", escape(.text, 100))]
    Resolve {
        /// The setting.
        text: String,
        /// The problem.
        reason: &'static str,
    },
}
