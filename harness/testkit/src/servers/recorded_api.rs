//! A minimal API that records what it receives.

use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};

use super::http::{RequestHead, read_request, respond};
use super::listener::serve;
use super::websocket::accept;

/// An API that answers every request with an empty list, and accepts every handshake.
pub struct RecordedApi {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<RequestHead>>>,
}

impl RecordedApi {
    /// Starts an API.
    pub fn start() -> Self {
        let heads = Arc::<Mutex<Vec<RequestHead>>>::default();
        let seen = Arc::clone(&heads);
        let address = serve(move |mut stream| {
            let Ok(head) = read_request(&mut stream) else { return };
            seen.lock().expect("no panic").push(head.clone());
            if head.header("upgrade").is_none() {
                respond(
                    &mut stream,
                    200,
                    r#"{"count": 0, "next": null, "previous": null, "results": []}"#,
                );
            } else if accept(&mut stream, &head).is_ok() {
                // A close frame without code, so that clients do not wait for it.
                let _sent = std::io::Write::write_all(&mut stream, &[0x88, 0]);
                let _ended = std::io::copy(&mut stream, &mut std::io::sink());
            }
            let _closed = stream.shutdown(Shutdown::Both);
        });
        Self { address, heads }
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests and handshakes that it received.
    pub fn heads(&self) -> Vec<RequestHead> {
        self.heads.lock().expect("no panic").clone()
    }
}
