//! Fan-out rate of the server, compared with bare loops that copy a prepared frame to the same
//! number of sockets; and latency of REST at rest.
//!
//! One bare loop flushes each frame. The other writes all queued frames with one flush, as the
//! server does, so that the ratio to it is the cost of everything else. `cargo bench -p
//! hearback-reference --bench fanout` takes about 25 seconds.
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::{SinkExt, StreamExt};
use hearback_reference::{Options, Server, seeded};
use parking_lot::Mutex;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

const SOCKETS: usize = 200;
const MEASURED: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;
/// Maximum number of messages in flight.
const WINDOW: usize = 8;
const REQUESTS: usize = 1000;
/// Maximum number of frames that the server writes with one flush.
const BATCH: usize = 64;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[tokio::main]
async fn main() {
    let bench = Reference::start().await;
    let batching = Bare::start(BATCH).await;
    let flushing = Bare::start(1).await;
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    // The rounds alternate, so that other load on the machine affects all alike.
    for _ in 0..ROUNDS {
        rates[0].push(fan_out(&bench.socket_urls()).await);
        rates[1].push(fan_out(&vec![batching.clone(); SOCKETS]).await);
        rates[2].push(fan_out(&vec![flushing.clone(); SOCKETS]).await);
    }
    let [reference, batching, flushing] = rates.map(median);
    println!("fan-out to {SOCKETS} sockets, deliveries/s (median of {ROUNDS} rounds)");
    println!("  reference server            {reference:>9.0}");
    for (name, bare) in [("batching", batching), ("flushing", flushing)] {
        println!("  bare loop, {name:<8}         {bare:>9.0}  ratio {:.2}", reference / bare);
    }
    bench.latencies().await;
}

/// Deliveries per second to one socket per URL, all in one room; the last one sends.
async fn fan_out(urls: &[String]) -> f64 {
    let mut sockets = Vec::new();
    for url in urls {
        let config = WebSocketConfig::default().read_buffer_size(16 << 10);
        let (mut socket, _) = connect_async_with_config(url, Some(config), true).await.unwrap();
        // `connection_established`, or the greeting of the bare loop.
        socket.next().await.unwrap().unwrap();
        sockets.push(socket);
    }
    let delivered = Arc::new(Semaphore::new(WINDOW * urls.len()));
    let (mut sender, own) = sockets.pop().unwrap().split();
    let mut readers = vec![tokio::spawn(count(own, Arc::clone(&delivered)))];
    for socket in sockets {
        readers.push(tokio::spawn(count(socket.split().1, Arc::clone(&delivered))));
    }

    let event = json!({ "type": "chat_message", "message": "x".repeat(100) }).to_string();
    let message = Message::text(event);
    let each = u32::try_from(urls.len()).unwrap();
    let (started, mut sent) = (Instant::now(), 0);
    while started.elapsed() < MEASURED {
        delivered.acquire_many(each).await.unwrap().forget();
        sender.send(message.clone()).await.unwrap();
        sent += each;
    }
    // Waits for the last delivery.
    let all = u32::try_from(WINDOW).unwrap() * each;
    delivered.acquire_many(all).await.unwrap().forget();
    let rate = f64::from(sent) / started.elapsed().as_secs_f64();
    readers.into_iter().for_each(|reader| reader.abort());
    rate
}

