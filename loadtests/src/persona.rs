//! Who the members are: what each does beside receiving, following the document's advice to clients.
//! Section *Best Practices*.

use std::time::Duration;

use hearback_stats::Pace;

/// A kind of member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Persona {
    /// Sends messages.
    Talker,
    /// Marks messages, and now and then the whole room, as read.
    Reader,
    /// Sends messages, and shows others that it types. Section *Typing Indicators*.
    Typist,
    /// Walks the history by REST, in pages of 50. Section *Message Pagination*.
    Scroller,
    /// Leaves, logs in again, lists its rooms, and joins.
    Newcomer,
    /// Drops its connection, reconnects after two seconds, and catches up by REST. Section *WebSocket
    /// Reconnection*.
    Flaky,
    /// Stops reading its socket for a while. It has to get everything, but how late is its own doing.
    SlowReader,
}

/// A persona of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub persona: Persona,
    /// How many of all members are like this, in relation to the other weights.
    pub weight: u32,
    /// How often it does what makes it this persona.
    pub every: Duration,
    /// How long a slow reader does not read.
    pub stall: Duration,
}

/// Every persona by its name in a profile, with how often it usually acts, in seconds.
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
    /// The persona of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        PERSONAS.iter().find(|(known, ..)| *known == name).map(|(_, persona, _)| *persona)
    }

    /// How often it usually acts.
    pub fn usual_interval(self) -> Duration {
        let row = PERSONAS.iter().find(|(_, persona, _)| *persona == self);
        Duration::from_secs(row.map_or(60, |(.., seconds)| *seconds))
    }

    /// Whether messages of the schedule are sent by it.
    pub fn sends(self) -> bool {
        matches!(self, Self::Talker | Self::Typist)
    }

    /// Whether it does anything beside sending and receiving.
    pub fn acts(self) -> bool {
        self != Self::Talker
    }

    /// How fast it reads: what a slow reader gets late is its own doing, what it never gets is not.
    pub fn pace(self) -> Pace {
        match self {
            Self::SlowReader => Pace::Own,
            _ => Pace::Prompt,
        }
    }
}
