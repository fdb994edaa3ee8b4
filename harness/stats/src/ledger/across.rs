//! Deliveries of messages that other parts of the room sent.
//!
//! While the run goes on, a part does not know which messages the others sent. It therefore keeps, for every connection, which
//! messages arrived, and compares them with the others' logs of sends after the drain.

use hearback_history::Nanoseconds;

use super::counts::DeliveryCounts;
use super::delivery::Pace;
use super::index::{Member, Sequence};
use super::send_log::{SendLog, SendTimes};
use super::share::RoomShare;
use crate::sequence_set::SequenceSet;

/// Number of messages by which the first one of a connection can be overtaken.
const OVERTAKING: Sequence = 4096;

/// Deliveries of messages that other parts of the room sent.
#[derive(Debug)]
pub(super) struct Across {
    share: RoomShare,
    bound: Nanoseconds,
    /// The common start, on the clock of the run.
    start: Nanoseconds,
    /// Number of messages that the whole run sends, so that no tag asks for more memory than this.
    most: Sequence,
    /// The connection of each member, while there is one.
    open: Vec<Option<Connection>>,
    /// Connections that ended.
    ended: Vec<Connection>,
    /// Counts made on arrival: received, duplicate, out-of-order, late and foreign deliveries.
    pub(super) counts: DeliveryCounts,
    /// The result of the comparison with the logs of the other parts.
    settled: Option<Settled>,
    /// The messages of this part.
    log: SendLog,
}

/// Counts that follow from the logs of the other parts.
#[derive(Clone, Copy, Debug, Default)]
struct Settled {
    counts: DeliveryCounts,
    /// Lost deliveries of messages that were sent in the measured phases.
    lost_in_measured: u64,
}

/// One connection of a member.
#[derive(Debug)]
struct Connection {
    pace: Pace,
    from: Nanoseconds,
    /// The end; `None` if it lasted until the end of the run.
    until: Option<Nanoseconds>,
    /// By part.
    received: Vec<Received>,
}

/// The messages of one part that arrived on one connection.
#[derive(Debug, Default)]
struct Received {
    /// The first message that can be in the set, once one arrived.
    first: Option<Sequence>,
    seen: SequenceSet,
}

impl Received {
    /// Inserts a message, and returns whether it is new; `None` if it is older than the set.
    fn insert(&mut self, sequence: Sequence) -> Option<bool> {
        let first = *self.first.get_or_insert_with(|| {
            let first = sequence.saturating_sub(OVERTAKING) & !63;
            self.seen = SequenceSet::from(first);
            first
        });
        (sequence >= first).then(|| self.seen.insert(sequence))
    }

    /// Number of messages of a range that arrived.
    fn count(&self, from: Sequence, to: Sequence) -> usize {
        self.first.map_or(0, |first| self.seen.count(from.max(first), to))
    }
}

impl Across {
    pub(super) fn new(share: RoomShare, members: usize, bound: Nanoseconds) -> Self {
        Self {
            share,
            bound,
            start: Nanoseconds::ZERO,
            most: 0,
            open: std::iter::repeat_with(|| None).take(members).collect(),
            ended: Vec::new(),
            counts: DeliveryCounts::default(),
            settled: None,
            log: SendLog::default(),
        }
    }

    pub(super) fn start(&mut self, at: Nanoseconds, most: Sequence) {
        (self.start, self.most) = (at, most);
    }

    /// Time since the common start.
    pub(super) fn since_start(&self, at: Nanoseconds) -> Nanoseconds {
        at.saturating_sub(self.start)
    }

    pub(super) fn connect(&mut self, member: Member, pace: Pace, at: Nanoseconds) {
        self.disconnect(member, at);
        let received = std::iter::repeat_with(Received::default).take(self.share.parts).collect();
        self.open[member] = Some(Connection { pace, from: at, until: None, received });
    }

    pub(super) fn disconnect(&mut self, member: Member, at: Nanoseconds) {
        if let Some(connection) = self.open[member].take() {
            self.ended.push(Connection { until: Some(at), ..connection });
        }
    }

    pub(super) fn begin(&mut self, sent: Nanoseconds) {
        self.log.push(self.since_start(sent));
    }

    pub(super) fn withdraw(&mut self, sequence: Sequence) {
        self.log.withdraw(sequence);
    }

    pub(super) fn log(&self) -> &SendLog {
        &self.log
    }

