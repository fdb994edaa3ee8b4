//! The time that requirements took.

use std::collections::HashMap;

use hearback_contract::RequirementId;
use hearback_history::{History, Nanoseconds, ScenarioTime};

/// The time of each requirement: scenarios divide theirs evenly among the requirements that they should exercise, so
/// that the times of all requirements add up to those of the scenarios.
#[derive(Debug)]
pub(crate) struct Durations(HashMap<RequirementId, Nanoseconds>);

impl Durations {
    pub(crate) fn of_history(history: &History) -> Self {
        let mut durations: HashMap<_, Nanoseconds> = HashMap::new();
        for time in &history.scenario_times {
            let share = share(time);
            for requirement in &time.requirements {
                *durations.entry(*requirement).or_default() += share;
            }
        }
        Self(durations)
    }

    /// The time of a requirement, in milliseconds.
    pub(crate) fn of(&self, requirement: RequirementId) -> u64 {
        self.0.get(&requirement).map_or(0, |duration| duration.as_millis())
    }
}

fn share(time: &ScenarioTime) -> Nanoseconds {
    time.duration() / (time.requirements.len() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_divide_their_time_among_their_requirements() {
        let time = |requirements: &[RequirementId], began, ended| ScenarioTime {
            scenario: "a".into(),
            requirements: requirements.to_vec(),
            began: Nanoseconds::from_millis(began),
            ended: Nanoseconds::from_millis(ended),
        };
        let (send, sender) = (RequirementId::MessageSend, RequirementId::MessageSender);
        let scenario_times = vec![time(&[send, sender], 0, 40), time(&[send], 10, 20)];
        let durations = Durations::of_history(&History { scenario_times, ..History::default() });
        assert_eq!((durations.of(send), durations.of(sender)), (30, 20));
        assert_eq!(durations.of(RequirementId::MessageReply), 0);
    }
}
