//! Measurement of replicas and search indexes that lag behind writes.

use std::time::Duration;

use futures_util::future::join_all;
use hearback_contract::{Operation, RoomId, ServerEvent};
use hearback_history::{
    Attempt, CallId, CredentialKind, EventKind, Excuse, MeasuredLag, ScenarioName,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::actor::Actor;
use crate::rest::Request;
use crate::socket::Socket;

/// Number of writes after which a target that responds at once, and without lag, is trusted.
const FIRST_SAMPLES: u32 = 3;

/// Time between two of the first writes, more than a fast read takes: an update of a copy just after a write hides the
/// lag from the reads of that write only.
const FIRST_STAGGER: Duration = Duration::from_millis(25);

/// Number of further writes whose lag is measured. The time between a write and a read at the target hides shorter
/// lags, so that only some writes show one.
const FURTHER_SAMPLES: u32 = 8;

/// Time between two further writes. They cover the time between two updates of a copy.
const STAGGER: Duration = Duration::from_millis(40);

/// Duration of a read from which on it may hide a lag.
const SLOW: Duration = Duration::from_millis(20);

/// Time between two reads.
const INTERVAL: Duration = Duration::from_millis(25);

/// Measures by how much reads and searches lag behind writes, and has later reads wait for that long.
///
/// Sends messages to a room of the actor: over a socket, whose events arrive before a slow response does, or by
/// requests if `uses_socket` is false or no socket opens. Nothing waits if each message is found at once.
pub async fn measure_lag(actor: &Actor, scenario: &ScenarioName, room: &RoomId, uses_socket: bool) {
    let began = Instant::now();
    let socket = match uses_socket {
        true => actor.connect(scenario, room, CredentialKind::Access).await.ok(),
        false => None,
    };
    // All writes at the same time, since reads of a distant target will be slow.
    let is_slow = began.elapsed() >= SLOW;
    let writer = Writer { actor, scenario, room, socket };
    let (count, stagger) = match is_slow {
        true => (FIRST_SAMPLES + FURTHER_SAMPLES, STAGGER),
        false => (FIRST_SAMPLES, FIRST_STAGGER),
    };
    let settling = &actor.client().settling;
    // A refusal of a read makes the actor list its rooms.
    settling.set_measuring(true);
    let mut lag = writer.samples(count, stagger).await;
    if !is_slow && (lag.is_visible() || lag.is_incomplete || lag.round_trip >= SLOW) {
        lag = lag.longest(writer.samples(FURTHER_SAMPLES, STAGGER).await);
    }
    settling.set_measuring(false);
    if lag.is_visible() {
        let longest = actor.client().limits().longest_lag;
        // The next write may meet a worse moment than the samples.
        let margin = |lag: Duration| match lag.is_zero() {
            true => lag,
            false => (lag * 5 / 2 + Duration::from_millis(100)).min(longest),
        };
        let (reads, searches) = (margin(lag.reads), margin(lag.searches));
        tracing::info!(?reads, ?searches, "reads lag behind writes");
        actor.client().recorder().record(EventKind::LagMeasured(MeasuredLag {
            reads: lag.reads.into(),
            searches: lag.searches.into(),
        }));
        settling.set(reads, searches);
    }
}

/// Measured times; zero if the first read shows a write.
#[derive(Clone, Copy, Default)]
struct Lag {
    reads: Duration,
    searches: Duration,
    /// Longest duration of a read.
    round_trip: Duration,
    /// True if a write was not confirmed, or not shown for a long time.
    is_incomplete: bool,
}

impl Lag {
    fn is_visible(self) -> bool {
        !(self.reads.is_zero() && self.searches.is_zero())
    }

    fn longest(self, other: Self) -> Self {
        Self {
            reads: self.reads.max(other.reads),
            searches: self.searches.max(other.searches),
            round_trip: self.round_trip.max(other.round_trip),
            is_incomplete: self.is_incomplete || other.is_incomplete,
        }
    }
}

/// A member of a room that writes to it and reads the writes.
struct Writer<'a> {
    actor: &'a Actor,
    scenario: &'a ScenarioName,
    room: &'a RoomId,
    socket: Option<Socket>,
}