    /// Records the arrival of a message of another part, due at a time since the common start.
    pub(super) fn deliver(
        &mut self,
        member: Member,
        part: usize,
        sequence: Sequence,
        intended: Nanoseconds,
        at: Nanoseconds,
    ) -> Arrival {
        let now = self.since_start(at);
        let Some(connection) = self.open[member].as_mut() else {
            self.counts.earlier += 1;
            return Arrival::Earlier;
        };
        if sequence >= self.most {
            self.counts.foreign += 1;
            return Arrival::Foreign;
        }
        match connection.received[part].insert(sequence) {
            None => {
                self.counts.earlier += 1;
                Arrival::Earlier
            }
            Some(false) => {
                self.counts.duplicate += 1;
                Arrival::Duplicate
            }
            Some(true) => {
                self.counts.received += 1;
                let latency = now.saturating_sub(intended);
                let is_slow = connection.pace == Pace::Slow;
                self.counts.late += u64::from(!is_slow && latency > self.bound);
                Arrival::New { latency, is_slow }
            }
        }
    }

    /// Compares what arrived with what the other parts sent. `logs` has the log of each part, `None` for this one; `error` bounds the
    /// error of the clocks. Near the ends of a connection, a delivery is neither owed nor unexpected.
    pub(super) fn settle(
        &mut self,
        logs: &[Option<SendLog>],
        error: Nanoseconds,
        measured_from: Nanoseconds,
    ) {
        let measured_from = self.on_common_clock(measured_from);
        let mut settled = Settled { counts: self.counts, ..Settled::default() };
        for (part, log) in logs.iter().enumerate() {
            let Some(times) = log.as_ref().map(SendLog::times) else { continue };
            let measured = times.first_at(measured_from);
            for connection in self.open.iter().flatten().chain(&self.ended) {
                let received = &connection.received[part];
                let owed = self.owed(connection, &times, error);
                settled.add(owed, received, &times, measured);
            }
        }
        settled.counts.expected = settled.counts.received + settled.counts.lost;
        self.settled = Some(settled);
    }

    fn owed(&self, connection: &Connection, times: &SendTimes<'_>, error: Nanoseconds) -> Owed {
        let error = i128::from(error.get());
        let from = self.on_common_clock(connection.from);
        let all = times.count();
        let (owed_until, possible_until) = match connection.until {
            None => (all, all),
            Some(until) => {
                let until = self.on_common_clock(until);
                let bound = i128::from(self.bound.get());
                let owed_until = match connection.pace {
                    Pace::Prompt => times.first_at(until - bound - error),
                    // A slow reader whose connection ended may not have read what had arrived.
                    Pace::Slow => 0,
                };
                (owed_until, times.first_at(until + error))
            }
        };
        let owed_from = times.first_at(from + error);
        Owed {
            possible_from: times.first_at(from - error),
            owed_from,
            owed_until: owed_until.max(owed_from),
            possible_until: possible_until.max(owed_until).max(owed_from),
        }
    }

    fn on_common_clock(&self, at: Nanoseconds) -> i128 {
        i128::from(at.get()) - i128::from(self.start.get())
    }

    /// The counts; lost deliveries are known once the logs are.
    pub(super) fn counts(&self) -> DeliveryCounts {
        let so_far = DeliveryCounts { expected: self.counts.received, ..self.counts };
        self.settled.map_or(so_far, |settled| settled.counts)
    }

    /// Lost deliveries of messages that were sent in the measured phases.
    pub(super) fn lost_in_measured(&self) -> u64 {
        self.settled.map_or(0, |settled| settled.lost_in_measured)
    }
}

/// The kind of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    New { latency: Nanoseconds, is_slow: bool },
    Duplicate,
    Earlier,
    Foreign,
}

/// The messages of a part that a connection is owed, or can be.
#[derive(Clone, Copy, Debug)]
struct Owed {
    possible_from: Sequence,
    owed_from: Sequence,
    owed_until: Sequence,
    possible_until: Sequence,
}

impl Settled {
    fn add(&mut self, owed: Owed, received: &Received, times: &SendTimes<'_>, measured: Sequence) {
        let missing = |from: Sequence, to: Sequence| {
            times.written(from, to).saturating_sub(received.count(from, to)) as u64
        };
        self.counts.lost += missing(owed.owed_from, owed.owed_until);
        self.lost_in_measured += missing(owed.owed_from.max(measured), owed.owed_until);
        self.counts.excused += missing(owed.owed_until, owed.possible_until);
        // What was counted as received, and was not owed.
        let earlier = received.count(0, owed.possible_from) as u64;
        let is_foreign = |sequence: &&Sequence| received.count(**sequence, **sequence + 1) > 0;
        let withdrawn = times.withdrawn().iter().filter(is_foreign).count();
        let foreign = (received.count(times.count(), Sequence::MAX) + withdrawn) as u64;
        self.counts.earlier += earlier;
        self.counts.foreign += foreign;
        self.counts.received = self.counts.received.saturating_sub(earlier + foreign);
    }
}
