//! A chat server of a few lines, which keeps account of every delay and every mistake that it makes.

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

/// What the server does on purpose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Behaviour {
    /// From a message's arrival to its delivery.
    pub(crate) delay: Duration,
    /// Every so often, counted from the first message, the server stands still for so long.
    pub(crate) stall: Option<(Duration, Duration)>,
    /// One delivery of so many goes wrong in this way.
    pub(crate) mistake: Option<(Mistake, u64)>,
    /// After so many sockets, no more are opened.
    pub(crate) sockets: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    Drop,
    Double,
    /// Exchanged with the next delivery to the same socket.
    Swap,
}

/// What it has done.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) deliveries: u64,
    pub(crate) mistakes: u64,
    pub(crate) opened: usize,
    pub(crate) messages: u64,
    pub(crate) archived: usize,
    /// How much later than it wanted the server delivered, in nanoseconds: its own error.
    pub(crate) lateness: Vec<u64>,
}

/// The server; it ends with its runtime.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) base: String,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Behaviour,
    deeds: Mutex<Deeds>,
    rooms: Mutex<Rooms>,
    /// Deliveries on their way to the thread that waits for their time.
    queue: blocking::Sender<Parcel>,
}

#[derive(Default)]
struct Rooms {
    sockets: HashMap<String, Vec<Arc<Outbox>>>,
    messages: u64,
    first_message: Option<Instant>,
}

struct Outbox {
    frames: mpsc::UnboundedSender<Utf8Bytes>,
    /// A delivery that waits for the next one, to be exchanged with it.
    held: Mutex<Option<Utf8Bytes>>,
}

struct Parcel {
    due: Instant,
    number: u64,
    room: String,
    frame: Utf8Bytes,
}

impl Server {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/api", listener.local_addr().unwrap());
        let (queue, parcels) = blocking::channel();
        let shared =
            Arc::new(Shared { behaviour, deeds: Mutex::default(), rooms: Mutex::default(), queue });
        let server = Self { base, shared: Arc::clone(&shared) };
        // A thread of its own: the runtime's timers are only good to a millisecond.
        let weak = Arc::downgrade(&shared);
        std::thread::spawn(move || {
            let deliver = |parcel: &Parcel| {
                let Some(shared) = weak.upgrade() else { return };
                shared.deliver(parcel);
            };
            wait_and(&parcels, deliver);
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

    pub(crate) fn deeds<T>(&self, look: impl FnOnce(&Deeds) -> T) -> T {
        look(&self.shared.deeds.lock())
    }

    /// The median of its own lateness.
    pub(crate) fn lateness(&self) -> Duration {
        let mut lateness = self.deeds(|deeds| deeds.lateness.clone());
        lateness.sort_unstable();
        Duration::from_nanos(lateness.get(lateness.len() / 2).copied().unwrap_or_default())
    }
}

/// Hands each parcel over when it is due, in order.
fn wait_and(parcels: &blocking::Receiver<Parcel>, deliver: impl Fn(&Parcel)) {
    let mut waiting = BinaryHeap::new();
    loop {
        let next = waiting.peek().map(|Reverse(parcel): &Reverse<Parcel>| parcel.due);
        let until = next.map(|due| due.saturating_duration_since(Instant::now()));
        let arrived = match until {
            Some(time) if time.is_zero() => {
                if let Some(Reverse(parcel)) = waiting.pop() {
                    deliver(&parcel);
                }
                continue;
            }
            Some(time) => match parcels.recv_timeout(time) {
                Err(blocking::RecvTimeoutError::Disconnected) => return,
                arrived => arrived.ok(),
            },
            None => match parcels.recv() {
                Ok(parcel) => Some(parcel),
                Err(_) => return,
            },
        };
        waiting.extend(arrived.map(Reverse));
    }
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Parcel {}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Parcel {
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
                self.deeds.lock().archived += 1;
                (200, json!({}))
            }
            _ => (200, json!({"count": 0, "next": null, "previous": null, "results": []})),
        }
    }

    async fn open(self: Arc<Self>, mut stream: TcpStream, key: &str, room: String, user: i64) {
        let opened = {
            let mut deeds = self.deeds.lock();
            deeds.opened += 1;
            deeds.opened
        };
        if self.behaviour.sockets.is_some_and(|most| opened > most) {
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
        let outbox = Arc::new(Outbox { frames, held: Mutex::default() });
        self.rooms.lock().sockets.entry(room.clone()).or_default().push(Arc::clone(&outbox));
        let writing = tokio::spawn(async move {
            while let Some(frame) = queue.recv().await {
                if writer.send(Message::Text(frame)).await.is_err() {
                    return;
                }
            }
        });
        while let Some(Ok(message)) = reader.next().await {
            if let Message::Text(text) = message {
                self.take(&room, text.as_str());
            }
        }
        if let Some(sockets) = self.rooms.lock().sockets.get_mut(&room) {
            sockets.retain(|other| !Arc::ptr_eq(other, &outbox));
        }
        writing.abort();
    }

    /// A frame has arrived: it is delivered when its delay, and a stall that it falls into, are over.
    fn take(&self, room: &str, text: &str) {
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
        self.deeds.lock().messages += 1;
        let mut due = now + self.behaviour.delay;
        if let Some((every, length)) = self.behaviour.stall {
            due += stall_left(now - first, every, length);
        }
        let frame = json!({
            "type": "chat_message",
            "message": {"id": format!("m-{number}"), "content": event["message"]},
        });
        let frame = frame.to_string().into();
        self.queue.send(Parcel { due, number, room: room.to_owned(), frame }).unwrap();
    }

    fn deliver(&self, parcel: &Parcel) {
        let rooms = self.rooms.lock();
        let mut deeds = self.deeds.lock();
        for socket in rooms.sockets.get(&parcel.room).into_iter().flatten() {
            deeds.deliveries += 1;
            let lateness = Instant::now().saturating_duration_since(parcel.due);
            deeds.lateness.push(u64::try_from(lateness.as_nanos()).unwrap());
            let mistake = self.behaviour.mistake;
            let mistake = mistake.filter(|(_, of)| deeds.deliveries.is_multiple_of(*of));
            let mut held = socket.held.lock();
            let send = |frame: &Utf8Bytes| drop(socket.frames.send(frame.clone()));
            match mistake.map(|(mistake, _)| mistake) {
                Some(Mistake::Drop) => deeds.mistakes += 1,
                Some(Mistake::Double) => {
                    deeds.mistakes += 1;
                    send(&parcel.frame);
                    send(&parcel.frame);
                }
                Some(Mistake::Swap) if held.is_none() => *held = Some(parcel.frame.clone()),
                Some(Mistake::Swap) | None => send(&parcel.frame),
            }
            if mistake.is_none()
                && let Some(earlier) = held.take()
            {
                deeds.mistakes += 1;
                send(&earlier);
            }
        }
    }
}

/// How long a stall still lasts at `time`, which counts from the first message: each interval ends with one.
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
