//! Options that determine how a target is reached, named as those of curl.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use hearback_client::ConnectionSettings;
use secrecy::SecretString;

/// The connection to a target: the path of requests and handshakes, and the headers of all of them.
///
/// The embedded server is reached directly: settings of a file or the environment may be for other runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionOptions {
    /// Header of every request and handshake, for example 'X-Env: staging'; can be repeated
    #[arg(long, value_name = "HEADER", hide_env_values = true)]
    header: Vec<SecretString>,
    /// Origin of handshakes, for example https://app, or `none` [default: the origin of the sockets]
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// Credentials for the basic authentication of a gateway; requests with an access token do not carry them
    #[arg(long, value_name = "NAME:PASSWORD", hide_env_values = true)]
    user: Option<SecretString>,
    /// File with certificates to trust, besides those of the system (PEM)
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// File with the client certificate and its chain (PEM)
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// File with the key of the client certificate (PEM) [default: the file of --cert]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Skip the verification of the target's certificate
    #[arg(long)]
    insecure: bool,
    /// HTTP proxy for requests and sockets, for example http://NAME:PASSWORD@HOST:3128 [default: the variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY]
    #[arg(long, value_name = "URL", hide_env_values = true)]
    proxy: Option<SecretString>,
    /// Address to use for a host name and port instead of DNS; can be repeated
    #[arg(long, value_name = "HOST:PORT:ADDRESS")]
    resolve: Vec<String>,
    /// Local address to connect from; can be repeated: sockets then take turns, each address with ports of its own
    #[arg(long, value_name = "ADDRESS")]
    interface: Vec<IpAddr>,
}

impl ConnectionOptions {
    /// The settings of the connection.
    pub(crate) fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            headers: self.header.clone(),
            origin: self.origin.clone(),
            user: self.user.clone(),
            cacert: self.cacert.clone().map(Into::into),
            cert: self.cert.clone().map(Into::into),
            key: self.key.clone().map(Into::into),
            insecure: self.insecure,
            proxy: self.proxy.clone(),
            resolve: self.resolve.clone(),
            interface: self.interface.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use hearback_runner::TargetSpec;

    use crate::arguments::{Arguments, Command};

    fn target(more: &[&str]) -> TargetSpec {
        let arguments = ["hearback", "check", "--header", "X-Env: staging"];
        let arguments = Arguments::try_parse_from(arguments.iter().chain(more)).unwrap();
        let Command::Check(check) = arguments.command else { panic!("not a check") };
        check.run.target.spec()
    }

    #[test]
    fn settings_apply_to_remote_targets_only() {
        assert!(matches!(target(&[]), TargetSpec::Embedded { .. }));
        let remote = target(&["--target", "http://h/api", "--accounts", "accounts.toml"]);
        let TargetSpec::Remote(remote) = remote else { panic!("the embedded server") };
        assert_eq!(remote.connection.headers.len(), 1);
    }
}
