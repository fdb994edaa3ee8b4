//! What a load run does: rooms, personas, rates, and the service levels that it is held against.

mod file;
mod library;
mod problem;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use hearback_stats::Slo;

use crate::persona::Part;
use crate::schedule::Phase;

pub use library::{UnknownProfile, files, named};
pub use problem::{InvalidProfile, Problem, ProfileError};

/// A profile, read and found possible in itself; whether a target's accounts suffice is seen later.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name: that of its file.
    pub name: String,
    /// What it is for, one sentence.
    pub description: String,
    /// Most accounts used; an embedded server is started with so many.
    pub accounts: usize,
    /// Whether an account may be in a room more than once.
    pub sharing: bool,
    /// Rooms, by groups of like ones.
    pub rooms: Vec<RoomGroup>,
    /// Who the members are, by weight.
    pub parts: Vec<Part>,
    /// Sockets opened a second.
    pub connect_rate: f64,
    /// How long messages are sent before they count.
    pub warm_up: Duration,
    /// How long the last deliveries are waited for.
    pub drain: Duration,
    /// What comes after this long is late; a connection that ends sooner after a send owes nothing.
    pub late_after: Duration,
    /// The run is void if the generator's own lag, at its 99th percentile, is above this.
    pub lag_bound: Duration,
    /// Length of a message's text, in bytes.
    pub message_bytes: usize,
    /// Rooms whose whole traffic is kept and judged.
    pub sample_rooms: usize,
    /// What is sent when.
    pub phases: Vec<Phase>,
    /// What is demanded.
    pub slos: Vec<Slo>,
    /// What all durations were multiplied with.
    pub duration_scale: f64,
    /// Its text, as it was written.
    pub text: String,
}

/// Rooms of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomGroup {
    /// How many.
    pub count: usize,
    /// Members of each.
    pub members: Sizes,
}

/// How many members a room has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// Each the same.
    Fixed(usize),
    /// Many small ones and few large ones, between two bounds: each doubling of the size is equally likely.
    Between(usize, usize),
}

impl Sizes {
    /// Most members of a room.
    pub fn largest(self) -> usize {
        match self {
            Self::Fixed(size) | Self::Between(_, size) => size,
        }
    }

    /// Members of one room; `random` gives numbers from 0 to 1.
    pub fn pick(self, random: impl FnOnce() -> f64) -> usize {
        match self {
            Self::Fixed(size) => size,
            Self::Between(from, to) => {
                let (from, to) = (from as f64, to as f64);
                let size = from * ((to + 1.0) / from).powf(random());
                (size as usize).clamp(from as usize, to as usize)
            }
        }
    }
}

impl Profile {
    /// Reads a profile: the name of a shipped one, or the path of a file.
    ///
    /// # Errors
    /// [`ProfileError`] with the place, if there is no such profile, or it asks for what cannot be.
    pub fn find(name: &str) -> Result<Self, ProfileError> {
        let path = Path::new(name);
        if path.extension().is_none() && !path.exists() {
            let text = named(name)?;
            return Self::parse(name, &format!("{name}.toml"), text);
        }
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProfileError::Unreadable { path: name.to_owned(), source })?;
        let stem = path.file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
        Self::parse(&stem, name, &text)
    }

    /// Reads the text of a profile; `file` is what errors call it.
    ///
    /// # Errors
    /// [`ProfileError::Invalid`] with the place.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, ProfileError> {
        file::parse(name, text)
            .map_err(|(problem, span)| InvalidProfile::new(file, text, problem, span).into())
    }

    /// The same with every duration of the schedule multiplied, warm-up included; the drain, bounds and
    /// the habits of personas stay.
    #[must_use]
    pub fn scaled(mut self, scale: f64) -> Self {
        self.warm_up = self.warm_up.mul_f64(scale);
        for phase in &mut self.phases {
            phase.length = phase.length.mul_f64(scale);
        }
        self.duration_scale *= scale;
        self
    }

    /// The same with every rate multiplied.
    #[must_use]
    pub fn at_rate(mut self, factor: f64) -> Self {
        self.phases.iter_mut().for_each(|phase| *phase = phase.at_rate(factor));
        self
    }

    /// The same with the members of every room multiplied; each has at least two, and there are accounts for all.
    #[must_use]
    pub fn with_members(mut self, factor: f64) -> Self {
        let scaled = |members: usize| ((members as f64 * factor).round() as usize).max(2);
        for group in &mut self.rooms {
            group.members = match group.members {
                Sizes::Fixed(size) => Sizes::Fixed(scaled(size)),
                Sizes::Between(from, to) => Sizes::Between(scaled(from), scaled(to)),
            };
        }
        if !self.sharing {
            let largest = self.rooms.iter().map(|group| group.members.largest()).max();
            self.accounts = self.accounts.max(largest.unwrap_or_default());
        }
        self
    }

    /// Members of all rooms, as nearly as distributions of sizes let it be known.
    pub fn members(&self) -> f64 {
        let middle = |sizes: Sizes| match sizes {
            Sizes::Fixed(size) => size as f64,
            Sizes::Between(from, to) if from == to => from as f64,
            Sizes::Between(from, to) => (to - from) as f64 / (to as f64 / from as f64).ln(),
        };
        self.rooms.iter().map(|group| group.count as f64 * middle(group.members)).sum()
    }

    /// Most messages a second at any moment.
    pub fn peak_rate(&self) -> f64 {
        self.phases.iter().map(Phase::peak).fold(0.0, f64::max)
    }

    /// From the first message to the end of the drain.
    pub fn length(&self) -> Duration {
        self.warm_up + self.phases.iter().map(|phase| phase.length).sum::<Duration>() + self.drain
    }
}
