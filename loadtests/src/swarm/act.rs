//! What personas do on their sockets beside sending and receiving. Section *Best Practices*.

use hearback_stats::Nanoseconds;

use super::member::{Member, Pause, nanoseconds};
use crate::persona::Persona;
use crate::socket::{Line, Reader};

/// How long an indicator stands before it is cleared. Section *Typing Indicators*.
const INDICATOR: Nanoseconds = 10_000_000_000;

impl Member {
    /// Does what the persona does, and says when it does it next.
    pub(super) async fn act(&mut self, line: &mut Line, now: Nanoseconds) -> Option<Pause> {
        let behavior = self.planned.behavior;
        let interval = nanoseconds(behavior.interval);
        self.acts += 1;
        self.next_act = now + interval;
        match behavior.persona {
            Persona::Talker => {}
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
                self.swarm.stall(behavior.stall).await;
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

    pub(super) fn mark(&mut self, line: &mut Line, text: &str, now: Nanoseconds) {
        let Some(id) = Reader::message_id(text) else { return };
        let frame = serde_json::json!({"type": "read_receipt", "message_id": id}).to_string();
        if let Some(user) = self.user {
            let room = &self.swarm.rooms[self.planned.room];
            room.receipts.tell(user, id, now);
        }
        let _unsent = line.send(frame);
    }

    fn show_typing(&mut self, line: &mut Line, now: Nanoseconds, is_typing: bool) {
        self.is_typing = is_typing;
        if let Some(user) = self.user {
            let room = &self.swarm.rooms[self.planned.room];
            room.typing.tell(user, is_typing, now);
        }
        let _unsent = line.send(format!(r#"{{"type":"typing","is_typing":{is_typing}}}"#));
    }
}
