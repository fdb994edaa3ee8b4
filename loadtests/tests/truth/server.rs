//! A minimal chat server that records its own delays and defects.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Intentional behavior of the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Behavior {
    /// Time from the arrival of a message to its delivery.
    pub(crate) delay: Duration,
    /// Interval and length of stalls. Each interval, counted from the first message, ends with a stall.
    pub(crate) stall: Option<(Duration, Duration)>,
    /// A defect, and the number of deliveries of which one has it.
    pub(crate) defect: Option<(Defect, u64)>,
    /// Maximum number of sockets that are opened.
    pub(crate) sockets: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    Drop,
    Duplicate,
    /// The delivery is exchanged with the next one to the same socket.
    Swap,
}

/// Counts of what the server did.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) deliveries: u64,
    pub(crate) defects: u64,
    pub(crate) opened: usize,
    pub(crate) messages: u64,
    pub(crate) archived: usize,
    /// Delays beyond the intended ones, in nanoseconds: the inaccuracy of the server.
    pub(crate) lateness: Vec<u64>,
}

/// The server, which ends with its runtime.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) base: String,
    shared: Arc<Shared>,
}

struct Shared {
    behavior: Behavior,
    stats: Mutex<Stats>,
    rooms: Mutex<Rooms>,
    /// Deliveries for the thread that waits for their time.
    queue: blocking::Sender<OutgoingFrame>,
}

#[derive(Default)]
struct Rooms {
    sockets: HashMap<String, Vec<Arc<Socket>>>,
    messages: u64,
    first_message: Option<Instant>,
}

struct Socket {
    frames: mpsc::UnboundedSender<Utf8Bytes>,
    /// A delivery that will be exchanged with the next one.
    held: Mutex<Option<Utf8Bytes>>,
}

struct OutgoingFrame {
    due: Instant,
    number: u64,
    room: String,
    frame: Utf8Bytes,
}

impl Server {
    pub(crate) async fn start(behavior: Behavior) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/api", listener.local_addr().unwrap());
        let (queue, pending) = blocking::channel();
        let shared =
            Arc::new(Shared { behavior, stats: Mutex::default(), rooms: Mutex::default(), queue });
        let server = Self { base, shared: Arc::clone(&shared) };
        // On a thread of its own, because the runtime's timers have a resolution of a millisecond.
        let weak = Arc::downgrade(&shared);
        std::thread::spawn(move || {
            let deliver = |outgoing: &OutgoingFrame| {
                let Some(shared) = weak.upgrade() else { return };
                shared.deliver(outgoing);
            };
            deliver_on_time(&pending, deliver);
        });
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let shared = Arc::clone(&accepting.shared);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn stats<T>(&self, look: impl FnOnce(&Stats) -> T) -> T {
        look(&self.shared.stats.lock())
    }

    /// The median of its own lateness.
    pub(crate) fn lateness(&self) -> Duration {
        let mut lateness = self.stats(|stats| stats.lateness.clone());
        lateness.sort_unstable();
        Duration::from_nanos(lateness.get(lateness.len() / 2).copied().unwrap_or_default())
    }
}

/// Passes each frame to `deliver` when it is due, in order.
fn deliver_on_time(pending: &blocking::Receiver<OutgoingFrame>, deliver: impl Fn(&OutgoingFrame)) {
    let mut waiting = BinaryHeap::new();
    loop {
        let next = waiting.peek().map(|Reverse(outgoing): &Reverse<OutgoingFrame>| outgoing.due);
        let until = next.map(|due| due.saturating_duration_since(Instant::now()));
        let arrived = match until {
            Some(time) if time.is_zero() => {
                if let Some(Reverse(outgoing)) = waiting.pop() {
                    deliver(&outgoing);
                }
                continue;
            }
            Some(time) => match pending.recv_timeout(time) {
                Err(blocking::RecvTimeoutError::Disconnected) => return,
                arrived => arrived.ok(),
            },
            None => match pending.recv() {
                Ok(outgoing) => Some(outgoing),
                Err(_) => return,
            },
        };
        waiting.extend(arrived.map(Reverse));
    }
}

impl PartialEq for OutgoingFrame {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for OutgoingFrame {}

impl PartialOrd for OutgoingFrame {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OutgoingFrame {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        while let Some(request) = read_request(&mut stream).await {
            if let Some(key) = request.key {
                let room = request.path.split('/').nth(3).unwrap_or_default().to_owned();
                let user = request.path.rsplit('=').next().and_then(|token| token.parse().ok());
                return self.open(stream, &key, room, user.unwrap_or_default()).await;
            }
            let (status, body) = self.answer(&request);
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    /// Tokens are user ids, user names are `user-<id>`.
    fn answer(&self, request: &Request) -> (u16, Value) {
        let path = request.path.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path) {
            ("POST", "/api/token/") => {
                let name = request.body["username"].as_str().unwrap_or_default();
                (200, json!({"access": name.trim_start_matches("user-"), "refresh": "r"}))
            }
            ("GET", "/api/chat/rooms/") if request.token.is_none() => {
                (401, json!({"error": "no", "detail": "no token"}))
            }
            ("POST", "/api/chat/rooms/") => {
                let mut rooms = self.rooms.lock();
                let id = format!("room-{}", rooms.sockets.len());
                rooms.sockets.insert(id.clone(), Vec::new());
                (201, json!({"id": id}))
            }
            ("POST", path) if path.ends_with("/archive/") => {
                self.stats.lock().archived += 1;
                (200, json!({}))
            }
            _ => (200, json!({"count": 0, "next": null, "previous": null, "results": []})),
        }
    }

