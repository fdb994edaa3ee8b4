//! Profiles: rooms, persona mix, rates and service levels of a load run.

mod authoring;
mod duration;
mod file;
#[cfg(test)]
mod keys;
mod library;
mod overrides;
mod problem;
mod sizes;
mod source;
#[cfg(test)]
mod tests;
mod texts;

use std::time::Duration;

use hearback_stats::{LoadRecord, Slo, SloResult};
use serde::{Deserialize, Serialize};

use crate::persona::PersonaShare;
use crate::schedule::Phase;

pub use authoring::{PROFILE_SCHEMA, Unwritable, create, export};
pub use library::{files, named};
pub use overrides::{Members, NoMessages, OverrideError, Overrides, Rate, Stage};
pub use problem::ProfileError;
pub use sizes::Sizes;
pub use texts::Texts;

/// A valid profile. The number of accounts that it requires may still exceed that of the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// Name: that of its file, without extension.
    pub name: String,
    /// Purpose, one sentence.
    pub description: String,
    /// Maximum number of accounts used. An embedded server is started with this number.
    pub accounts: usize,
    /// True if an account may join a room more than once.
    pub shared_accounts: bool,
    /// Groups of rooms.
    pub rooms: Vec<RoomGroup>,
    /// Persona mix.
    pub personas: Vec<PersonaShare>,
    /// Sockets opened per second.
    pub connect_rate: f64,
    /// Duration of the warm-up, whose messages do not count for latencies.
    pub warm_up: Duration,
    /// Maximum time to wait for the last deliveries.
    pub drain: Duration,
    /// Time after which a delivery is late. A connection that ends within this time after a send is owed nothing.
    pub late_after: Duration,
    /// Maximum 99th percentile of the generator's lag; above it the run is invalid.
    pub lag_bound: Duration,
    /// Texts of the messages.
    pub texts: Texts,
    /// Number of rooms whose complete traffic is recorded and checked.
    pub sample_rooms: usize,
    /// Phases of the schedule, without warm-up and drain.
    pub phases: Vec<Phase>,
    /// Service levels.
    pub slos: Vec<Slo>,
    /// Those of the service levels that end the run when they are missed.
    pub aborts: Vec<Abort>,
    /// Factor by which the durations of the schedule were multiplied.
    pub duration_scale: f64,
    /// Text of the profile.
    pub text: String,
}

/// A service level that ends the run when it is missed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Abort {
    /// The service level.
    pub slo: Slo,
    /// Time from the end of the warm-up to its first evaluation.
    pub delay: Duration,
}

/// A group of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomGroup {
    /// Number of rooms.
    pub count: usize,
    /// Members per room.
    pub members: Sizes,
}

impl Profile {
    /// Multiplies the durations of the schedule, including the warm-up. The drain, the bounds and the intervals of
    /// personas are unchanged.
    #[must_use]
    pub fn scaled(mut self, scale: f64) -> Self {
        self.warm_up = self.warm_up.mul_f64(scale);
        for phase in &mut self.phases {
            phase.length = phase.length.mul_f64(scale);
        }
        self.duration_scale *= scale;
        self
    }

    /// Multiplies all rates.
    #[must_use]
    pub fn at_rate(mut self, factor: f64) -> Self {
        self.phases.iter_mut().for_each(|phase| *phase = phase.at_rate(factor));
        self
    }

    /// Multiplies the members of each room, to at least two, and increases `accounts` as necessary.
    #[must_use]
    pub fn with_members(mut self, factor: f64) -> Self {
        let scaled = |members: usize| ((members as f64 * factor).round() as usize).max(2);
        for group in &mut self.rooms {
            group.members = match group.members {
                Sizes::Fixed(size) => Sizes::Fixed(scaled(size)),
                Sizes::Between(from, to) => Sizes::Between(scaled(from), scaled(to)),
            };
        }
        if !self.shared_accounts {
            let largest = self.rooms.iter().map(|group| group.members.largest()).max();
            self.accounts = self.accounts.max(largest.unwrap_or_default());
        }
        self
    }

    /// The first service level that ends the run, because the measurements so far miss it after its delay.
    pub fn abort(&self, so_far: &LoadRecord) -> Option<SloResult> {
        let measured_s = so_far.measured_s;
        let is_due = |abort: &&Abort| measured_s > 0.0 && measured_s >= abort.delay.as_secs_f64();
        let mut results = self.aborts.iter().filter(is_due).map(|abort| abort.slo.evaluate(so_far));
        results.find(SloResult::is_missed)
    }

    /// Expected number of members of all rooms.
    pub fn members(&self) -> f64 {
        let mean = |sizes: Sizes| match sizes {
            Sizes::Fixed(size) => size as f64,
            Sizes::Between(from, to) if from == to => from as f64,
            Sizes::Between(from, to) => (to - from) as f64 / (to as f64 / from as f64).ln(),
        };
        self.rooms.iter().map(|group| group.count as f64 * mean(group.members)).sum()
    }

    /// Maximum number of messages per second.
    pub fn peak_rate(&self) -> f64 {
        self.phases.iter().map(Phase::peak).fold(0.0, f64::max)
    }

    /// Time from the first message to the end of the drain.
    pub fn length(&self) -> Duration {
        self.warm_up + self.phases.iter().map(|phase| phase.length).sum::<Duration>() + self.drain
    }
}
