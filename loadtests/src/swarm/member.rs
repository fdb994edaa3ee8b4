//! The life of a member: it connects, sends its slots, reads everything, does what its persona does, and
//! reconnects when it has to.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hearback_drive::{FailureKind, Refused};
use hearback_history::CredentialKind;
use hearback_measure::{Aside, Delivery, Fault, Nanoseconds, Pace};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::glue::goes_into_tables;
use super::requests::Row;
use super::{BEFORE_RECONNECTING, Swarm, add};
use crate::persona::Persona;
use crate::plan::PlannedMember;
use crate::schedule::Slot;
use crate::socket::{Ended, Frame, Line, Reader, Unsent, config};

/// How long `connection_established` may take after the handshake.
const CONFIRMATION: Duration = Duration::from_secs(10);
/// How long an indicator stands before it is cleared. Section *Typing Indicators*.
const INDICATOR: Nanoseconds = 10_000_000_000;

/// A member.
pub(super) struct Member {
    swarm: Arc<Swarm>,
    place: usize,
    planned: PlannedMember,
    user: Option<i64>,
    /// When its persona acts next.
    next_act: Nanoseconds,
    /// Whether others were told that it types.
    is_typing: bool,
    /// A reader wants to mark the next message that it sees.
    is_curious: bool,
    acts: u32,
}

