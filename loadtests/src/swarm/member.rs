//! The life of a member: it connects, stays until there is a reason not to, and reconnects when it has to.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearback_client::{FailureKind, HandshakeError};
use hearback_contract::UserId;
use hearback_history::CredentialKind;
use hearback_stats::{ErrorKind, Nanoseconds, SecondaryLatency};
use tokio::time::timeout;

use super::requests::Row;
use super::{BEFORE_RECONNECTING, Swarm, add};
use crate::persona::Persona;
use crate::plan::PlannedMember;
use crate::socket::{Ended, Frame, Line, config};

/// How long `connection_established` may take after the handshake.
const CONFIRMATION: Duration = Duration::from_secs(10);

/// A member.
pub(super) struct Member {
    pub(super) swarm: Arc<Swarm>,
    pub(super) place: usize,
    pub(super) planned: PlannedMember,
    pub(super) user: Option<i64>,
    /// When its persona acts next.
    pub(super) next_act: Nanoseconds,
    /// Whether others were told that it types.
    pub(super) is_typing: bool,
    /// A reader wants to mark the next message that it sees.
    pub(super) is_curious: bool,
    pub(super) acts: u32,
}

/// Why a member does not listen any more.
pub(super) enum Pause {
    /// The run is over.
    Stop,
    /// It wanted to go.
    Left,
    /// The connection ended.
    Ended(Ended),
}

impl Member {
    pub(super) fn new(swarm: Arc<Swarm>, place: usize) -> Self {
        let planned = swarm.plan.members[place];
        Self {
            swarm,
            place,
            planned,
            user: None,
            next_act: Nanoseconds::MAX,
            is_typing: false,
            is_curious: false,
            acts: 0,
        }
    }

    /// Lives until the run is over.
    pub(super) async fn live(mut self) {
        let swarm = Arc::clone(&self.swarm);
        let mut due = nanoseconds(swarm.connect_interval) * self.place as u64;
        if !swarm.sleep(swarm.clock.until(due)).await {
            return;
        }
        let mut is_first = true;
        loop {
            let line = Box::pin(self.connect(due, is_first)).await;
            if std::mem::take(&mut is_first) {
                add(&swarm.counts.arrived);
            }
            self.let_slots_pass();
            if let Some(line) = line {
                match self.stay(line).await {
                    Pause::Stop => return,
                    Pause::Left => {
                        add(&swarm.counts.dropped);
                    }
                    Pause::Ended(ended) => {
                        let kind = match ended.by_target {
                            true => ErrorKind::ClosedByTarget,
                            false => ErrorKind::ConnectionBroken,
                        };
                        swarm.error(self.planned.room, kind, &ended.reason);
                    }
                }
            }
            due = swarm.clock.now() + nanoseconds(BEFORE_RECONNECTING);
            if !self.wait_disconnected(due).await {
                return;
            }
        }
    }

    /// ThrottleNotifications to reconnect.
    async fn wait_disconnected(&mut self, until: Nanoseconds) -> bool {
        let swarm = Arc::clone(&self.swarm);
        if self.planned.behavior.persona == Persona::Newcomer {
            swarm.look_around(self.place).await;
        }
        let lasts = swarm.sleep(swarm.clock.until(until)).await;
        self.let_slots_pass();
        lasts
    }

    /// What was due while there was no connection was not sent. Sent now, it would look like the generator's lag.
    fn let_slots_pass(&mut self) {
        while self.swarm.inboxes[self.place].take().is_some() {
            let room = self.planned.room;
            self.swarm.error(room, ErrorKind::NotSent, "its sender was not connected");
        }
    }

