//! Requests that add a user to a room of this run.

use hearback_contract::{Operation, UserId};
use hearback_history::{Call, Interval};
use serde_json::Value;

use crate::model::Room;
use crate::rule::RuleInput;

/// Documented fields of the request.
const FIELDS: [&str; 3] = ["room", "user", "is_admin"];

/// One request to add a user.
pub(super) struct Addition<'h> {
    pub(super) call: &'h Call,
    pub(super) room: &'h Room<'h>,
    pub(super) user: UserId,
    /// The requested `is_admin`: false if absent, `None` if it is not a boolean.
    pub(super) is_admin: Option<bool>,
    /// True if the request has documented fields only.
    pub(super) is_plain: bool,
}

pub(super) fn additions<'h>(input: RuleInput<'h>) -> impl Iterator<Item = Addition<'h>> {
    let calls = input.history.calls_of(Operation::ParticipantsAdd);
    calls.filter(|call| call.is_authorized()).filter_map(move |call| {
        let request = call.request.as_ref()?.as_object()?;
        Some(Addition {
            call,
            room: input.model.room_of(call)?,
            user: request.get("user").and_then(UserId::from_json)?,
            is_admin: request.get("is_admin").map_or(Some(false), Value::as_bool),
            is_plain: request.keys().all(|name| FIELDS.contains(&name.as_str())),
        })
    })
}

impl Addition<'_> {
    /// Returns whether every other membership of the user is `apart` from this one. `apart` takes the
    /// intervals of joining and leaving.
    pub(super) fn is_apart(&self, apart: impl Fn(Interval, Option<Interval>) -> bool) -> bool {
        let at = self.call.interval();
        let memberships = self.room.members.get(&self.user).into_iter().flatten();
        memberships
            .filter(|membership| membership.joined.invoked != at.invoked)
            .all(|membership| apart(membership.joined, membership.left))
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Alice adds carol to the group.

    use crate::rules::participant::roster::testing::CREATED;

    pub(in super::super) fn added(request: &str, answer: &str, lines: &[&str]) -> String {
        format!(
            r#"{CREATED}
            [10..20] alice participants.add {{"room": "$r1", "user": 3{request}}} => {answer}
            {}"#,
            lines.join("\n")
        )
    }
}