    async fn open(self: Arc<Self>, mut stream: TcpStream, key: &str, room: String, user: i64) {
        let opened = {
            let mut stats = self.stats.lock();
            stats.opened += 1;
            stats.opened
        };
        if self.behavior.sockets.is_some_and(|most| opened > most) {
            let answer = "HTTP/1.1 503 Full\r\ncontent-length: 4\r\n\r\nfull";
            let _gone = stream.write_all(answer.as_bytes()).await;
            return;
        }
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        let (mut writer, mut reader) = socket.split();
        let (frames, mut queue) = mpsc::unbounded_channel::<Utf8Bytes>();
        let hello = json!({
            "type": "connection_established", "room_id": room, "unread_count": 0, "user_id": user,
        });
        frames.send(hello.to_string().into()).unwrap();
        let socket_queue = Arc::new(Socket { frames, held: Mutex::default() });
        self.rooms.lock().sockets.entry(room.clone()).or_default().push(Arc::clone(&socket_queue));
        let writing = tokio::spawn(async move {
            while let Some(frame) = queue.recv().await {
                if writer.send(Message::Text(frame)).await.is_err() {
                    return;
                }
            }
        });
        while let Some(Ok(message)) = reader.next().await {
            if let Message::Text(text) = message {
                self.schedule(&room, text.as_str());
            }
        }
        if let Some(sockets) = self.rooms.lock().sockets.get_mut(&room) {
            sockets.retain(|other| !Arc::ptr_eq(other, &socket_queue));
        }
        writing.abort();
    }

    /// Schedules the delivery of a frame after its delay and the stall that it falls into.
    fn schedule(&self, room: &str, text: &str) {
        let now = Instant::now();
        let event: Value = serde_json::from_str(text).unwrap();
        if event["type"] != "chat_message" {
            return;
        }
        let mut rooms = self.rooms.lock();
        let first = *rooms.first_message.get_or_insert(now);
        rooms.messages += 1;
        let number = rooms.messages;
        drop(rooms);
        self.stats.lock().messages += 1;
        let mut due = now + self.behavior.delay;
        if let Some((every, length)) = self.behavior.stall {
            due += stall_left(now - first, every, length);
        }
        let frame = json!({
            "type": "chat_message",
            "message": {"id": format!("m-{number}"), "content": event["message"]},
        });
        let frame = frame.to_string().into();
        self.queue.send(OutgoingFrame { due, number, room: room.to_owned(), frame }).unwrap();
    }

    fn deliver(&self, outgoing: &OutgoingFrame) {
        let rooms = self.rooms.lock();
        let mut stats = self.stats.lock();
        for socket in rooms.sockets.get(&outgoing.room).into_iter().flatten() {
            stats.deliveries += 1;
            let lateness = Instant::now().saturating_duration_since(outgoing.due);
            stats.lateness.push(u64::try_from(lateness.as_nanos()).unwrap());
            let defect = self.behavior.defect;
            let defect = defect.filter(|(_, of)| stats.deliveries.is_multiple_of(*of));
            let mut held = socket.held.lock();
            let send = |frame: &Utf8Bytes| drop(socket.frames.send(frame.clone()));
            match defect.map(|(defect, _)| defect) {
                Some(Defect::Drop) => stats.defects += 1,
                Some(Defect::Duplicate) => {
                    stats.defects += 1;
                    send(&outgoing.frame);
                    send(&outgoing.frame);
                }
                Some(Defect::Swap) if held.is_none() => *held = Some(outgoing.frame.clone()),
                Some(Defect::Swap) | None => send(&outgoing.frame),
            }
            if defect.is_none()
                && let Some(earlier) = held.take()
            {
                stats.defects += 1;
                send(&earlier);
            }
        }
    }
}

/// The remaining length of the stall at `time` after the first message; each interval ends with a stall.
pub(crate) fn stall_left(time: Duration, every: Duration, length: Duration) -> Duration {
    let into = Duration::from_nanos((time.as_nanos() % every.as_nanos()) as u64);
    match into >= every - length {
        true => every - into,
        false => Duration::ZERO,
    }
}

struct Request {
    method: String,
    path: String,
    token: Option<String>,
    key: Option<String>,
    body: Value,
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let header = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = text.split_whitespace().map(str::to_owned);
    Some(Request {
        method: words.next()?,
        path: words.next()?,
        token: header("authorization"),
        key: header("sec-websocket-key"),
        body: serde_json::from_slice(&bytes[head..]).unwrap_or_default(),
    })
}
