//! The actions of personas on their sockets. Section *Best Practices*.

use hearback_history::Nanoseconds;

use super::member::{Exit, Member};
use crate::persona::Persona;
use crate::socket::{Connection, FrameParser};

/// Time after which a typing indicator is cleared. Section *Typing Indicators*.
const INDICATOR: Nanoseconds = Nanoseconds::from_millis(10_000);
/// One in this many actions of a reader marks the whole room as read.
const ROOM_MARKS: u32 = 10;

impl Member {
    /// Performs the action of the persona and schedules the next one. Returns an exit if the persona disconnects.
    pub(super) async fn act(
        &mut self,
        connection: &mut Connection,
        now: Nanoseconds,
    ) -> Option<Exit> {
        let behavior = self.planned.behavior;
        let interval = Nanoseconds::from(behavior.interval.pick());
        self.actions += 1;
        self.next_action = now + interval;
        match behavior.persona {
            Persona::Talker => {}
            Persona::Reader => self.read(connection),
            Persona::Typist => {
                self.send_typing(connection, now, !self.is_typing);
                self.next_action = match self.is_typing {
                    true => now + INDICATOR.min(interval),
                    false => now + interval.saturating_sub(INDICATOR).max(interval / 4),
                };
            }
            Persona::Scroller => self.swarm.scroll(self.index),
            Persona::Newcomer | Persona::Flaky => return Some(Exit::Left),
            Persona::SlowReader => {
                self.swarm.stall(behavior.stall).await;
                self.next_action = match self.swarm.is_draining() {
                    true => Nanoseconds::MAX,
                    false => self.swarm.clock.now() + interval,
                };
            }
        }
        None
    }

    /// Marks the room as read, or the next message that arrives.
    fn read(&mut self, connection: &mut Connection) {
        if self.actions.is_multiple_of(ROOM_MARKS) {
            // A failed write is not a lost message, and the next read reports a broken connection.
            let _unsent = connection.send(r#"{"type":"mark_room_read"}"#.to_owned());
        } else {
            self.marks_next_message = true;
        }
    }

    /// Marks the message of a frame as read.
    pub(super) fn mark(&mut self, connection: &mut Connection, frame: &str, now: Nanoseconds) {
        let Some(id) = FrameParser::message_id(frame) else { return };
        let frame = serde_json::json!({"type": "read_receipt", "message_id": id}).to_string();
        if let Some(user) = self.user {
            self.swarm.rooms[self.planned.room].receipts.report(user, id, now);
        }
        let _unsent = connection.send(frame);
    }

    fn send_typing(&mut self, connection: &mut Connection, now: Nanoseconds, is_typing: bool) {
        self.is_typing = is_typing;
        if let Some(user) = self.user {
            self.swarm.rooms[self.planned.room].typing.report(user, is_typing, now);
        }
        let _unsent = connection.send(format!(r#"{{"type":"typing","is_typing":{is_typing}}}"#));
    }
}
