//! Options that determine how a target is reached, named as those of curl.

use std::path::PathBuf;

use clap::Args;
use hearback_client::ConnectionSettings;
use secrecy::SecretString;

/// The connection to a target: the path of requests and handshakes, and the headers of all of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionOptions {
    /// Header of every request and handshake, for example 'X-Env: staging'; can be repeated
    #[arg(long, value_name = "HEADER", requires = "target", hide_env_values = true)]
    header: Vec<SecretString>,
    /// Origin of handshakes, for example https://app.example, or `none` [default: the origin of the sockets]
    #[arg(long, value_name = "URL", requires = "target")]
    origin: Option<String>,
    /// Credentials for the basic authentication of a gateway; requests with an access token do not carry them
    #[arg(long, value_name = "NAME:PASSWORD", requires = "target", hide_env_values = true)]
    user: Option<SecretString>,
    /// File with certificates to trust, besides those of the system (PEM)
    #[arg(long, value_name = "FILE", requires = "target")]
    cacert: Option<PathBuf>,
    /// File with the client certificate and its chain (PEM)
    #[arg(long, value_name = "FILE", requires = "target")]
    cert: Option<PathBuf>,
    /// File with the key of the client certificate (PEM) [default: the file of --cert]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Accept every certificate of the target
    #[arg(long, requires = "target")]
    insecure: bool,
    /// HTTP proxy for requests and sockets, for example http://NAME:PASSWORD@HOST:3128 [default: the variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY]
    #[arg(long, value_name = "URL", requires = "target", hide_env_values = true)]
    proxy: Option<SecretString>,
    /// Address of a host name for one port, in place of DNS; can be repeated
    #[arg(long, value_name = "HOST:PORT:ADDRESS", requires = "target")]
    resolve: Vec<String>,
}

impl ConnectionOptions {
    /// The settings of the connection.
    pub(crate) fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            headers: self.header.clone(),
            origin: self.origin.clone(),
            user: self.user.clone(),
            cacert: self.cacert.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
            insecure: self.insecure,
            proxy: self.proxy.clone(),
            resolve: self.resolve.clone(),
        }
    }
}
