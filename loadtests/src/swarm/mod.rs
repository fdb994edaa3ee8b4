//! The swarm: the state that all members of a run share.

mod actions;
mod counts;
mod goose_adapter;
mod member;
mod message_texts;
mod reported;
mod requests;
mod rest;
mod room;
mod run_loop;
mod slot_queue;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hearback_client::Actor;
use hearback_history::Nanoseconds;
use hearback_history::escape::escape;
use hearback_stats::counters::SecondCounters;
use hearback_stats::record::ErrorExample;
use hearback_stats::{Counters, ErrorKind, SecondaryLatency, Sequence};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::plan::{Plan, PlannedMember};
use crate::profile::Profile;
use crate::schedule::Slot;
use crate::socket::FrameParser;

use counts::increment;
use message_texts::MessageTexts;
use slot_queue::SlotQueue;

pub(crate) use counts::{Counts, load};
pub(crate) use goose_adapter::spawn_members;
pub(crate) use requests::Requests;
pub(crate) use room::Room;

/// Maximum number of examples per kind of error.
const EXAMPLES: usize = 3;
/// Maximum length of an example, in characters.
const EXAMPLE_LENGTH: usize = 200;
/// Delay before a client reconnects. Section *WebSocket Reconnection*.
const RECONNECT_DELAY: Duration = Duration::from_secs(2);

/// Rooms, ledgers and counters of a run, shared by its members, the pacer and the watcher.
pub(crate) struct Swarm {
    pub(crate) clock: Clock,
    pub(crate) plan: Plan,
    pub(crate) rooms: Vec<Room>,
    actors: Vec<Actor>,
    frames: FrameParser,
    pub(crate) counts: Counts,
    pub(crate) requests: Requests,
    /// The run in message tags.
    run: u32,
    /// The text of a message after its tag.
    texts: MessageTexts,
    /// Messages due before this time do not count for latencies.
    measured_from: AtomicU64,
    connect_interval: Duration,
    shards: Vec<Mutex<Counters>>,
    examples: Mutex<Vec<ErrorExample>>,
    /// By member.
    queues: Vec<SlotQueue>,
    next_member: AtomicU64,
    /// Cancelled when members should end.
    stopping: CancellationToken,
    /// Cancelled when nothing more is sent and slow readers should read the rest.
    draining: CancellationToken,
}

impl Swarm {
    pub(crate) fn new(
        clock: Clock,
        plan: Plan,
        rooms: Vec<Room>,
        actors: Vec<Actor>,
        profile: &Profile,
        run: u32,
    ) -> Self {
        let members = plan.members.len();
        // Enough that two workers rarely contend for a shard. A shard occupies more than a megabyte.
        let shards = match Handle::current().metrics().num_workers() {
            1 => 1,
            workers => 2 * workers,
        };
        Self {
            clock,
            plan,
            rooms,
            actors,
            frames: FrameParser::default(),
            counts: Counts::default(),
            requests: Requests::default(),
            run,
            texts: MessageTexts::new(&profile.texts),
            measured_from: AtomicU64::new(Nanoseconds::MAX.get()),
            connect_interval: Duration::from_secs_f64(1.0 / profile.connect_rate),
            shards: std::iter::repeat_with(Mutex::default).take(shards).collect(),
            examples: Mutex::default(),
            queues: std::iter::repeat_with(SlotQueue::default).take(members).collect(),
            next_member: AtomicU64::new(0),
            stopping: CancellationToken::new(),
            draining: CancellationToken::new(),
        }
    }

    /// The index of a member that has not started yet; each is returned once.
    fn claim_member(&self) -> Option<usize> {
        let index = (increment(&self.next_member) - 1) as usize;
        (index < self.queues.len()).then_some(index)
    }

    /// Assigns a slot to a member.
    pub(crate) fn assign(&self, member: usize, slot: Slot) {
        increment(&self.counts.offered);
        let room = self.plan.members[member].room;
        self.shard(room).lock().second.offered += 1;
        if !self.queues[member].push(slot) {
            self.record_error(room, ErrorKind::NotSent, "the sender has ended");
        }
    }

