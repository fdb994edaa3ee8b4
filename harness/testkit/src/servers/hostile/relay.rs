//! The relay: one thread per connection, one request per connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::behavior::{Behavior, Change, On};
use crate::servers::http::RequestHead;
use crate::servers::listener::serve;

/// Size of the buffers, in bytes.
const BUFFER: usize = 16 << 10;

/// A correct server behind a relay that makes it hostile; it runs until the process ends.
pub struct HostileTarget {
    url: String,
    strays: Arc<AtomicUsize>,
}

impl HostileTarget {
    /// Starts a relay in front of the server at `upstream`.
    pub fn start(behavior: Behavior, upstream: SocketAddr) -> Self {
        let strays = Arc::<AtomicUsize>::default();
        let stray = Arc::clone(&strays);
        let elsewhere = serve(move |_| {
            stray.fetch_add(1, Ordering::Relaxed);
        });
        let elsewhere = format!("http://{elsewhere}");
        let address = serve(move |client| {
            // The client may end the connection at any time.
            let _ended = pass_on(client, upstream, behavior, &elsewhere);
        });
        Self { url: format!("http://{address}/api"), strays }
    }

    /// Base URL of the REST operations.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Number of connections to another origin that its responses name.
    pub fn strays(&self) -> usize {
        self.strays.load(Ordering::Relaxed)
    }
}

fn pass_on(
    mut client: TcpStream,
    upstream: SocketAddr,
    behavior: Behavior,
    elsewhere: &str,
) -> io::Result<()> {
    let (head, rest) = read_head(&mut client)?;
    let head = RequestHead::parse(&head);
    let length = head.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0_usize);
    let mut body = rest;
    while body.len() < length {
        let mut buffer = [0; BUFFER];
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        body.extend_from_slice(&buffer[..count]);
    }
    let is_socket = head.header("upgrade").is_some();
    let head = if is_socket { head } else { head.with("connection", "close") };
    let path = head.line.split(' ').nth(1).unwrap_or_default();
    let on = match (is_socket, path.contains("/token/")) {
        (true, _) if matches!(behavior.change, Change::Frames(_)) => On::Sockets,
        (true, _) => On::Handshakes,
        (false, true) => On::Logins,
        (false, false) => On::Operations,
    };
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&[head.to_text().as_bytes(), &body].concat())?;
    let (head, rest) = read_head(&mut server)?;
    let change = (on == behavior.on).then_some(behavior.change);
    if is_socket && !matches!(change, Some(Change::Raw(_) | Change::Status(_) | Change::Headers(_)))
    {
        client.write_all(&[head.as_bytes(), b"\r\n\r\n", &rest].concat())?;
        return relay_frames(client, server, change, !rest.is_empty());
    }
    let mut body = rest;
    if !is_socket {
        server.read_to_end(&mut body)?;
    }
    let (status, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let kept = headers.lines().filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_lowercase();
        !matches!(name.as_str(), "content-length" | "connection")
    });
    let mut headers: String = kept.map(|line| format!("{line}\r\n")).collect();
    let mut status = status.to_owned();
    let mut before = Vec::new();
    match change {
        None => {}
        Some(Change::Body(body_of)) => body = body_of(&body),
        Some(Change::Json(edit)) => {
            if let Ok(mut json) = serde_json::from_slice(&body) {
                edit(&mut json);
                body = json.to_string().replace("{elsewhere}", elsewhere).into_bytes();
            }
        }
        Some(Change::Headers(lines)) => headers += &lines().replace("{elsewhere}", elsewhere),
        Some(Change::Status(line)) => {
            status = format!("HTTP/1.1 {line}");
            headers += &format!("Location: {elsewhere}/api/chat/rooms/\r\n");
        }
        Some(Change::Before(bytes)) => before = bytes(),
        Some(Change::Raw(bytes)) => {
            client.write_all(&bytes(&body))?;
            return client.shutdown(Shutdown::Write);
        }
        Some(Change::Frames(_)) => {}
    }
    let length = body.len();
    let head =
        format!("{status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    client.write_all(&[&before, head.as_bytes(), &body].concat())?;
    client.shutdown(Shutdown::Write)
}

/// Request or status line and headers, and what followed them.
fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|it| it == b"\r\n\r\n") {
            let rest = received.split_off(end + 4);
            received.truncate(end);
            return Ok((String::from_utf8_lossy(&received).into_owned(), rest));
        }
        let mut buffer = [0; BUFFER];
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => received.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Passes frames in both directions, and adds the hostile ones after the first.
fn relay_frames(
    mut client: TcpStream,
    mut server: TcpStream,
    change: Option<Change>,
    has_first: bool,
) -> io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ended = io::copy(&mut from, &mut to);
        let _closed = to.shutdown(Shutdown::Both);
    });
    let passed = (|| {
        if let Some(Change::Frames(frames)) = change {
            let mut buffer = [0; BUFFER];
            if !has_first {
                let count = server.read(&mut buffer)?;
                client.write_all(&buffer[..count])?;
            }
            client.write_all(&frames())?;
        }
        io::copy(&mut server, &mut client)
    })();
    let _closed = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    passed.map(drop)
}
