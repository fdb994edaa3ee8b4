//! The swarm: what all members share.

mod act;
mod glue;
mod inbox;
mod member;
mod pump;
mod requests;
mod rest;
mod signal;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hearback_client::Actor;
use hearback_contract::RoomId;
use hearback_history::escape::escape;
use hearback_history::{Recorder, ScenarioName};
use hearback_stats::counters::SecondCounters;
use hearback_stats::record::ErrorExample;
use hearback_stats::{Counters, ErrorKind, Nanoseconds, RoomLedger, SecondaryLatency};
use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::clock::Clock;
use crate::plan::{Plan, PlannedMember};
use crate::schedule::Slot;
use crate::socket::Reader;

use inbox::Inbox;
use signal::Signal;
use told::Told;

pub(crate) use glue::release;
pub(crate) use requests::Requests;

/// Examples kept of each kind.
const EXAMPLES: usize = 3;
/// The longest text of an example, in characters.
const SHOWN: usize = 200;
/// How long a client waits before it reconnects. Section *WebSocket Reconnection*.
const BEFORE_RECONNECTING: Duration = Duration::from_secs(2);

/// Rooms, ledgers and counters of a run; shared by its members, the pacer and who watches.
pub(crate) struct Swarm {
    pub(crate) clock: Clock,
    /// The run in tags.
    pub(crate) mark: u32,
    pub(crate) plan: Plan,
    pub(crate) rooms: Vec<Room>,
    pub(crate) actors: Vec<Actor>,
    pub(crate) reader: Reader,
    pub(crate) counts: Counts,
    pub(crate) requests: Requests,
    /// Messages' text after the tag.
    pub(crate) padding: String,
    /// Messages due before this do not count for the latencies.
    pub(crate) measured_from: AtomicU64,
    pub(crate) connect_interval: Duration,
    shards: Vec<Mutex<Counters>>,
    examples: Mutex<Vec<ErrorExample>>,
    inboxes: Vec<Inbox>,
    next_member: AtomicU64,
    /// Every member has to end.
    stopping: Signal,
    /// Nothing more is sent, and everybody reads what is still to come.
    draining: Signal,
}

/// A room of the run.
pub(crate) struct Room {
    /// Its id at the target.
    pub(crate) id: RoomId,
    pub(crate) scenario: ScenarioName,
    pub(crate) class: usize,
    pub(crate) ledger: Mutex<RoomLedger>,
    /// Where its traffic is kept, if it is sampled.
    pub(crate) tap: Option<Arc<Recorder>>,
    typing: Told<bool>,
    receipts: Told<String>,
}

impl Room {
    pub(crate) fn new(
        id: RoomId,
        scenario: ScenarioName,
        class: usize,
        ledger: RoomLedger,
        tap: Option<Arc<Recorder>>,
    ) -> Self {
        Self {
            id,
            scenario,
            class,
            ledger: Mutex::new(ledger),
            tap,
            typing: Told::default(),
            receipts: Told::default(),
        }
    }
}

/// Counters that are looked at while the run goes on.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) attempted: AtomicU64,
    pub(crate) opened: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) connected: AtomicU64,
    pub(crate) peak: AtomicU64,
    pub(crate) offered: AtomicU64,
    pub(crate) sent: AtomicU64,
    /// Members whose first opening has succeeded or failed.
    pub(crate) arrived: AtomicU64,
    /// Members that have ended.
    pub(crate) ended: AtomicU64,
}

pub(crate) fn add(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}

