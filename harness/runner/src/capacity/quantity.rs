//! The quantity that a capacity search varies.

use hearback_loadtests::Profile;

/// The quantity that a search varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Messages per second at the peak of the schedule.
    Rate,
    /// Members of all rooms.
    Members,
}

impl Quantity {
    /// Its name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Members => "members",
        }
    }

    /// A profile with the quantity multiplied, for one trial.
    ///
    /// The search asks how much the target delivers, not whether it is correct: no rooms are sampled.
    pub(crate) fn scale(self, profile: &Profile, factor: f64) -> Profile {
        let mut profile = match self {
            Self::Rate => profile.clone().at_rate(factor),
            Self::Members => profile.clone().with_members(factor),
        };
        profile.sample_rooms = 0;
        profile.slos.retain(|slo| slo.metric.id() != "sample.broken");
        profile
    }
}