impl Writer<'_> {
    /// The longest lag of some writes at the same time.
    async fn samples(&self, count: u32, stagger: Duration) -> Lag {
        let samples = (0..count).map(async |index| {
            self.actor.client().throttle.pause(stagger * index).await;
            let lag = self.sample().await;
            lag.unwrap_or(Lag { is_incomplete: true, ..Lag::default() })
        });
        join_all(samples).await.into_iter().fold(Lag::default(), Lag::longest)
    }

    /// The lag of one write; `None` if it is not confirmed, or a read fails or never shows it.
    async fn sample(&self) -> Option<Lag> {
        let word = format!("lag{:08x}", fastrand::u32(..));
        let id = self.write(&word).await?;
        let written = Instant::now();
        let get = Request::new(Operation::MessagesGet).path(id.as_str());
        let search = Request::new(Operation::MessagesSearch)
            .query("q", word.as_str())
            .query("room", self.room.as_str());
        let (read, found) =
            tokio::join!(self.visible(&get, &id, written), self.visible(&search, &id, written));
        let (read, found) = (read?, found?);
        let round_trip = read.round_trip.max(found.round_trip);
        Some(Lag { reads: read.lag, searches: found.lag, round_trip, is_incomplete: false })
    }

    /// Lag from which on a write is lost, and not late.
    fn longest(&self) -> Duration {
        self.actor.client().limits().longest_lag
    }

    /// Sends a message that contains a word, and returns its id.
    async fn write(&self, word: &str) -> Option<String> {
        let content = format!("hearback {word}");
        if let Some(socket) = &self.socket {
            let frame = json!({"type": "chat_message", "message": content});
            let is_echo = |event: &Value| {
                event.get("type") == Some(&ServerEvent::ChatMessage.id().into())
                    && text_at(event, "/message/content").is_some_and(|it| it.contains(word))
            };
            if socket.send_text(&frame.to_string()).await.is_ok()
                && let Some((_, event)) = socket.wait_for(0, self.longest(), is_echo).await
            {
                return text_at(&event, "/message/id").map(str::to_owned);
            }
        }
        let body = json!({"room": self.room, "content": content});
        let request = Request::new(Operation::MessagesSend).json(body);
        let sent = self.actor.call(self.scenario, request).await;
        sent.text_at("/id").filter(|_| sent.is_success()).map(str::to_owned)
    }

    /// Repeats a read until it shows a write; `None` if it never does. The reads before that are excused.
    async fn visible(&self, request: &Request, id: &str, written: Instant) -> Option<Visible> {
        let mut late: Vec<CallId> = Vec::new();
        while written.elapsed() < self.longest() {
            let began = Instant::now();
            // A refusal by a copy is not a throttle, after whose end the request would be repeated at once.
            self.actor.keep_fresh(self.scenario).await;
            let response = self.actor.call_once(self.scenario, request.clone()).await;
            let round_trip = began.elapsed();
            let is_success = response.is_success();
            let shows = |at: &str| response.text_at(at) == Some(id);
            if is_success && (shows("/id") || shows("/results/0/id") || shows("/0/id")) {
                let is_first = late.is_empty();
                for call in late {
                    self.actor.client().excuse(Attempt::Call(call), Excuse::Lag);
                }
                let lag = if is_first { Duration::ZERO } else { written.elapsed() };
                return Some(Visible { lag, round_trip });
            }
            // Anything but an absence is not a lag. A copy without the room rejects its members like outsiders.
            if !is_success && !matches!(response.status, Some(403 | 404)) {
                return None;
            }
            late.extend(response.call);
            self.actor.client().throttle.pause(INTERVAL).await;
        }
        None
    }
}

/// A read that shows a write.
struct Visible {
    lag: Duration,
    round_trip: Duration,
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
