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

/// Number of frames of a flood that are written at once.
const FLOOD: usize = 100;

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
        let relay = Relay { behavior, upstream, elsewhere, count: AtomicUsize::new(0) };
        let address = serve(move |client| {
            // The client may end the connection at any time.
            let _ended = relay.pass_on(client);
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

/// A relay, shared by its connections.
struct Relay {
    behavior: Behavior,
    upstream: SocketAddr,
    /// Address of another origin.
    elsewhere: SocketAddr,
    /// Number of responses that could have been changed.
    count: AtomicUsize,
}

impl Relay {
    fn pass_on(&self, mut client: TcpStream) -> io::Result<()> {
        let (head, rest) = read_head(&mut client)?;
        let head = RequestHead::parse(&head);
        let length = head.header("content-length").and_then(|it| it.parse().ok());
        let Some(body) = read_body(&mut client, rest, length.unwrap_or(0_usize))? else {
            return Ok(());
        };
        let is_socket = head.header("upgrade").is_some();
        let head = if is_socket { head } else { head.with("connection", "close") };
        let path = head.line.split(' ').nth(1).unwrap_or_default().to_owned();
        let change = self.change(is_socket, &path);
        if let Some(Change::Throttle(..)) = change {
            // A throttled request has no effect.
            let head = "HTTP/1.1 429 T\r\nContent-Type: application/json";
            return self.respond(&mut client, change, &path, head, Vec::new());
        }
        let mut server = TcpStream::connect(self.upstream)?;
        server.write_all(&[head.to_text().as_bytes(), &body].concat())?;
        let (head, rest) = read_head(&mut server)?;
        if is_socket && !change.is_some_and(replaces_handshake) {
            client.write_all(&[head.as_bytes(), b"\r\n\r\n", &rest].concat())?;
            return relay_frames(client, server, change, !rest.is_empty());
        }
        let mut body = rest;
        if !is_socket {
            server.read_to_end(&mut body)?;
        } else if matches!(change, Some(Change::Slow(..) | Change::Stall)) {
            return write_slowly(&mut client, change, format!("{head}\r\n\r\n").as_bytes());
        }
        self.respond(&mut client, change, &path, &head, body)
    }

    /// The change of a response, if it is to be changed.
    fn change(&self, is_socket: bool, path: &str) -> Option<Change> {
        let Behavior { on, change, every, .. } = self.behavior;
        let actual = match (is_socket, path.contains("/token/")) {
            (true, _) if matches!(change, Change::Frames(_) | Change::Flood(_)) => On::Sockets,
            (true, _) => On::Handshakes,
            (false, true) => On::Logins,
            (false, false) => On::Operations,
        };
        let is_due = || self.count.fetch_add(1, Ordering::Relaxed) % every == every - 1;
        (on == actual && is_due()).then_some(change)
    }

    /// Writes a response of the server, with the change.
    fn respond(
        &self,
        client: &mut TcpStream,
        change: Option<Change>,
        path: &str,
        head: &str,
        mut body: Vec<u8>,
    ) -> io::Result<()> {
        let (status, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let kept = headers.lines().filter(|line| {
            let name = line.split(':').next().unwrap_or_default().to_lowercase();
            !matches!(name.as_str(), "content-length" | "connection")
        });
        let mut headers: String = kept.map(|line| format!("{line}\r\n")).collect();
        let mut status = status.to_owned();
        let mut before = Vec::new();
        match change {
            None
            | Some(Change::Frames(_) | Change::Flood(_) | Change::Slow(..) | Change::Stall) => {}
            Some(Change::Body(body_of)) => body = body_of(&body),
            Some(Change::Json(edit)) => {
                if let Ok(mut json) = serde_json::from_slice(&body) {
                    edit(&mut json);
                    body = self.with_places(&json.to_string()).into_bytes();
                }
            }
            Some(Change::Headers(lines)) => headers += &self.with_places(&lines()),
            Some(Change::Status(line)) => {
                status = format!("HTTP/1.1 {line}");
                headers += &self.with_places("Location: {elsewhere}/api/chat/rooms/\r\n");
            }
            Some(Change::Redirect(line, location)) => {
                status = format!("HTTP/1.1 {line}");
                let location = self.with_places(location).replace("{path}", path);
                headers += &format!("Location: {location}\r\n");
                body = Vec::new();
            }
            Some(Change::Throttle(line, delay)) => {
                status = format!("HTTP/1.1 {line}");
                headers += &format!("Retry-After: {delay}\r\n");
                body = br#"{"error": "Too Many Requests"}"#.to_vec();
            }
            Some(Change::Encoded(encoding, encode)) => {
                headers += &format!("Content-Encoding: {encoding}\r\n");
                body = encode(&body);
            }
            Some(Change::Before(bytes)) => before = bytes(),
            Some(Change::Raw(bytes)) => {
                client.write_all(&bytes(&body))?;
                return client.shutdown(Shutdown::Write);
            }
        }
        let length = body.len();
        let head =
            format!("{status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        client.write_all(&[&before, head.as_bytes()].concat())?;
        write_slowly(client, change, &body)?;
        client.shutdown(Shutdown::Write)
    }

    /// The text with the other origin in place of its names.
    fn with_places(&self, text: &str) -> String {
        let host = self.elsewhere.to_string();
        text.replace("{elsewhere-host}", &host).replace("{elsewhere}", &format!("http://{host}"))
    }
}

/// Returns whether the response to a handshake is changed, so that there is not a socket.
fn replaces_handshake(change: Change) -> bool {
    !matches!(change, Change::Frames(_) | Change::Flood(_) | Change::Body(_) | Change::Json(_))
}

/// Writes a body, at the speed of the change.
fn write_slowly(client: &mut TcpStream, change: Option<Change>, body: &[u8]) -> io::Result<()> {
    match change {
        Some(Change::Slow(pause, length)) => {
            for piece in body.chunks(length) {
                std::thread::sleep(pause);
                client.write_all(piece)?;
            }
            Ok(())
        }
        Some(Change::Stall) => {
            client.write_all(&body[..body.len() / 2])?;
            // Until the client closes the connection.
            io::copy(client, &mut io::sink()).map(drop)
        }
        _ => client.write_all(body),
    }
}

/// The body of a request, or `None` if the client closed the connection before its end.
fn read_body(client: &mut TcpStream, rest: Vec<u8>, length: usize) -> io::Result<Option<Vec<u8>>> {
    let mut body = rest;
    while body.len() < length {
        let mut buffer = [0; BUFFER];
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(None);
        }
        body.extend_from_slice(&buffer[..count]);
    }
    Ok(Some(body))
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
        if let Some(Change::Frames(frames) | Change::Flood(frames)) = change {
            let mut buffer = [0; BUFFER];
            if !has_first {
                let count = server.read(&mut buffer)?;
                client.write_all(&buffer[..count])?;
            }
            client.write_all(&frames())?;
        }
        if let Some(Change::Flood(frames)) = change {
            let frames = frames().repeat(FLOOD);
            loop {
                client.write_all(&frames)?;
            }
        }
        io::copy(&mut server, &mut client)
    })();
    let _closed = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    passed.map(drop)
}
