//! An HTTP proxy on loopback.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use super::http::{RequestHead, read_request, respond};
use super::listener::serve;

/// An HTTP proxy for which every host is this machine: it passes `CONNECT` and plain requests on to 127.0.0.1.
pub struct ConnectProxy {
    address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// Starts a proxy that requires a `Proxy-Authorization` header, if one is given.
    pub fn start(credentials: Option<&'static str>) -> Self {
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&lines);
        let address = serve(move |mut stream| {
            let Ok(head) = read_request(&mut stream) else { return };
            seen.lock().expect("no panic").push(head.line.clone());
            if head.header("proxy-authorization") != credentials {
                respond(&mut stream, 407, "{}");
                return;
            }
            // The client or the server may end the connection at any time.
            let _ended = pass_on(stream, &head);
        });
        Self { address, lines }
    }

    /// Its host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The request lines that it received.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }
}

fn pass_on(mut client: TcpStream, head: &RequestHead) -> io::Result<()> {
    let mut words = head.line.split(' ');
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let authority = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let port = authority.rsplit(':').next().and_then(|port| port.parse().ok());
    let port: u16 = port.ok_or(io::ErrorKind::InvalidInput)?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    match method {
        "CONNECT" => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?,
        // Servers accept absolute URLs. Requests with a body are not supported.
        _ => server.write_all(head.to_text().as_bytes())?,
    }
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let upwards = std::thread::spawn(move || {
        let _ended = io::copy(&mut from_client, &mut to_server);
        let _closed = to_server.shutdown(Shutdown::Write);
    });
    let _ended = io::copy(&mut server, &mut client);
    let _closed = client.shutdown(Shutdown::Both);
    let _panicked = upwards.join();
    Ok(())
}
