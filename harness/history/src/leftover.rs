//! What a run left at the target: rooms that could not be put away.

use hearback_contract::Operation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::event::Whom;
use crate::history::History;

/// A room that the run made and that is still there, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftRoom {
    /// Its id; not known if its making was never answered, or by nothing that tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name that it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who made it.
    pub maker: String,
}

impl History {
    /// The rooms that were made and not archived, in the order of their making; none at the embedded server,
    /// which ends with the run.
    pub fn left_rooms(&self) -> Vec<LeftRoom> {
        let whom = self.start.as_ref().and_then(|start| start.whom.as_ref());
        if !matches!(whom, Some(Whom::Named { .. })) {
            return Vec::new();
        }
        let mut left = Vec::new();
        for call in &self.calls {
            match call.operation() {
                Some(Operation::RoomsCreate) => left.extend(made(call)),
                Some(Operation::RoomsArchive) if call.succeeded() => {
                    left.retain(|room: &LeftRoom| room.id.as_deref() != call.subject());
                }
                _ => {}
            }
        }
        left
    }
}

/// The room that a call has made, or may have.
fn made(call: &Call) -> Option<LeftRoom> {
    if !call.maybe_done() {
        return None;
    }
    let text = |body: Option<&Value>, name: &str| Some(body?.get(name)?.as_str()?.to_owned());
    let room = call.success();
    // A direct room may have been there before the run.
    if text(room, "room_type").as_deref() == Some("direct") && call.status() != Some(201) {
        return None;
    }
    let name = text(call.request.as_ref(), "name");
    Some(LeftRoom { id: text(room, "id"), name, maker: call.invocation.actor.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notation;

    #[test]
    fn what_was_made_and_not_put_away_is_left() {
        let mut history = notation::parse(
            r#"
            alice rooms.create {"name": "put away"} => 201 @room {"id": "$a", "room_type": "group"}
            alice rooms.create {"name": "kept"} => 201 @room {"id": "$b", "room_type": "group"}
            alice rooms.archive $a => 200 @room
            alice rooms.archive $b => 500 @error
            alice rooms.create {"room_type": "direct"} => 200 @room {"id": "$old", "room_type": "direct"}
            alice rooms.create {} => 400 @error
            [20..30] alice rooms.create {"name": "unanswered"} => late
            [40..50] alice rooms.create {"name": "broken"} => 500 @error
            [60..70] alice rooms.create {"name": "unreadable"} => 201 <html>
            alice rooms.create {"name": "never sent"} => !
            "#,
        )
        .unwrap();
        assert_eq!(history.left_rooms(), []);
        let named = Whom::Named { accounts: String::new(), socket_url: None, jwt_secret_env: None };
        history.start.as_mut().unwrap().whom = Some(named);
        let left = |id: Option<String>, name: &str| LeftRoom {
            id,
            name: Some(name.to_owned()),
            maker: "alice".to_owned(),
        };
        let expected = [
            left(Some(notation::id("b")), "kept"),
            left(None, "unanswered"),
            left(None, "broken"),
            left(None, "unreadable"),
        ];
        assert_eq!(history.left_rooms(), expected);
    }
}
