//! Clients against servers that send arbitrary bytes: no panic, bounded time, bounded memory, a complete record.

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearback_client::{Account, Actor, Client, Limits, Request, Target};
use hearback_contract::Operation;
use hearback_history::{
    CloseOrigin, CredentialKind, Event, EventKind, Handshake, History, Outcome, Probe,
    ProbeOutcome, Recorder, ScenarioName, Sink,
};
use hearback_testkit::servers::{accept_handshake, read_request, serve_api};
use parking_lot::Mutex;
use proptest::prelude::*;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// Maximum size of a body in these tests, in bytes.
const LIMIT: usize = 512;

/// Maximum time for one case; each timeout of the client is shorter.
const BOUND: Duration = Duration::from_secs(5);

/// An actor at a server that handles connections with `handle`, and the recorded events.
fn actor(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> (Actor, Arc<Mutex<Vec<Event>>>) {
    let target = Target::new(&serve_api(handle), None).unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink: Box<dyn Sink> = Box::new(Arc::clone(&events));
    let limits = Limits {
        body: LIMIT,
        frames: 20,
        frame_bytes: 4 * LIMIT,
        attempts: 1,
        ..Limits::with_timeout(Duration::from_secs(1))
    };
    let client = Client::new(target, Arc::new(Recorder::new(vec![sink])), limits, None).unwrap();
    (client.actor(Account::with_tokens("alice", "token-of-alice", None)), events)
}

/// Sends bytes and the end of the stream.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _written = stream.write_all(bytes);
    let _sent = stream.shutdown(Shutdown::Write);
    let _closed = stream.read(&mut [0; 256]);
}

