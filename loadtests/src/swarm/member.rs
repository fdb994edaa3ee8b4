//! A member: it connects, stays connected as long as possible, and reconnects.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearback_client::{FailureKind, HandshakeError};
use hearback_contract::UserId;
use hearback_history::{CredentialKind, Nanoseconds};
use hearback_stats::{ErrorKind, SecondaryLatency};
use tokio::time::timeout;

use super::counts::increment;
use super::requests::GooseRow;
use super::{RECONNECT_DELAY, Swarm};
use crate::persona::Persona;
use crate::plan::PlannedMember;
use crate::socket::{Connection, Ended, Frame, config};

/// Timeout for `connection_established` after the handshake.
const ESTABLISH_TIMEOUT: Duration = Duration::from_secs(10);

/// A member.
pub(super) struct Member {
    pub(super) swarm: Arc<Swarm>,
    /// Index among all members.
    pub(super) index: usize,
    pub(super) planned: PlannedMember,
    pub(super) user: Option<UserId>,
    /// Time of the next action of the persona.
    pub(super) next_action: Nanoseconds,
    /// The last typing indicator that was sent.
    pub(super) is_typing: bool,
    /// True if a reader marks the next message that arrives.
    pub(super) marks_next_message: bool,
    /// Number of actions so far.
    pub(super) actions: u32,
}

/// The reason why a member is not connected any more.
pub(super) enum Exit {
    /// The run has ended.
    RunEnded,
    /// The persona disconnected.
    Left,
    /// The connection ended.
    ConnectionEnded(Ended),
}

impl Member {
    pub(super) fn new(swarm: Arc<Swarm>, index: usize) -> Self {
        let planned = swarm.plan.members[index];
        Self {
            swarm,
            index,
            planned,
            user: None,
            next_action: Nanoseconds::MAX,
            is_typing: false,
            marks_next_message: false,
            actions: 0,
        }
    }

    /// Connects, and reconnects whenever the connection ends, until the run has ended.
    pub(super) async fn run(mut self) {
        let swarm = Arc::clone(&self.swarm);
        let mut due = Nanoseconds::from(swarm.connect_interval) * self.index as u64;
        if !swarm.sleep(swarm.clock.until(due)).await {
            return;
        }
        let mut is_first = true;
        loop {
            let connection = Box::pin(self.connect(due, is_first)).await;
            if std::mem::take(&mut is_first) {
                increment(&swarm.counts.arrived);
            }
            self.drop_missed_slots();
            if let Some(connection) = connection {
                match self.stay_connected(connection).await {
                    Exit::RunEnded => return,
                    Exit::Left => {
                        increment(&swarm.counts.dropped);
                    }
                    Exit::ConnectionEnded(ended) => {
                        let kind = match ended.by_target {
                            true => ErrorKind::ClosedByTarget,
                            false => ErrorKind::ConnectionBroken,
                        };
                        swarm.record_error(self.planned.room, kind, &ended.reason);
                    }
                }
            }
            due = swarm.clock.now() + RECONNECT_DELAY.into();
            // Boxed, since it would increase the size of every member's future and is rarely awaited.
            if !Box::pin(self.stay_disconnected(due)).await {
                return;
            }
        }
    }

    /// Waits to reconnect. Returns false if the run has ended meanwhile.
    async fn stay_disconnected(&mut self, until: Nanoseconds) -> bool {
        let swarm = Arc::clone(&self.swarm);
        if self.planned.behavior.persona == Persona::Newcomer {
            swarm.prepare_newcomer(self.index).await;
        }
        let continues = swarm.sleep(swarm.clock.until(until)).await;
        self.drop_missed_slots();
        continues
    }

    /// Drops the slots that were due while disconnected. If they were sent late, they would count as the generator's
    /// lag.
    fn drop_missed_slots(&mut self) {
        while self.swarm.queues[self.index].pop().is_some() {
            let room = self.planned.room;
            self.swarm.record_error(room, ErrorKind::NotSent, "the sender was not connected");
        }
    }

