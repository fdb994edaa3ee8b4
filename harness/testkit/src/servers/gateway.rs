//! A gateway on loopback: it terminates TLS, checks each request, and passes it on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::http::{RequestHead, read_head};

/// A gateway in front of a server; it runs until the process ends.
pub struct Gateway {
    port: u16,
    heads: Arc<Mutex<Vec<RequestHead>>>,
}

/// The response, head and body, with which a gateway refuses a request.
type Check = dyn Fn(&RequestHead) -> Option<String> + Send + Sync;

impl Gateway {
    /// Starts a gateway on a free port of `host`, with TLS if it is given.
    ///
    /// `check` returns a whole response, head and body, for each request that is refused.
    pub fn start(
        host: &str,
        upstream: SocketAddr,
        tls: Option<ServerConfig>,
        check: impl Fn(&RequestHead) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind((host, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a setting of every listener");
        let port = listener.local_addr().expect("the listener is bound").port();
        let heads = Arc::<Mutex<Vec<RequestHead>>>::default();
        let (seen, check): (_, Arc<Check>) = (Arc::clone(&heads), Arc::new(check));
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let accept = async move {
            let listener = TcpListener::from_std(listener).expect("a runtime");
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, check, seen) = (acceptor.clone(), check.clone(), seen.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => pass_on(stream, upstream, &*check, &seen).await,
                        Some(acceptor) => {
                            match acceptor.accept(stream).into_fallible().await {
                                Ok(stream) => pass_on(stream, upstream, &*check, &seen).await,
                                // Closing with unread data would reset the connection before the client reads
                                // why it was refused.
                                Err((_, mut stream)) => {
                                    let _ended =
                                        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
                                }
                            }
                        }
                    }
                });
            }
        };
        // On a thread of its own, since the test may have a runtime.
        std::thread::spawn(|| Runtime::new().expect("a runtime").block_on(accept));
        Self { port, heads }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests that it received.
    pub fn heads(&self) -> Vec<RequestHead> {
        self.heads.lock().expect("no panic").clone()
    }
}

/// Passes one request on. The connection ends with it, unless it becomes a socket, so that each is checked.
async fn pass_on(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: SocketAddr,
    check: &Check,
    seen: &Mutex<Vec<RequestHead>>,
) {
    let Some((received, length)) = read_head(&mut client).await else { return };
    let head = RequestHead::parse(&String::from_utf8_lossy(&received[..length]));
    seen.lock().expect("no panic").push(head.clone());
    if let Some(refusal) = check(&head) {
        let _sent = client.write_all(refusal.as_bytes()).await;
        let _closed = client.shutdown().await;
        return;
    }
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let head = match head.header("upgrade") {
        None => head.with("connection", "close"),
        Some(_) => head,
    };
    let request = [head.to_text().as_bytes(), &received[length..]].concat();
    if server.write_all(&request).await.is_ok() {
        let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    }
}
