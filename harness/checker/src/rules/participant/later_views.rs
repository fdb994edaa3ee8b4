//! Later reads of one participant.

use hearback_contract::{RoomRef, UserId};
use hearback_history::Call;
use serde_json::Value;

use crate::rule::RuleInput;

/// Returns the participant of `user` as later calls of the same scenario show it.
pub(super) fn views<'h>(
    input: RuleInput<'h>,
    room: RoomRef<'_>,
    user: UserId,
    call: &Call,
) -> Vec<(&'h Call, &'h Value)> {
    let observations = input.model.participant_observations.iter().filter(|observation| {
        observation.room == room
            && observation.user == user
            && observation.is_current()
            && observation.call.invocation.scenario == call.invocation.scenario
            && call.interval().precedes(observation.call.interval())
    });
    observations.map(|observation| (observation.call, observation.value)).collect()
}