    /// Opens a socket and waits for `connection_established`.
    async fn connect(&mut self, due: Nanoseconds, is_first: bool) -> Option<Line> {
        let swarm = Arc::clone(&self.swarm);
        let room = &swarm.rooms[self.planned.room];
        add(&swarm.counts.attempted);
        let outcome = self.open().await;
        let latency = swarm.clock.now().saturating_sub(due);
        let (line, failure) = match outcome {
            Ok(line) => (Some(line), None),
            Err((kind, said)) => {
                swarm.error(self.planned.room, kind, &said);
                (None, Some(said))
            }
        };
        // Goose counts the failure, too.
        let latency_of_row = Duration::from_nanos(latency);
        swarm.requests.queue(Row {
            method: "WS",
            name: "connect",
            latency: latency_of_row,
            status: None,
            failure,
        });
        let line = line?;
        swarm.record_secondary(self.planned.room, SecondaryLatency::Connect, latency);
        add(&swarm.counts.opened);
        if !is_first {
            add(&swarm.counts.reconnects);
        }
        let connected = add(&swarm.counts.connected);
        swarm.counts.peak.fetch_max(connected, Ordering::Relaxed);
        room.ledger.lock().connect(self.planned.index, self.planned.behavior.persona.pace());
        if !is_first && self.planned.behavior.persona == Persona::Flaky {
            swarm.catch_up(self.place);
        }
        // Not all at once: the first act comes at some moment of the interval.
        let interval = nanoseconds(self.planned.behavior.interval);
        self.next_act = match self.planned.behavior.persona.acts() {
            true => swarm.clock.now() + fastrand::u64(interval / 2..=interval),
            false => Nanoseconds::MAX,
        };
        Some(line)
    }

    async fn open(&mut self) -> Result<Line, (ErrorKind, String)> {
        let swarm = Arc::clone(&self.swarm);
        let room = &swarm.rooms[self.planned.room];
        let actor = &swarm.actors[self.planned.account];
        let opened = actor.open(&room.scenario, &room.id, CredentialKind::Access, config()).await;
        let (connection, wire) = opened.map_err(|refused| (fault_of(&refused), refused.error))?;
        let mut line = Line::new(wire, connection, room.tap.clone());
        let confirmation = async {
            loop {
                let frame = line.next().await.map_err(|ended| ended.reason)?;
                match swarm.reader.read(frame.as_str()) {
                    Frame::Established { user } => return Ok(user),
                    Frame::Error(said) => return Err(said.into_owned()),
                    _ => {}
                }
            }
        };
        match timeout(CONFIRMATION, confirmation).await {
            Ok(Ok(user)) => {
                self.user = user.or_else(|| actor.user_id().map(UserId::get));
                Ok(line)
            }
            Ok(Err(said)) => Err((ErrorKind::NotEstablished, said)),
            Err(_) => {
                Err((ErrorKind::NotEstablished, "no `connection_established` came".to_owned()))
            }
        }
    }

    /// Listens and sends until there is a reason not to; takes its leave from the ledger.
    async fn stay(&mut self, mut line: Line) -> Pause {
        let pause = self.pump(&mut line).await;
        self.swarm.counts.connected.fetch_sub(1, Ordering::Relaxed);
        // At the end of the run nobody is excused by leaving.
        if !matches!(pause, Pause::Stop) {
            let room = &self.swarm.rooms[self.planned.room];
            let at = self.swarm.clock.now();
            let completed = room.ledger.lock().disconnect(self.planned.index, at);
            let from = self.swarm.measures_from();
            for (intended, last) in completed {
                if intended >= from {
                    self.swarm.shard(self.planned.room).lock().record_completion(room.class, last);
                }
            }
        }
        if !matches!(pause, Pause::Ended(_)) {
            line.close();
        }
        pause
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.swarm.inboxes[self.place].close();
    }
}

fn fault_of(refused: &HandshakeError) -> ErrorKind {
    match (refused.status, refused.failure.as_ref().map(|failure| failure.kind)) {
        (Some(_), _) => ErrorKind::HandshakeRejected,
        (None, Some(FailureKind::TimedOut)) => ErrorKind::ConnectTimedOut,
        (None, Some(FailureKind::Throttled)) => ErrorKind::HandshakeRejected,
        (None, Some(_)) => ErrorKind::ConnectFailed,
        // A throttle that did not end.
        (None, None) => ErrorKind::HandshakeRejected,
    }
}

pub(super) fn nanoseconds(duration: Duration) -> Nanoseconds {
    u64::try_from(duration.as_nanos()).unwrap_or(Nanoseconds::MAX)
}
