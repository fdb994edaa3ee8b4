//! A relay in front of a correct server that decides for each request what becomes of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::http::{RequestHead, read_head};

/// The treatment of a request.
#[derive(Clone, Debug)]
pub enum Treatment {
    /// The server answers it.
    Pass,
    /// It is answered with this response, head and body.
    Answer(String),
    /// It is never answered.
    Silence,
    /// It reaches the server; a socket ends after a time, with a close frame if there is a code.
    End(Duration, Option<u16>),
}

/// A relay on loopback; it runs until the process ends.
pub struct Interference {
    port: u16,
}

type Decide = dyn Fn(&RequestHead) -> Treatment + Send + Sync;

impl Interference {
    /// Starts a relay on a free port.
    pub fn start(
        upstream: SocketAddr,
        decide: impl Fn(&RequestHead) -> Treatment + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a setting of every listener");
        let port = listener.local_addr().expect("the listener is bound").port();
        let decide: Arc<Decide> = Arc::new(decide);
        let accept = async move {
            let listener = TcpListener::from_std(listener).expect("a runtime");
            while let Ok((stream, _)) = listener.accept().await {
                let decide = Arc::clone(&decide);
                tokio::spawn(async move { relay(stream, upstream, &*decide).await });
            }
        };
        // On a thread of its own, since the test may have a runtime.
        std::thread::spawn(|| Runtime::new().expect("a runtime").block_on(accept));
        Self { port }
    }

    /// The base URL of the API behind it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }
}

/// Treats one request. The connection ends with it, unless it becomes a socket.
async fn relay(mut client: TcpStream, upstream: SocketAddr, decide: &Decide) {
    let Some((received, length)) = read_head(&mut client).await else { return };
    let head = RequestHead::parse(&String::from_utf8_lossy(&received[..length]));
    let is_socket = head.header("upgrade").is_some();
    let ending = match decide(&head) {
        Treatment::Pass => None,
        Treatment::End(after, code) => is_socket.then_some((after, code)),
        Treatment::Answer(response) => {
            let _sent = client.write_all(response.as_bytes()).await;
            let _closed = client.shutdown().await;
            return;
        }
        Treatment::Silence => {
            // Until the client gives up.
            let _ended = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
            return;
        }
    };
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let head = if is_socket { head } else { head.with("connection", "close") };
    let request = [head.to_text().as_bytes(), &received[length..]].concat();
    if server.write_all(&request).await.is_err() {
        return;
    }
    let Some((after, code)) = ending else {
        let _ended = copy_bidirectional(&mut client, &mut server).await;
        return;
    };
    // The response to the handshake comes first, however short the time is.
    let Some((response, _)) = read_head(&mut server).await else { return };
    if client.write_all(&response).await.is_err() {
        return;
    }
    let _cut = timeout(after, copy_bidirectional(&mut client, &mut server)).await;
    if let Some(code) = code {
        let [high, low] = code.to_be_bytes();
        let _closed = client.write_all(&[0x88, 2, high, low]).await;
    }
    let _closed = client.shutdown().await;
}
