//! Personas: kinds of members. Section *Best Practices*.

use std::time::Duration;

use hearback_contract::UnknownId;
use hearback_stats::Pace;
use serde::{Deserialize, Serialize};

/// A kind of member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Persona {
    /// Sends messages.
    Talker,
    /// Marks messages as read, and occasionally the whole room.
    Reader,
    /// Sends messages and typing indicators. Section *Typing Indicators*.
    Typist,
    /// Reads the history over REST, in pages of 50. Section *Message Pagination*.
    Scroller,
    /// Disconnects, logs in again, lists its rooms, and connects.
    Newcomer,
    /// Drops its connection, reconnects after two seconds, and catches up over REST. Section *WebSocket
    /// Reconnection*.
    Flaky,
    /// Pauses reading its socket. It is owed every message, but its latencies are not measured.
    SlowReader,
}

/// A persona's share of the persona mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaShare {
    /// Weight, relative to those of the other personas.
    pub weight: u32,
    /// Behavior of the members.
    pub behavior: Behavior,
}

/// A persona with its intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behavior {
    /// The persona.
    pub persona: Persona,
    /// Interval between actions.
    pub interval: Interval,
    /// Length of a slow reader's pauses.
    pub stall: Duration,
}

/// The interval between two actions, drawn evenly from a range for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Minimum.
    pub from: Duration,
    /// Maximum, not below the minimum.
    pub to: Duration,
}

impl Interval {
    /// Always the same interval.
    pub const fn fixed(length: Duration) -> Self {
        Self { from: length, to: length }
    }

    /// Draws an interval.
    pub fn pick(self) -> Duration {
        match self.to - self.from {
            Duration::ZERO => self.from,
            range => self.from + range.mul_f64(fastrand::f64()),
        }
    }
}

/// Name and default interval, in seconds, of each persona.
const PERSONAS: [(&str, Persona, u64); 7] = [
    ("talker", Persona::Talker, 60),
    ("reader", Persona::Reader, 5),
    ("typist", Persona::Typist, 15),
    ("scroller", Persona::Scroller, 10),
    ("newcomer", Persona::Newcomer, 30),
    ("flaky", Persona::Flaky, 20),
    ("slow-reader", Persona::SlowReader, 10),
];

/// The names of all personas.
pub fn names() -> Vec<&'static str> {
    PERSONAS.iter().map(|(name, ..)| *name).collect()
}

impl Persona {
    /// The persona with this name.
    ///
    /// # Errors
    /// If no persona has this name.
    pub fn by_name(name: &str) -> Result<Self, UnknownId> {
        let found = PERSONAS.iter().find(|(known, ..)| *known == name);
        found
            .map(|(_, persona, _)| *persona)
            .ok_or_else(|| UnknownId::new("persona", name, names()))
    }

    /// Default interval between actions.
    pub fn default_interval(self) -> Duration {
        let entry = PERSONAS.iter().find(|(_, persona, _)| *persona == self);
        Duration::from_secs(entry.map_or(60, |(.., seconds)| *seconds))
    }

    /// Returns whether the persona sends messages of the schedule.
    pub fn sends(self) -> bool {
        matches!(self, Self::Talker | Self::Typist)
    }

    /// Returns whether the persona acts besides sending and receiving.
    pub fn acts(self) -> bool {
        self != Self::Talker
    }

    /// The pace at which the persona reads its socket.
    pub fn pace(self) -> Pace {
        match self {
            Self::SlowReader => Pace::Slow,
            _ => Pace::Prompt,
        }
    }
}