/// The beginning of a response, and arbitrary bytes.
fn any_response() -> impl Strategy<Value = Vec<u8>> {
    let head = prop_oneof![
        Just(String::new()),
        Just("HTTP/1.1 200 OK\r\n".to_owned()),
        Just("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
        Just("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()),
        (0_usize..2000).prop_map(|n| format!("HTTP/1.1 201 C\r\nContent-Length: {n}\r\n\r\n")),
        "[0-9]{0,24}".prop_map(|n| format!("HTTP/1.1 429 T\r\nRetry-After: {n}\r\n\r\n")),
    ];
    (head, prop::collection::vec(any::<u8>(), 0..2 * LIMIT))
        .prop_map(|(head, body)| [head.into_bytes(), body].concat())
}

/// Valid and invalid frames of a server.
fn any_frames() -> impl Strategy<Value = Vec<u8>> {
    let text = "\\PC{0,30}".prop_map(|text| frame_of(0x81, text.as_bytes()));
    let bytes = || prop::collection::vec(any::<u8>(), 0..125);
    let frame = prop_oneof![
        4 => text,
        2 => (any::<u8>(), bytes()).prop_map(|(head, bytes)| frame_of(head, &bytes)),
        1 => bytes(),
    ];
    prop_oneof![
        prop::collection::vec(frame, 0..30).prop_map(|frames| frames.concat()),
        (0..40_usize, "[a-z]{0,125}")
            .prop_map(|(n, text)| frame_of(0x81, text.as_bytes()).repeat(n)),
    ]
}

/// An unmasked frame of at most 125 bytes.
fn frame_of(head: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().min(125);
    [&[head, length as u8][..], &content[..length]].concat()
}

#[test]
fn invalid_text_and_invalid_frames_end_a_socket_for_that_reason() {
    for (head, bytes, origin) in [
        (0x81, &b"\xff"[..], CloseOrigin::InvalidText),
        (0x81, &b"{}"[..], CloseOrigin::Broken),
        (0xc1, &b"{}"[..], CloseOrigin::InvalidFrame),
        (0x83, &b"{}"[..], CloseOrigin::InvalidFrame),
        // 1005 must not be sent, 1000 may be.
        (0x88, &b"\x03\xed"[..], CloseOrigin::InvalidFrame),
        (0x88, &b"\x03\xe8"[..], CloseOrigin::Server),
    ] {
        let (alice, events) = actor(move |mut stream| {
            if accept_handshake(&mut stream).is_ok() {
                send(&mut stream, &frame_of(head, bytes));
            }
        });
        Runtime::new().unwrap().block_on(async {
            let (scenario, room) = (ScenarioName::from("hostile"), "room".into());
            let socket = alice.connect(&scenario, &room, CredentialKind::Access).await.unwrap();
            assert!(socket.wait_closed(BOUND).await);
            socket.close().await;
        });
        let history = History::from_events(events.lock().clone());
        let closed = history.connections[0].closed.as_ref().unwrap();
        assert_eq!(closed.by, origin, "{closed:?}");
    }
}

#[test]
fn a_frame_is_soon_given_up_after_a_refusal_or_the_end_of_the_socket() {
    let frames = [r#"{"is": "here"}"#, r#"{"is": "refused"}"#];
    let (alice, _) = actor(move |mut stream| {
        if accept_handshake(&mut stream).is_ok() {
            send(&mut stream, &frames.map(|text| frame_of(0x81, text.as_bytes())).concat());
        }
    });
    Runtime::new().unwrap().block_on(async {
        let (scenario, room) = (ScenarioName::from("hostile"), "room".into());
        let socket = alice.connect(&scenario, &room, CredentialKind::Access).await.unwrap();
        let hour = Duration::from_secs(3600);
        let refused = |wanted: &'static str, refusal: &'static str| {
            let is_wanted = move |_: usize, event: &Value| event["is"] == wanted;
            socket.refused(0, hour, is_wanted, move |event| event["is"] == refusal)
        };
        tokio::select! {
            biased;
            () = refused("here", "refused") => panic!("it arrived"),
            ended = timeout(BOUND, async {
                tokio::join!(refused("missing", "never"), refused("missing", "refused"));
            }) => ended.unwrap(),
        }
    });
}

#[test]
fn probes_show_the_reaction_of_the_target() {
    let close = frame_of(0x88, b"\x03\xe8");
    let other = frame_of(0x8a, b"other");
    for (probe, reply, expected) in [
        (Probe::Ping, frame_of(0x8a, b"hearback"), ProbeOutcome::Answered),
        (Probe::Ping, other.clone(), ProbeOutcome::TimedOut),
        (Probe::Ping, close.clone(), ProbeOutcome::Ended),
        (Probe::Close, close.clone(), ProbeOutcome::Answered),
        (Probe::Close, Vec::new(), ProbeOutcome::Ended),
        (Probe::InvalidText, close, ProbeOutcome::Ended),
        (Probe::ReservedBit, other, ProbeOutcome::TimedOut),
    ] {
        let (alice, events) = actor(move |mut stream| {
            let is_asked = accept_handshake(&mut stream).is_ok()
                && stream.read(&mut [0; 256]).is_ok_and(|size| size > 0);
            if is_asked && !reply.is_empty() && stream.write_all(&reply).is_ok() {
                // Open until the client ends the connection.
                while stream.read(&mut [0; 256]).is_ok_and(|size| size > 0) {}
            }
        });
        let outcome = Runtime::new().unwrap().block_on(async {
            let (scenario, room) = (ScenarioName::from("hostile"), "room".into());
            let socket = alice.connect(&scenario, &room, CredentialKind::Access).await.unwrap();
            let outcome = socket.probe(probe, "text").await.unwrap();
            socket.close().await;
            outcome
        });
        assert_eq!(outcome, expected, "{probe}");
        let history = History::from_events(events.lock().clone());
        assert_eq!(history.connections[0].probes[0].outcome, Some(expected), "{probe}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_response_ends_a_call_within_bounds(response in any_response()) {
        let (alice, events) = actor(move |mut stream| {
            let _request = read_request(&mut stream);
            send(&mut stream, &response);
        });
        let start = Instant::now();
        let received = Runtime::new().unwrap().block_on(async {
            let scenario = ScenarioName::from("hostile");
            alice.call(&scenario, Request::new(Operation::RoomsList)).await
        });
        prop_assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
        prop_assert!(received.body.len() <= LIMIT);
        prop_assert!(received.json.is_none() || !received.truncated);
        prop_assert!(received.status.is_some() != received.error.is_some());
        let history = History::from_events(events.lock().clone());
        prop_assert_eq!(history.calls.len(), 1);
        let is_recorded = match &history.calls[0].outcome {
            Outcome::Response { status, .. } => received.status.is_none_or(|it| it == *status),
            Outcome::Unknown { .. } if received.truncated => true,
            Outcome::Unknown { gave_up_at, .. } => gave_up_at.is_some(),
            Outcome::Failed { .. } => received.status.is_none(),
        };
        prop_assert!(is_recorded, "{:?}", history.calls[0]);
    }

    #[test]
    fn any_handshake_response_is_a_refusal(response in any_response()) {
        let (alice, events) = actor(move |mut stream| {
            let _request = read_request(&mut stream);
            send(&mut stream, &response);
        });
        let start = Instant::now();
        let opened = Runtime::new().unwrap().block_on(async {
            let scenario = ScenarioName::from("hostile");
            let access = CredentialKind::Access;
            alice.open(&scenario, &"room".into(), access, <_>::default()).await
        });
        prop_assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
        prop_assert!(opened.is_err());
        let history = History::from_events(events.lock().clone());
        prop_assert_eq!(history.connections.len(), 1);
        let handshake = &history.connections[0].handshake;
        prop_assert!(
            matches!(handshake, Handshake::Refused { .. } | Handshake::Throttled { .. }),
            "{handshake:?}"
        );
    }

    #[test]
    fn any_frames_are_recorded_and_end_the_socket_within_bounds(frames in any_frames()) {
        let (alice, events) = actor(move |mut stream| {
            if accept_handshake(&mut stream).is_ok() {
                send(&mut stream, &frames);
            }
        });
        let start = Instant::now();
        let is_closed = Runtime::new().unwrap().block_on(async {
            let scenario = ScenarioName::from("hostile");
            let room = "room".into();
            let socket = alice.connect(&scenario, &room, CredentialKind::Access).await.unwrap();
            let is_closed = socket.wait_closed(BOUND).await;
            socket.close().await;
            is_closed
        });
        prop_assert!(is_closed && start.elapsed() < 2 * BOUND, "{:?}", start.elapsed());
        let events = events.lock();
        let ends = events.iter().filter(|event| matches!(event.kind, EventKind::Closed { .. }));
        prop_assert_eq!(ends.count(), 1);
        let received = events.iter().filter(|it| matches!(it.kind, EventKind::Received { .. }));
        prop_assert!(received.count() <= 21);
        let last = &events.last().unwrap().kind;
        prop_assert!(matches!(last, EventKind::Closed { .. }), "{last:?}");
    }

    #[test]
    fn any_frames_end_a_raw_socket(frames in any_frames()) {
        let (alice, _) = actor(move |mut stream| {
            if accept_handshake(&mut stream).is_ok() {
                send(&mut stream, &frames);
            }
        });
        let count = Runtime::new().unwrap().block_on(async {
            let scenario = ScenarioName::from("hostile");
            let (room, access) = ("room".into(), CredentialKind::Access);
            let opened = alice.open(&scenario, &room, access, <_>::default()).await;
            let mut socket = opened.unwrap().1;
            let read = async {
                let mut count = 0;
                while poll_fn(|context| socket.poll_read(context)).await.is_ok() {
                    count += 1;
                }
                count
            };
            tokio::time::timeout(BOUND, read).await
        });
        prop_assert!(count.is_ok_and(|count| count <= 30 * 62));
    }
}