/// Why a member does not listen any more.
enum Pause {
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
                        let fault = match ended.by_target {
                            true => Fault::ClosedByTarget,
                            false => Fault::ConnectionBroken,
                        };
                        swarm.fault(self.planned.room, fault, &ended.reason);
                    }
                }
            }
            due = swarm.clock.now() + nanoseconds(BEFORE_RECONNECTING);
            if !self.wait_disconnected(due).await {
                return;
            }
        }
    }

    /// Waits to reconnect.
    async fn wait_disconnected(&mut self, until: Nanoseconds) -> bool {
        let swarm = Arc::clone(&self.swarm);
        if self.planned.part.persona == Persona::Newcomer {
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
            self.swarm.fault(room, Fault::NotSent, "its sender was not connected");
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
            Err((fault, said)) => {
                swarm.fault(self.planned.room, fault, &said);
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
        swarm.aside(self.planned.room, Aside::Connect, latency);
        add(&swarm.counts.opened);
        if !is_first {
            add(&swarm.counts.reconnects);
        }
        let connected = add(&swarm.counts.connected);
        swarm.counts.peak.fetch_max(connected, Ordering::Relaxed);
        room.ledger.lock().connect(self.planned.seat, self.planned.part.persona.pace());
        if !is_first && self.planned.part.persona == Persona::Flaky {
            swarm.catch_up(self.place);
        }
        // Not all at once: the first act comes at some moment of the interval.
        let interval = nanoseconds(self.planned.part.every);
        self.next_act = swarm.clock.now() + fastrand::u64(interval / 2..=interval);
        Some(line)
    }

    async fn open(&mut self) -> Result<Line, (Fault, String)> {
        let swarm = Arc::clone(&self.swarm);
        let room = &swarm.rooms[self.planned.room];
        let actor = &swarm.actors[self.planned.account];
        let opened = actor.open(&room.script, &room.id, CredentialKind::Access, config()).await;
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
                self.user = user.or_else(|| actor.user_id());
                Ok(line)
            }
            Ok(Err(said)) => Err((Fault::NotEstablished, said)),
            Err(_) => Err((Fault::NotEstablished, "no `connection_established` came".to_owned())),
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
            let completed = room.ledger.lock().disconnect(self.planned.seat, at);
            let from = self.swarm.measures_from();
            for (intended, last) in completed {
                if intended >= from {
                    self.swarm.shard(self.planned.room).lock().complete(room.class, last);
                }
            }
        }
        if !matches!(pause, Pause::Ended(_)) {
            line.close();
        }
        pause
    }

    /// The hot loop. After every message the inbox and the clock are looked at: under a flood, tokio's budget
    /// would starve branches that only wait. Who has nothing to do but to listen has no timer: thousands that
    /// only look up once a second would cost as much as a quarter of their deliveries.
    async fn pump(&mut self, line: &mut Line) -> Pause {
        let swarm = Arc::clone(&self.swarm);
        let inbox = &swarm.inboxes[self.place];
        let mut woken = pin!(inbox.woken());
        let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
        let mut set_to = None;
        loop {
            while let Some(slot) = inbox.take() {
                self.send(line, slot);
            }
            if swarm.is_stopping() {
                return Pause::Stop;
            }
            if self.next_act < Nanoseconds::MAX {
                let now = swarm.clock.now();
                if now >= self.next_act {
                    // What is seldom awaited is boxed: it would make every member's future larger by its size.
                    if let Some(pause) = Box::pin(self.act(line, now)).await {
                        return pause;
                    }
                    continue;
                }
                if set_to != Some(self.next_act) {
                    set_to = Some(self.next_act);
                    alarm.as_mut().reset(Instant::now() + swarm.clock.until(self.next_act));
                }
            }
            tokio::select! {
                biased;
                frame = line.next() => match frame {
                    Ok(frame) => self.receive(line, &frame),
                    Err(ended) => return Pause::Ended(ended),
                },
                () = &mut woken => woken.set(inbox.woken()),
                () = &mut alarm, if self.next_act < Nanoseconds::MAX => {}
            }
        }
    }

    fn send(&mut self, line: &mut Line, slot: Slot) {
        let swarm = &self.swarm;
        let room = &swarm.rooms[self.planned.room];
        let now = swarm.clock.now();
        let stamp = room.ledger.lock().begin(swarm.mark, self.planned.seat, slot.intended, now);
        let text = format!(r#"{{"type":"chat_message","message":"{stamp}{}"}}"#, swarm.padding);
        let fault = match line.send(text) {
            Ok(()) => {
                add(&swarm.counts.sent);
                let mut tally = swarm.shard(self.planned.room).lock();
                tally.second.sent += 1;
                tally.aside(Aside::Lag, now.saturating_sub(slot.intended));
                return;
            }
            Err(Unsent::Blocked) => Fault::SendBlocked,
            Err(Unsent::Broken) => Fault::NotSent,
        };
        room.ledger.lock().withdraw(stamp.sequence);
        swarm.fault(self.planned.room, fault, "");
    }

    /// Takes a frame.
    fn receive(&mut self, line: &mut Line, text: &Utf8Bytes) {
        let swarm = &*self.swarm;
        let room = &swarm.rooms[self.planned.room];
        let now = swarm.clock.now();
        let frame = swarm.reader.read(text.as_str());
        match frame {
            Frame::Message(stamp) => {
                let delivery = {
                    let mut ledger = room.ledger.lock();
                    match stamp.run == swarm.mark {
                        true => ledger.deliver(self.planned.seat, &stamp, now),
                        false => ledger.foreign(),
                    }
                };
                let from = swarm.measures_from();
                swarm.shard(self.planned.room).lock().deliver(room.class, &delivery, from);
                if std::mem::take(&mut self.is_curious) {
                    self.mark(line, text.as_str(), now);
                }
                self.queue_rows(&delivery);
            }
            Frame::Damaged => swarm.fault(self.planned.room, Fault::Damaged, text.as_str()),
            Frame::Unstamped => {
                room.ledger.lock().foreign();
            }
            // When a slow reader sees it is its own doing.
            Frame::Typing { .. } | Frame::Receipt { .. } if !self.is_prompt() => {}
            Frame::Typing { user, is_typing } => {
                let told = room.typing.lock().get(&user).copied();
                if let Some((what, at)) = told
                    && what == is_typing
                    && Some(user) != self.user
                {
                    swarm.aside(self.planned.room, Aside::Typing, now.saturating_sub(at));
                }
            }
            Frame::Receipt { user, message } => {
                let told = room.receipts.lock().get(&user).cloned();
                if let Some((what, at)) = told
                    && what == message
                    && Some(user) != self.user
                {
                    swarm.aside(self.planned.room, Aside::Receipt, now.saturating_sub(at));
                }
            }
            Frame::Error(said) => swarm.fault(self.planned.room, Fault::ErrorEvent, &said),
            Frame::Unknown => swarm.fault(self.planned.room, Fault::UnknownFrame, text.as_str()),
            Frame::Established { .. } | Frame::RoomMarkedRead => {}
        }
    }

    /// Deliveries to some members go into goose's tables.
    fn queue_rows(&self, delivery: &Delivery) {
        let Delivery::Due { latency, last, .. } = *delivery else { return };
        if !goes_into_tables(self.place) {
            return;
        }
        let last = last.map(|last| ("last recipient (1 in 64 members)", last));
        for (name, latency) in [("delivery (1 in 64 members)", latency)].into_iter().chain(last) {
            let latency = Duration::from_nanos(latency);
            self.swarm.requests.queue(Row {
                method: "WS",
                name,
                latency,
                status: None,
                failure: None,
            });
        }
    }

    fn is_prompt(&self) -> bool {
        self.planned.part.persona.pace() == Pace::Prompt
    }

    /// Does what the persona does, and says when it does it next.
    async fn act(&mut self, line: &mut Line, now: Nanoseconds) -> Option<Pause> {
        let part = self.planned.part;
        let interval = nanoseconds(part.every);
        self.acts += 1;
        self.next_act = now + interval;
        match part.persona {
            Persona::Talker => self.next_act = Nanoseconds::MAX,
            Persona::Reader => self.read(line),
            Persona::Typist => {
                self.show_typing(line, now, !self.is_typing);
                self.next_act = match self.is_typing {
                    true => now + INDICATOR.min(interval),
                    false => now + interval.saturating_sub(INDICATOR).max(interval / 4),
                };
            }
            Persona::Scroller => self.swarm.scroll(self.place),
            Persona::Newcomer | Persona::Flaky => return Some(Pause::Left),
            Persona::SlowReader => {
                self.swarm.stall(part.stall).await;
                self.next_act = self.swarm.clock.now() + interval;
                if self.swarm.draining.is_given() {
                    self.next_act = Nanoseconds::MAX;
                }
            }
        }
        None
    }

    /// Marks the next message as read, and every tenth time the whole room.
    fn read(&mut self, line: &mut Line) {
        if self.acts.is_multiple_of(10) {
            // An unsent mark is no message lost; that the connection is broken shows with the next read.
            let _unsent = line.send(r#"{"type":"mark_room_read"}"#.to_owned());
        } else {
            self.is_curious = true;
        }
    }

    fn mark(&mut self, line: &mut Line, text: &str, now: Nanoseconds) {
        let Some(id) = Reader::message_id(text) else { return };
        let frame = serde_json::json!({"type": "read_receipt", "message_id": id}).to_string();
        if let Some(user) = self.user {
            let room = &self.swarm.rooms[self.planned.room];
            room.receipts.lock().insert(user, (id, now));
        }
        let _unsent = line.send(frame);
    }

    fn show_typing(&mut self, line: &mut Line, now: Nanoseconds, is_typing: bool) {
        self.is_typing = is_typing;
        if let Some(user) = self.user {
            let room = &self.swarm.rooms[self.planned.room];
            room.typing.lock().insert(user, (is_typing, now));
        }
        let _unsent = line.send(format!(r#"{{"type":"typing","is_typing":{is_typing}}}"#));
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.swarm.inboxes[self.place].close();
    }
}

fn fault_of(refused: &Refused) -> Fault {
    match (refused.status, refused.failure.as_ref().map(|failure| failure.kind)) {
        (Some(_), _) => Fault::HandshakeRefused,
        (None, Some(FailureKind::TimedOut)) => Fault::ConnectTimedOut,
        (None, Some(_)) => Fault::ConnectFailed,
        // A throttle that did not end.
        (None, None) => Fault::HandshakeRefused,
    }
}

fn nanoseconds(duration: Duration) -> Nanoseconds {
    u64::try_from(duration.as_nanos()).unwrap_or(Nanoseconds::MAX)
}