pub(crate) fn of(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// What a swarm is made of.
pub(crate) struct Actors {
    pub(crate) plan: Plan,
    pub(crate) rooms: Vec<Room>,
    pub(crate) actors: Vec<Actor>,
}

impl Swarm {
    pub(crate) fn new(
        clock: Clock,
        mark: u32,
        cast: Actors,
        connect_rate: f64,
        message_bytes: usize,
    ) -> Self {
        let members = cast.plan.members.len();
        // Enough that two workers seldom wait for each other; each takes more than a megabyte.
        let shards = match Handle::current().metrics().num_workers() {
            1 => 1,
            workers => 2 * workers,
        };
        let padding = message_bytes.saturating_sub(hearback_stats::MessageTag::LENGTH);
        Self {
            clock,
            mark,
            plan: cast.plan,
            rooms: cast.rooms,
            actors: cast.actors,
            reader: Reader::default(),
            counts: Counts::default(),
            requests: Requests::default(),
            padding: words(padding),
            measured_from: AtomicU64::new(Nanoseconds::MAX),
            connect_interval: Duration::from_secs_f64(1.0 / connect_rate),
            shards: std::iter::repeat_with(Mutex::default).take(shards).collect(),
            examples: Mutex::default(),
            inboxes: std::iter::repeat_with(Inbox::default).take(members).collect(),
            next_member: AtomicU64::new(0),
            stopping: Signal::default(),
            draining: Signal::default(),
        }
    }

    /// A place among the members; each is given out once.
    fn take_place(&self) -> Option<usize> {
        let place = (add(&self.next_member) - 1) as usize;
        (place < self.inboxes.len()).then_some(place)
    }

    /// Gives a slot to the member whose turn it is.
    pub(crate) fn offer(&self, member: usize, slot: Slot) {
        add(&self.counts.offered);
        self.shard(self.plan.members[member].room).lock().second.offered += 1;
        if !self.inboxes[member].put(slot) {
            self.error(self.plan.members[member].room, ErrorKind::NotSent, "its sender has ended");
        }
    }

    fn shard(&self, room: usize) -> &Mutex<Counters> {
        &self.shards[room % self.shards.len()]
    }

    /// Notes a latency that is no delivery.
    pub(crate) fn record_secondary(
        &self,
        room: usize,
        kind: SecondaryLatency,
        latency: Nanoseconds,
    ) {
        self.shard(room).lock().record_secondary(kind, latency);
    }

    /// Notes that something went wrong, with what was said of it.
    pub(crate) fn error(&self, room: usize, kind: ErrorKind, said: &str) {
        self.shard(room).lock().record_error(self.rooms[room].class, kind);
        let mut examples = self.examples.lock();
        let alike = examples.iter().filter(|example| example.kind == kind).count();
        if alike < EXAMPLES && !said.is_empty() {
            let text = self.actors[0].client().recorder().redacted(&escape(said, SHOWN));
            if !examples.iter().any(|example| example.text == text) {
                examples.push(ErrorExample { kind, text });
            }
        }
    }

    /// The second that is over, all shards together.
    pub(crate) fn turn(&self) -> SecondCounters {
        let moments = self.shards.iter().map(|shard| shard.lock().take_second());
        let sum = moments.reduce(|mut sum, moment| {
            sum.merge(&moment);
            sum
        });
        sum.unwrap_or_default()
    }

    /// Everything tallied by now, all shards together.
    pub(crate) fn counters(&self) -> Counters {
        let mut sum = Counters::default();
        self.shards.iter().for_each(|shard| sum.merge(&shard.lock()));
        sum
    }

    /// Examples of what went wrong.
    pub(crate) fn examples(&self) -> Vec<ErrorExample> {
        let mut examples = self.examples.lock().clone();
        examples.sort_by_key(|example| example.kind);
        examples
    }

    /// Whether every message was delivered to everybody.
    pub(crate) fn is_settled(&self) -> bool {
        self.rooms.iter().all(|room| room.ledger.lock().is_settled())
    }

    /// Has every member end.
    pub(crate) fn stop(&self) {
        self.stopping.give();
        self.inboxes.iter().for_each(Inbox::wake);
    }

    /// Has slow readers read on.
    pub(crate) fn drain(&self) {
        self.draining.give();
    }

    /// The rest cannot be waited for: nobody who is slow on purpose is said to have lost it.
    pub(crate) fn excuse_slow_readers(&self) {
        self.rooms.iter().for_each(|room| room.ledger.lock().excuse_slow_readers());
    }

    fn is_stopping(&self) -> bool {
        self.stopping.is_given()
    }

    /// Sleeps, but not longer than the run lasts; says whether it lasts.
    async fn sleep(&self, length: Duration) -> bool {
        tokio::time::timeout(length, self.stopping.given()).await.is_err()
    }

    /// Does not read for so long, but not while the rest is waited for.
    async fn stall(&self, length: Duration) {
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.draining.given() => {}
            () = self.stopping.given() => {}
        }
    }

    fn planned(&self, place: usize) -> &PlannedMember {
        &self.plan.members[place]
    }
}

/// So many bytes of text that compresses no better than text does.
fn words(length: usize) -> String {
    const WORDS: [&str; 8] = ["the", "lift", "on", "floor", "three", "is", "stuck", "again"];
    let mut text = String::with_capacity(length + 8);
    let mut number = 0;
    while text.len() < length {
        text.push(' ');
        text.push_str(WORDS[number * 5 % 8]);
        number += 1;
    }
    text.truncate(length);
    text
}