async fn count(mut socket: futures_util::stream::SplitStream<Socket>, delivered: Arc<Semaphore>) {
    while let Some(Ok(Message::Text(_))) = socket.next().await {
        delivered.add_permits(1);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The server, with a room of all users.
struct Reference {
    server: Server,
    client: Client,
    room: String,
    tokens: Vec<String>,
}

impl Reference {
    async fn start() -> Self {
        let accounts = seeded(SOCKETS);
        let options = Options { accounts: accounts.clone(), ..Options::default() };
        let server = Server::start(options, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut bench =
            Self { server, client: Client::new(), room: String::new(), tokens: Vec::new() };
        for account in accounts {
            let body = json!({ "username": account.username, "password": account.password });
            let tokens = bench.call(Method::POST, "/token/", Some(body)).await;
            bench.tokens.push(tokens["access"].as_str().unwrap().to_owned());
        }
        let members: Vec<_> = (2..=SOCKETS).collect();
        bench.room =
            bench.create(json!({ "room_type": "group", "participant_ids": members })).await;
        bench
    }

    async fn create(&self, room: Value) -> String {
        let room = self.call(Method::POST, "/chat/rooms/", Some(room)).await;
        room["id"].as_str().unwrap().to_owned()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self.client.request(method, format!("{}{path}", self.server.base_url()));
        let token = self.tokens.first().map(String::as_str).unwrap_or_default();
        let request = request.bearer_auth(token).json(&body);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    fn socket_urls(&self) -> Vec<String> {
        let base = self.server.socket_url();
        let url = |token| format!("{base}/ws/chat/{}/?token={token}", self.room);
        self.tokens.iter().map(url).collect()
    }

    /// Latency of REST at rest, in a room of two with 50 messages.
    async fn latencies(&self) {
        let room = self.create(json!({ "room_type": "direct", "participant_ids": [2] })).await;
        let message = json!({ "room": room, "content": "x".repeat(100) });
        for _ in 0..50 {
            self.call(Method::POST, "/chat/messages/", Some(message.clone())).await;
        }
        println!("REST at rest, ms ({REQUESTS} requests each)");
        for (name, method, path, body) in [
            ("get room", Method::GET, format!("/chat/rooms/{room}/"), None),
            ("list 50 messages", Method::GET, format!("/chat/messages/?room={room}"), None),
            ("send message", Method::POST, "/chat/messages/".to_owned(), Some(message)),
        ] {
            let mut times = Vec::with_capacity(REQUESTS);
            for _ in 0..REQUESTS {
                let started = Instant::now();
                self.call(method.clone(), &path, body.clone()).await;
                times.push(started.elapsed().as_secs_f64() * 1000.0);
            }
            times.sort_by(f64::total_cmp);
            let (p50, p99) = (times[REQUESTS / 2], times[REQUESTS * 99 / 100]);
            println!("  {name:<17} p50 {p50:>6.3}  p99 {p99:>6.3}");
        }
    }
}

/// A server that copies one prepared frame to all sockets for each frame it receives.
#[derive(Clone)]
struct Bare {
    queues: Arc<Mutex<Vec<mpsc::Sender<Utf8Bytes>>>>,
    /// Maximum number of frames that are written with one flush.
    batch: usize,
}

impl Bare {
    async fn start(batch: usize) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let router = Router::new()
            .route("/", get(Self::open))
            .with_state(Self { queues: Arc::default(), batch });
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        url
    }

    async fn open(State(bare): State<Self>, upgrade: WebSocketUpgrade) -> axum::response::Response {
        upgrade
            .read_buffer_size(16 << 10)
            .write_buffer_size(16 << 10)
            .on_upgrade(|socket| bare.serve(socket))
    }

    async fn serve(self, mut socket: WebSocket) {
        // As long as a `chat_message` of the reference server.
        let ready = Utf8Bytes::from("x".repeat(480));
        let (sender, mut queue) = mpsc::channel(1024);
        self.queues.lock().push(sender);
        socket.send(Frame::text("hello")).await.unwrap();
        let mut frames = Vec::new();
        loop {
            tokio::select! {
                _ = queue.recv_many(&mut frames, self.batch) => {
                    for frame in frames.drain(..) {
                        socket.feed(Frame::Text(frame)).await.unwrap();
                    }
                    socket.flush().await.unwrap();
                }
                received = socket.recv() => match received {
                    Some(Ok(Frame::Text(_))) => {
                        self.queues.lock().retain(|queue| queue.try_send(ready.clone()).is_ok());
                    }
                    _ => return,
                },
            }
        }
    }
}
