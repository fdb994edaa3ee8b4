//! The `next` and `previous` links of list responses.

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use crate::rule::RuleInput;

const DIRECTIONS: [&str; 2] = ["next", "previous"];

/// Every link of every envelope: the response, the direction, and the link.
pub(super) fn links<'h>(
    input: RuleInput<'h>,
) -> impl Iterator<Item = (&'h Call, &'static str, &'h str)> {
    let lists = [
        Operation::RoomsList,
        Operation::MessagesList,
        Operation::MessagesSearch,
        Operation::ParticipantsList,
    ];
    let is_list =
        move |call: &&Call| call.operation().is_some_and(|operation| lists.contains(&operation));
    input.history.calls.iter().filter(is_list).flat_map(|call| {
        let link = |direction| call.success()?.get(direction).and_then(Value::as_str);
        DIRECTIONS.into_iter().filter_map(move |name| Some((call, name, link(name)?)))
    })
}
