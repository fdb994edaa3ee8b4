//! Raw sockets against servers that write what no WebSocket library writes.

use std::future::poll_fn;
use std::sync::Arc;

use hearback_client::{Account, Client, Limits, RawSocket, Target};
use hearback_history::{CredentialKind, Recorder, ScenarioName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A text frame of a server.
const HELLO: [u8; 7] = [0x81, 5, b'h', b'e', b'l', b'l', b'o'];

/// Opens a socket to a server; `serve` gets the stream and the handshake response, which it has to write.
async fn open<F>(config: WebSocketConfig, serve: impl FnOnce(TcpStream, String) -> F) -> RawSocket
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    let target = Target::new(&base, None).unwrap();
    let recorder = Arc::new(Recorder::new(Vec::new()));
    let client = Client::new(target, recorder, Limits::default(), None).unwrap();
    let alice = client.actor(Account::with_tokens("alice", "token", None));
    let scenario = ScenarioName::from("here".to_owned());
    let room = "room".into();
    let opening = alice.open(&scenario, &room, CredentialKind::Access, config);
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap().into());
        }
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        );
        tokio::spawn(serve(stream, answer));
    };
    let (opened, ()) = tokio::join!(opening, serving);
    opened.unwrap().1
}

async fn next(wire: &mut RawSocket) -> Result<Message, Error> {
    poll_fn(|context| wire.poll_read(context)).await
}

#[tokio::test]
async fn frames_in_one_packet_with_the_handshake_are_read() {
    let mut wire = open(WebSocketConfig::default(), |mut stream, answer| async move {
        let all = [answer.as_bytes(), &HELLO, &HELLO].concat();
        stream.write_all(&all).await.unwrap();
        // Keep the connection open until the client closes it.
        let _gone = stream.read_u8().await;
    })
    .await;
    for _ in 0..2 {
        assert_eq!(next(&mut wire).await.unwrap(), Message::text("hello"));
    }
}

#[tokio::test]
async fn handshakes_and_frames_in_single_bytes_are_read() {
    let mut wire = open(WebSocketConfig::default(), |mut stream, answer| async move {
        stream.set_nodelay(true).unwrap();
        let (head, tail) = answer.split_at(40);
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(tail.as_bytes()).await.unwrap();
        for byte in HELLO {
            stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(next(&mut wire).await.unwrap(), Message::text("hello"));
    // The stream ends without a close frame.
    assert!(matches!(next(&mut wire).await, Err(Error::Protocol(_))));
}

#[tokio::test]
async fn unread_frames_are_buffered_up_to_a_limit_and_written_later() {
    let (begin, begins) = tokio::sync::oneshot::channel();
    let config = WebSocketConfig::default().write_buffer_size(0).max_write_buffer_size(64 << 10);
    let mut wire = open(config, |mut stream, answer| async move {
        stream.write_all(answer.as_bytes()).await.unwrap();
        let wanted: u32 = begins.await.unwrap();
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        for number in 0..wanted {
            let message = futures_util::StreamExt::next(&mut socket).await.unwrap().unwrap();
            assert!(message.to_text().unwrap().starts_with(&format!("{number} ")));
        }
        let done = Message::text("all of it");
        futures_util::SinkExt::send(&mut socket, done).await.unwrap();
    })
    .await;
    let mut written = 0;
    loop {
        match wire.write(Message::text(format!("{written} {}", "x".repeat(1000)))) {
            Ok(()) => written += 1,
            Err(Error::WriteBufferFull(_)) => break,
            Err(error) => panic!("{error}"),
        }
        assert!(written < 100_000, "the buffer is not bounded");
    }
    begin.send(written).unwrap();
    poll_fn(|context| wire.poll_flush(context)).await.unwrap();
    assert_eq!(next(&mut wire).await.unwrap(), Message::text("all of it"));
}