    fn shard(&self, room: usize) -> &Mutex<Counters> {
        &self.shards[room % self.shards.len()]
    }

    /// Records a secondary latency.
    fn record_secondary(&self, room: usize, kind: SecondaryLatency, latency: Nanoseconds) {
        self.shard(room).lock().record_secondary(kind, latency);
    }

    /// Records an error, with its message or the frame that caused it.
    fn record_error(&self, room: usize, kind: ErrorKind, text: &str) {
        self.shard(room).lock().record_error(self.rooms[room].class, kind);
        let mut examples = self.examples.lock();
        let same_kind = examples.iter().filter(|example| example.kind == kind).count();
        if same_kind < EXAMPLES && !text.is_empty() {
            let text = escape(&self.actors[0].client().recorder().redacted(text), EXAMPLE_LENGTH);
            if !examples.iter().any(|example| example.text == text) {
                examples.push(ErrorExample { kind, text });
            }
        }
    }

    /// Ends the current second and returns its counters, merged over all shards.
    pub(crate) fn take_second(&self) -> SecondCounters {
        let seconds = self.shards.iter().map(|shard| shard.lock().take_second());
        let merged = seconds.reduce(|mut merged, second| {
            merged.merge(&second);
            merged
        });
        merged.unwrap_or_default()
    }

    /// The counters so far, merged over all shards.
    pub(crate) fn counters(&self) -> Counters {
        let mut merged = Counters::default();
        self.shards.iter().for_each(|shard| merged.merge(&shard.lock()));
        merged
    }

    /// Examples of errors, sorted by kind.
    pub(crate) fn examples(&self) -> Vec<ErrorExample> {
        let mut examples = self.examples.lock().clone();
        examples.sort_by_key(|example| example.kind);
        examples
    }

    /// Returns whether every owed delivery arrived. In rooms that several workers share, this is never known.
    pub(crate) fn is_settled(&self) -> bool {
        self.rooms.iter().all(|room| {
            let ledger = room.ledger.lock();
            ledger.is_settled() && !ledger.share().is_partial()
        })
    }

    /// Sets the start of the schedule and its number of messages.
    pub(crate) fn start_ledgers(&self, at: Nanoseconds, messages: u64) {
        let messages = Sequence::try_from(messages).unwrap_or(Sequence::MAX);
        self.rooms.iter().for_each(|room| room.ledger.lock().start(at, messages));
    }

    /// Ends all members.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
        self.queues.iter().for_each(SlotQueue::stop);
    }

    /// Makes slow readers read without pauses.
    pub(crate) fn drain(&self) {
        self.draining.cancel();
    }

    /// Excuses missing deliveries to slow readers, because the drain was too short for them.
    pub(crate) fn excuse_slow_readers(&self) {
        self.rooms.iter().for_each(|room| room.ledger.lock().excuse_slow_readers());
    }

    /// Excludes messages due before `moment` from latencies.
    pub(crate) fn measure_from(&self, moment: Nanoseconds) {
        self.measured_from.store(moment.get(), Ordering::Relaxed);
    }

    /// The time before which due messages do not count for latencies.
    pub(crate) fn measured_from(&self) -> Nanoseconds {
        Nanoseconds::new(self.measured_from.load(Ordering::Relaxed))
    }

    /// Sleeps, and returns whether the run has not been stopped meanwhile.
    async fn sleep(&self, length: Duration) -> bool {
        tokio::time::timeout(length, self.stopping.cancelled()).await.is_err()
    }

    /// Sleeps until `length` is over, or the drain or the stop begins.
    async fn stall(&self, length: Duration) {
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.draining.cancelled() => {}
            () = self.stopping.cancelled() => {}
        }
    }

    fn planned(&self, member: usize) -> &PlannedMember {
        &self.plan.members[member]
    }

    fn actor(&self, planned: &PlannedMember) -> &Actor {
        &self.actors[planned.account]
    }

    fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }
}
