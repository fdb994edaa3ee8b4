//! The stream below the TLS of a socket.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

/// A stream to the target, or to a proxy that passes everything on.
pub(crate) enum Transport {
    /// A TCP connection.
    Tcp(TcpStream),
    /// An encrypted connection to a proxy.
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Encrypts a connection to a proxy.
    pub(super) async fn encrypted(
        stream: TcpStream,
        host: &Host,
        config: Arc<rustls::ClientConfig>,
    ) -> io::Result<Self> {
        let stream = TlsConnector::from(config).connect(server_name(host)?, stream).await?;
        Ok(Self::Encrypted(Box::new(stream)))
    }
}

/// The name that the certificate of a host must have.
pub(crate) fn server_name(host: &Host<impl AsRef<str>>) -> io::Result<ServerName<'static>> {
    Ok(match host {
        Host::Domain(name) => {
            ServerName::try_from(name.as_ref().to_owned()).map_err(io::Error::other)?
        }
        Host::Ipv4(address) => ServerName::from(IpAddr::from(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::from(*address)),
    })
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
