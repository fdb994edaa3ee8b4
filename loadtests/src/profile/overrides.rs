//! Changes of a profile for one run, so that a short trial needs no file.

use std::str::FromStr;
use std::time::Duration;

use super::duration::parse;
use super::{Profile, RoomGroup, Sizes};
use crate::schedule::{Pacer, Phase, Shape};

/// Changes of a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Stages that replace the phases. The first one begins at a rate of 0.
    pub stages: Vec<Stage>,
    /// A constant rate that replaces the phases.
    pub rate: Option<Rate>,
    /// Number of members of every room.
    pub members: Option<Members>,
    /// Length of all phases together.
    pub duration: Option<Duration>,
}

/// A linear change of the rate: a length, and the rate at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    length: Duration,
    rate: Rate,
}

/// Messages per second over all rooms; not more than one process can send on schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(f64);

/// A number of members of a room, at least two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Members(usize);

/// A text that is not a change of a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// The text is not a stage.
    #[error("expected a duration and a rate, for example 30s:50")]
    Stage,
    /// The length of a stage is out of bounds.
    #[error("expected a duration between 1 ms and 7 days")]
    Length,
    /// The rate is out of bounds.
    #[error("expected a rate between 0 and {} messages per second", Pacer::MAX_RATE)]
    Rate,
    /// The number of members is out of bounds.
    #[error("expected a number of members between 2 and 100000")]
    Members,
}

/// A schedule whose rate is always 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the schedule sends no message")]
#[diagnostic(help("at least one rate must be above 0, for example `--stage 30s:50`"))]
pub struct NoMessages;

impl FromStr for Stage {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (length, rate) = text.split_once(':').ok_or(OverrideError::Stage)?;
        let length = parse(length.trim()).filter(|length| *length >= Duration::from_millis(1));
        Ok(Self { length: length.ok_or(OverrideError::Length)?, rate: rate.trim().parse()? })
    }
}

impl FromStr for Rate {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate = text.parse().ok().filter(|rate| (0.0..=Pacer::MAX_RATE).contains(rate));
        rate.map(Self).ok_or(OverrideError::Rate)
    }
}

impl FromStr for Members {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let members = text.parse().ok().filter(|members| (2..=100_000).contains(members));
        members.map(Self).ok_or(OverrideError::Members)
    }
}

impl Profile {
    /// Changes the profile.
    ///
    /// # Errors
    /// If no message would be sent.
    pub fn with(mut self, overrides: &Overrides) -> Result<Self, NoMessages> {
        let length = self.phases.iter().map(|phase| phase.length).sum();
        if let Some(Rate(rate)) = overrides.rate {
            self.phases = vec![Phase { shape: Shape::Constant { rate }, length }];
        }
        if !overrides.stages.is_empty() {
            self.phases = phases(&overrides.stages);
        }
        if self.peak_rate() <= 0.0 {
            return Err(NoMessages);
        }
        if let Some(duration) = overrides.duration {
            let factor = duration.as_secs_f64() / length.as_secs_f64();
            self.phases.iter_mut().for_each(|phase| phase.length = phase.length.mul_f64(factor));
        }
        if let Some(Members(members)) = overrides.members {
            let fixed = |group: RoomGroup| RoomGroup { members: Sizes::Fixed(members), ..group };
            self.rooms = self.rooms.into_iter().map(fixed).collect();
            if !self.shared_accounts {
                self.accounts = self.accounts.max(members);
            }
        }
        Ok(self)
    }
}

fn phases(stages: &[Stage]) -> Vec<Phase> {
    let mut from = 0.0;
    let phase = |stage: &Stage| {
        let to = stage.rate.0;
        let shape = match from == to {
            true => Shape::Constant { rate: to },
            false => Shape::Ramp { from, to },
        };
        from = to;
        Phase { shape, length: stage.length }
    };
    stages.iter().map(phase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Timetable;

    fn smoke(overrides: &Overrides) -> Result<Profile, NoMessages> {
        Profile::find("smoke").unwrap().with(overrides)
    }

    fn stages(texts: &[&str]) -> Overrides {
        let stages = texts.iter().map(|text| text.parse().unwrap()).collect();
        Overrides { stages, ..Overrides::default() }
    }

    #[test]
    fn no_override_changes_nothing() {
        let plain = Profile::find("smoke").unwrap();
        let changed = smoke(&Overrides::default()).unwrap();
        assert_eq!((changed.phases, changed.rooms), (plain.phases, plain.rooms));
        assert_eq!(changed.accounts, plain.accounts);
    }

    #[test]
    fn stages_change_the_rate_from_the_one_before() {
        let profile = smoke(&stages(&["30s:50", "2m: 50", "500ms:0"])).unwrap();
        let ends = profile.phases.iter().map(|phase| (phase.kind(), phase.first(), phase.last()));
        let expected = [("ramp", 0.0, 50.0), ("constant", 50.0, 50.0), ("ramp", 50.0, 0.0)];
        assert!(ends.eq(expected), "{:?}", profile.phases);
        // The integral of the rate: 750, 6000 and 12.5 messages.
        assert_eq!(Timetable::new(&profile.phases).messages(), 6763);
        assert_eq!(smoke(&stages(&["30s:0"])).unwrap_err(), NoMessages);
    }

    #[test]
    fn a_rate_and_a_duration_replace_the_phases() {
        let minute = Some(Duration::from_secs(60));
        let rate = Some("7.5".parse().unwrap());
        let both = Overrides { rate, duration: minute, ..Overrides::default() };
        let profile = smoke(&both).unwrap();
        let shape = Shape::Constant { rate: 7.5 };
        assert_eq!(profile.phases, [Phase { shape, length: Duration::from_secs(60) }]);
        let longer = smoke(&Overrides { duration: minute, ..Overrides::default() }).unwrap();
        let lengths: Vec<_> = longer.phases.iter().map(|phase| phase.length.as_secs()).collect();
        assert_eq!(lengths, [30, 30]);
    }

    #[test]
    fn members_are_those_of_every_room() {
        let members = Some("30".parse().unwrap());
        let profile = smoke(&Overrides { members, ..Overrides::default() }).unwrap();
        assert!(profile.rooms.iter().all(|group| group.members == Sizes::Fixed(30)));
        assert_eq!(profile.members(), 150.0);
    }

    #[test]
    fn texts_out_of_bounds_are_refused() {
        for (text, error) in [
            ("30s", OverrideError::Stage),
            ("50:30s", OverrideError::Length),
            ("0s:5", OverrideError::Length),
            ("8d:5", OverrideError::Length),
            ("30s:-1", OverrideError::Rate),
            ("30s:NaN", OverrideError::Rate),
            ("30s:1e9", OverrideError::Rate),
        ] {
            assert_eq!(text.parse::<Stage>(), Err(error), "{text}");
        }
        assert_eq!("1".parse::<Members>(), Err(OverrideError::Members));
        assert_eq!("two".parse::<Members>(), Err(OverrideError::Members));
    }
}
