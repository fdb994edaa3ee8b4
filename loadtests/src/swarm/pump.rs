//! The hot loop: a member sends its slots and takes what comes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hearback_stats::{Delivery, ErrorKind, Nanoseconds, Pace, SecondaryLatency};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::add;
use super::glue::goes_into_tables;
use super::member::{Member, Pause};
use super::requests::Row;
use crate::schedule::Slot;
use crate::socket::{Frame, Line, Unsent};

impl Member {
    /// The hot loop. After every message the inbox and the clock are looked at: under a flood, tokio's budget
    /// would starve branches that only wait. Who has nothing to do but to listen has no timer: thousands that
    /// only look up once a second would cost as much as a quarter of their deliveries.
    pub(super) async fn pump(&mut self, line: &mut Line) -> Pause {
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
        let tag = room.ledger.lock().begin(swarm.mark, self.planned.index, slot.intended, now);
        let text = format!(r#"{{"type":"chat_message","message":"{tag}{}"}}"#, swarm.padding);
        let kind = match line.send(text) {
            Ok(()) => {
                add(&swarm.counts.sent);
                let mut counters = swarm.shard(self.planned.room).lock();
                counters.second.sent += 1;
                counters.record_secondary(SecondaryLatency::Lag, now.saturating_sub(slot.intended));
                return;
            }
            Err(Unsent::Blocked) => ErrorKind::SendBlocked,
            Err(Unsent::Broken) => ErrorKind::NotSent,
        };
        room.ledger.lock().withdraw(tag.sequence);
        swarm.error(self.planned.room, kind, "");
    }

    /// Takes a frame.
    fn receive(&mut self, line: &mut Line, text: &Utf8Bytes) {
        let swarm = &*self.swarm;
        let room = &swarm.rooms[self.planned.room];
        let now = swarm.clock.now();
        let frame = swarm.reader.read(text.as_str());
        match frame {
            Frame::Message(tag) => {
                let delivery = {
                    let mut ledger = room.ledger.lock();
                    match tag.run == swarm.mark {
                        true => ledger.deliver(self.planned.index, &tag, now),
                        false => ledger.record_foreign(),
                    }
                };
                let from = swarm.measures_from();
                swarm.shard(self.planned.room).lock().record_delivery(room.class, &delivery, from);
                if std::mem::take(&mut self.is_curious) {
                    self.mark(line, text.as_str(), now);
                }
                self.queue_rows(&delivery);
            }
            Frame::Damaged => swarm.error(self.planned.room, ErrorKind::Damaged, text.as_str()),
            Frame::Unstamped => {
                room.ledger.lock().record_foreign();
            }
            // When a slow reader sees it is its own doing.
            Frame::Typing { .. } | Frame::Receipt { .. } if !self.is_prompt() => {}
            Frame::Typing { user, .. } | Frame::Receipt { user, .. } if Some(user) == self.user => {
            }
            Frame::Typing { user, is_typing } => {
                if let Some(at) = room.typing.when(user, &is_typing) {
                    swarm.record_secondary(
                        self.planned.room,
                        SecondaryLatency::Typing,
                        now.saturating_sub(at),
                    );
                }
            }
            Frame::Receipt { user, message } => {
                if let Some(at) = room.receipts.when(user, &*message) {
                    swarm.record_secondary(
                        self.planned.room,
                        SecondaryLatency::Receipt,
                        now.saturating_sub(at),
                    );
                }
            }
            Frame::Error(said) => swarm.error(self.planned.room, ErrorKind::ErrorEvent, &said),
            Frame::Unknown => {
                swarm.error(self.planned.room, ErrorKind::UnknownFrame, text.as_str())
            }
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
        self.planned.behavior.persona.pace() == Pace::Prompt
    }
}
