//! The loop of a connected member: it sends its slots and receives frames.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hearback_history::Nanoseconds;
use hearback_stats::{Delivery, ErrorKind, Pace, SecondaryLatency};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::counts::increment;
use super::goose_adapter::is_reported;
use super::member::{Exit, Member};
use super::requests::GooseRow;
use crate::schedule::Slot;
use crate::socket::{Connection, Frame, SendError};

impl Member {
    /// Sends slots and receives frames until the member exits.
    ///
    /// The queue and the clock are checked after every frame, because tokio's budget would starve the waiting branches
    /// under a flood of frames. Members without actions have no timer: with thousands of members, even one wake-up per
    /// second would cost as much as a quarter of their deliveries.
    pub(super) async fn run_loop(&mut self, connection: &mut Connection) -> Exit {
        let swarm = Arc::clone(&self.swarm);
        let queue = &swarm.queues[self.index];
        let mut woken = pin!(queue.woken());
        let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
        let mut alarm_time = None;
        loop {
            while let Some(slot) = queue.pop() {
                self.send(connection, slot);
            }
            if queue.is_stopped() {
                return Exit::RunEnded;
            }
            if self.next_action < Nanoseconds::MAX {
                let now = swarm.clock.now();
                if now >= self.next_action {
                    // Boxed, since it would increase the size of every member's future and is rarely awaited.
                    if let Some(exit) = Box::pin(self.act(connection, now)).await {
                        return exit;
                    }
                    continue;
                }
                if alarm_time != Some(self.next_action) {
                    alarm_time = Some(self.next_action);
                    alarm.as_mut().reset(Instant::now() + swarm.clock.until(self.next_action));
                }
            }
            tokio::select! {
                biased;
                frame = connection.next() => match frame {
                    Ok(frame) => self.receive(connection, &frame),
                    Err(ended) => return Exit::ConnectionEnded(ended),
                },
                () = &mut woken => woken.set(queue.woken()),
                () = &mut alarm, if self.next_action < Nanoseconds::MAX => {}
            }
        }
    }

    fn send(&mut self, connection: &mut Connection, slot: Slot) {
        let swarm = &self.swarm;
        let room = &swarm.rooms[self.planned.room];
        let now = swarm.clock.now();
        let tag = room.ledger.lock().begin(swarm.run, self.planned.index, slot.intended, now);
        let text = format!(r#"{{"type":"chat_message","message":"{tag}{}"}}"#, swarm.texts.next());
        let kind = match connection.send(text) {
            Ok(()) => {
                increment(&swarm.counts.sent);
                let mut counters = swarm.shard(self.planned.room).lock();
                counters.second.sent += 1;
                let lag = now.saturating_sub(slot.intended);
                counters.record_secondary(SecondaryLatency::Lag, lag);
                return;
            }
            Err(SendError::Blocked) => ErrorKind::SendBlocked,
            Err(SendError::Broken) => ErrorKind::NotSent,
        };
        room.ledger.lock().withdraw(tag.sequence);
        swarm.record_error(self.planned.room, kind, "");
    }

    fn receive(&mut self, connection: &mut Connection, text: &Utf8Bytes) {
        let swarm = &*self.swarm;
        let room = &swarm.rooms[self.planned.room];
        let now = swarm.clock.now();
        let frame = swarm.frames.parse(text.as_str());
        match frame {
            Frame::Message(tag) => {
                let delivery = {
                    let mut ledger = room.ledger.lock();
                    match tag.run == swarm.run {
                        true => ledger.deliver(self.planned.index, &tag, now),
                        false => ledger.record_foreign(),
                    }
                };
                let from = swarm.measured_from();
                swarm.shard(self.planned.room).lock().record_delivery(room.class, &delivery, from);
                if std::mem::take(&mut self.marks_next_message) {
                    self.mark(connection, text.as_str(), now);
                }
                self.queue_rows(&delivery);
            }
            Frame::Damaged => {
                swarm.record_error(self.planned.room, ErrorKind::Damaged, text.as_str());
            }
            Frame::Untagged => {
                room.ledger.lock().record_foreign();
            }
            // A slow reader determines its latencies itself, so that they are not measured.
            Frame::Typing { .. } | Frame::Receipt { .. } if !self.is_prompt() => {}
            Frame::Typing { user, .. } | Frame::Receipt { user, .. } if Some(user) == self.user => {
            }
            Frame::Typing { user, is_typing } => {
                let reported = room.typing.reported_at(user, &is_typing);
                self.record_since(reported, SecondaryLatency::Typing, now);
            }
            Frame::Receipt { user, message } => {
                let reported = room.receipts.reported_at(user, &*message);
                self.record_since(reported, SecondaryLatency::Receipt, now);
            }
            Frame::Error(message) => {
                swarm.record_error(self.planned.room, ErrorKind::ErrorEvent, &message);
            }
            Frame::Unknown => {
                swarm.record_error(self.planned.room, ErrorKind::UnknownFrame, text.as_str());
            }
            Frame::Established { .. } | Frame::RoomMarkedRead => {}
        }
    }

    /// Records the latency of a state that was reported by a member of this run.
    fn record_since(
        &self,
        reported: Option<Nanoseconds>,
        kind: SecondaryLatency,
        now: Nanoseconds,
    ) {
        if let Some(reported) = reported {
            let latency = now.saturating_sub(reported);
            self.swarm.record_secondary(self.planned.room, kind, latency);
        }
    }

    /// Queues the rows of a delivery for goose.
    fn queue_rows(&self, delivery: &Delivery) {
        let Delivery::Due { latency, last, .. } = *delivery else { return };
        if !is_reported(self.index) {
            return;
        }
        let last = last.map(|last| ("last recipient (1 in 64 members)", last));
        for (name, latency) in [("delivery (1 in 64 members)", latency)].into_iter().chain(last) {
            let latency = latency.into();
            let row = GooseRow { method: "WS", name, latency, status: None, failure: None };
            self.swarm.requests.queue(row);
        }
    }

    fn is_prompt(&self) -> bool {
        self.planned.behavior.persona.pace() == Pace::Prompt
    }
}