    /// Opens a socket and waits for `connection_established`.
    async fn connect(&mut self, due: Nanoseconds, is_first: bool) -> Option<Connection> {
        let swarm = Arc::clone(&self.swarm);
        let room = &swarm.rooms[self.planned.room];
        increment(&swarm.counts.attempted);
        let opened = self.open().await;
        let latency = swarm.clock.now().saturating_sub(due);
        let (connection, failure) = match opened {
            Ok(connection) => (Some(connection), None),
            Err((kind, text)) => {
                swarm.record_error(self.planned.room, kind, &text);
                (None, Some(text))
            }
        };
        swarm.requests.queue(GooseRow {
            method: "WS",
            name: "connect",
            latency: latency.into(),
            status: None,
            failure,
        });
        let connection = connection?;
        swarm.record_secondary(self.planned.room, SecondaryLatency::Connect, latency);
        increment(&swarm.counts.opened);
        if !is_first {
            increment(&swarm.counts.reconnects);
        }
        let connected = increment(&swarm.counts.connected);
        swarm.counts.peak.fetch_max(connected, Ordering::Relaxed);
        let (index, pace) = (self.planned.index, self.planned.behavior.persona.pace());
        room.ledger.lock().connect(index, pace, swarm.clock.now());
        if !is_first && self.planned.behavior.persona == Persona::Flaky {
            swarm.catch_up(self.index);
        }
        // The first action is at a random time of the interval, so that members do not act in step.
        let interval = Nanoseconds::from(self.planned.behavior.interval.pick());
        self.next_action = match self.planned.behavior.persona.acts() {
            true => {
                let delay = fastrand::u64((interval / 2).get()..=interval.get());
                swarm.clock.now() + Nanoseconds::new(delay)
            }
            false => Nanoseconds::MAX,
        };
        Some(connection)
    }

    async fn open(&mut self) -> Result<Connection, (ErrorKind, String)> {
        let swarm = Arc::clone(&self.swarm);
        let room = &swarm.rooms[self.planned.room];
        let actor = swarm.actor(&self.planned);
        let opened = actor.open(&room.scenario, &room.id, CredentialKind::Access, config()).await;
        let (id, socket) = opened.map_err(|error| (error_kind(&error), error.error))?;
        let mut connection = Connection::new(socket, id, room.recorder.clone());
        let established = async {
            loop {
                let frame = connection.next().await.map_err(|ended| ended.reason)?;
                match swarm.frames.parse(frame.as_str()) {
                    Frame::Established { user } => return Ok(user),
                    Frame::Error(message) => return Err(message.into_owned()),
                    _ => {}
                }
            }
        };
        match timeout(ESTABLISH_TIMEOUT, established).await {
            Ok(Ok(user)) => {
                self.user = user.or_else(|| actor.user_id());
                Ok(connection)
            }
            Ok(Err(message)) => Err((ErrorKind::NotEstablished, message)),
            Err(_) => {
                let text = "`connection_established` did not arrive".to_owned();
                Err((ErrorKind::NotEstablished, text))
            }
        }
    }

    /// Runs the loop of a connected member, and disconnects it from the ledger.
    async fn stay_connected(&mut self, mut connection: Connection) -> Exit {
        let exit = self.run_loop(&mut connection).await;
        self.swarm.counts.connected.fetch_sub(1, Ordering::Relaxed);
        // Deliveries that are missing at the end of the run are lost, not excused.
        if !matches!(exit, Exit::RunEnded) {
            let room = &self.swarm.rooms[self.planned.room];
            let at = self.swarm.clock.now();
            let completed = room.ledger.lock().disconnect(self.planned.index, at);
            let from = self.swarm.measured_from();
            for (intended, last) in completed {
                if intended >= from {
                    self.swarm.shard(self.planned.room).lock().record_completion(room.class, last);
                }
            }
        }
        if !matches!(exit, Exit::ConnectionEnded(_)) {
            connection.close();
        }
        exit
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.swarm.queues[self.index].close();
    }
}

fn error_kind(error: &HandshakeError) -> ErrorKind {
    match (error.status, error.failure.as_ref().map(|failure| failure.kind)) {
        (Some(_), _) => ErrorKind::HandshakeRejected,
        (None, Some(FailureKind::TimedOut)) => ErrorKind::ConnectTimedOut,
        (None, Some(FailureKind::Throttled)) => ErrorKind::HandshakeRejected,
        (None, Some(_)) => ErrorKind::ConnectFailed,
        // The throttle outlasted all attempts.
        (None, None) => ErrorKind::HandshakeRejected,
    }
}
