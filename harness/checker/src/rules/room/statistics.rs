//! Numbers in the responses of `rooms.stats`.

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::{member, success};

/// Returns every response of `rooms.stats` about a room of this run, with the number in `field`.
pub(super) fn statistics<'h>(
    input: RuleInput<'h>,
    field: &str,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Room<'h>, &'h Call, u64)> {
    let calls = input.history.calls_of(Operation::RoomsStats).filter(|call| call.is_authorized());
    let mut statistics = Vec::new();
    for call in calls {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let count = member(body, field, Value::as_u64, context);
        statistics.extend(count.map(|count| (room, call, count)));
    }
    statistics
}
