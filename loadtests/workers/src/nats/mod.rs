//! The connection to NATS, and a server of one's own.

mod channel;
#[cfg(unix)]
mod local_server;
mod outbox;
#[cfg(not(unix))]
mod unsupported_server;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use url::Url;

use crate::error::WorkersError;

pub(crate) use channel::Channel;
#[cfg(unix)]
pub(crate) use local_server::LocalServer;
pub(crate) use outbox::Outbox;
#[cfg(not(unix))]
pub(crate) use unsupported_server::LocalServer;

/// Timeout of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between two attempts.
const RETRY: Duration = Duration::from_millis(250);

/// A connection to NATS.
#[derive(Clone, Debug, Default)]
pub struct NatsOptions {
    /// URL, for example `nats://127.0.0.1:4222`. It may contain a token, or a user and a password.
    pub url: SecretString,
    /// File with a user JWT and an NKey seed.
    pub credentials: Option<PathBuf>,
    /// NKey seed.
    pub nkey: Option<SecretString>,
    /// File with certificates to trust, besides those of the system (PEM).
    pub cacert: Option<PathBuf>,
    /// File with the client certificate (PEM).
    pub cert: Option<PathBuf>,
    /// File with the key of the client certificate (PEM).
    pub key: Option<PathBuf>,
    /// Time in which the server must be reachable, besides the first attempt.
    pub patience: Duration,
}

impl NatsOptions {
    /// URL of the server without credentials; empty if it is not a URL.
    pub(crate) fn server(&self) -> String {
        Url::parse(self.url.expose_secret()).map(|url| shown(&url)).unwrap_or_default()
    }

    /// Connects. A connection that is lost later is opened again, as often as necessary.
    ///
    /// # Errors
    /// If the options are invalid, the server cannot be reached, or passwords would be sent to it in the clear.
    pub(crate) async fn connect(&self, name: &str) -> Result<Client, WorkersError> {
        let url = Url::parse(self.url.expose_secret())
            .map_err(|error| WorkersError::Options(format!("invalid --nats: {error}")))?;
        let shown = shown(&url);
        let is_encrypted = url.scheme() == "tls";
        if !is_encrypted && !is_loopback(&url) {
            return Err(WorkersError::NotEncrypted { url: shown });
        }
        let mut options = ConnectOptions::new()
            .name(name)
            .connection_timeout(CONNECT_TIMEOUT)
            .require_tls(is_encrypted);
        options = match (url.username(), url.password()) {
            ("", _) => options,
            (token, None) => options.token(token.to_owned()),
            (user, Some(password)) => {
                options.user_and_password(user.to_owned(), password.to_owned())
            }
        };
        if let Some(path) = &self.credentials {
            options = options.credentials_file(path).await.map_err(|error| {
                let path = path.display();
                WorkersError::Options(format!("cannot use the credentials in {path}: {error}"))
            })?;
        }
        if let Some(seed) = &self.nkey {
            options = options.nkey(seed.expose_secret().to_owned());
        }
        if let Some(path) = &self.cacert {
            options = options.add_root_certificates(path.clone());
        }
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            options = options.add_client_certificate(cert.clone(), key.clone());
        }
        let failed = |reason: &dyn std::fmt::Display| WorkersError::Connect {
            url: shown.clone(),
            reason: reason.to_string(),
        };
        let until = Instant::now() + self.patience;
        loop {
            match options.clone().connect(shown.as_str()).await {
                Ok(client) => return Ok(client),
                // It may still be starting; what it refuses stays refused.
                Err(error) if error.kind() == ConnectErrorKind::Io && Instant::now() < until => {
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => return Err(failed(&error)),
            }
        }
    }
}

/// A URL without credentials.
fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

fn is_loopback(url: &Url) -> bool {
    // The host of such a URL is not parsed as an address.
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_sent_to_this_machine_or_encrypted_only() {
        for url in ["nats://nats.example:4222", "nats://10.0.0.1", "ws://nats.example"] {
            let options = NatsOptions { url: url.into(), ..NatsOptions::default() };
            let error = options.connect("test").await.unwrap_err();
            assert!(matches!(error, WorkersError::NotEncrypted { .. }), "{url}: {error}");
        }
    }

    #[tokio::test]
    async fn errors_do_not_contain_credentials() {
        // Nothing listens there.
        let url = "nats://user:secret@127.0.0.1:9".into();
        let options = NatsOptions { url, ..NatsOptions::default() };
        assert!(!format!("{options:?}").contains("secret@"), "{options:?}");
        let error = options.connect("test").await.unwrap_err().to_string();
        assert!(error.starts_with("cannot connect to NATS at nats://127.0.0.1:9: "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
