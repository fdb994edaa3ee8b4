//! Connecting to a target without sending a request.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::client::Client;
use crate::connection::{Transport, server_name};
use crate::failure::Failure;

/// A connection to the REST base URL that was opened and closed again.
#[derive(Debug)]
pub struct Probe {
    /// Address of the target; `None` if a proxy connects to it.
    pub address: Option<SocketAddr>,
    /// Time for name resolution and TCP; `None` if a proxy takes plain requests instead of connections.
    pub connecting: Option<Duration>,
    /// The TLS handshake, if the scheme is `https`.
    pub tls: Option<Result<TlsProbe, Failure>>,
}

/// A TLS handshake.
#[derive(Debug)]
pub struct TlsProbe {
    /// The certificate of the target (DER).
    pub certificate: Option<Vec<u8>>,
}

impl Client {
    /// Connects to the REST base URL, with TLS if its scheme is `https`. Nothing is recorded.
    ///
    /// # Errors
    /// If the host cannot be resolved, or does not accept the connection in time.
    pub async fn probe(&self) -> Result<Probe, Failure> {
        let url = self.target.rest();
        let connection = self.target.connection();
        let (is_encrypted, has_proxy) = (url.scheme() == "https", connection.proxy(url).is_some());
        if has_proxy && !is_encrypted {
            return Ok(Probe { address: None, connecting: None, tls: None });
        }
        let started = Instant::now();
        let connected = timeout(self.limits.connect, connection.connect(url, self.tls.as_ref()));
        let transport = connected
            .await
            .map_err(|_| Failure::timed_out("connecting", self.limits.connect))??;
        let connecting = Some(started.elapsed());
        let address = match &transport {
            Transport::Tcp(stream) if !has_proxy => stream.peer_addr().ok(),
            _ => None,
        };
        let tls = match is_encrypted {
            true => Some(self.probe_tls(url, transport).await),
            false => None,
        };
        Ok(Probe { address, connecting, tls })
    }

    async fn probe_tls(&self, url: &Url, transport: Transport) -> Result<TlsProbe, Failure> {
        let (Some(config), Some(host)) = (&self.tls, url.host()) else {
            return Ok(TlsProbe { certificate: None });
        };
        let name = server_name(&host).map_err(|error| Failure::of_connection(&error))?;
        let handshake = TlsConnector::from(config.clone()).connect(name, transport);
        let stream = timeout(self.limits.timeout, handshake)
            .await
            .map_err(|_| Failure::timed_out("the TLS handshake", self.limits.timeout))?
            .map_err(|error| Failure::of_connection(&error))?;
        let certificates = stream.get_ref().1.peer_certificates();
        let first = certificates.and_then(|certificates| certificates.first());
        Ok(TlsProbe { certificate: first.map(|certificate| certificate.to_vec()) })
    }
}
