//! The user id that the target states for an actor.

use hearback_contract::UserId;
use hearback_history::ActorName;
use serde_json::Value;

use crate::rest::Response;

/// User id of `creator` in the response to creating a room. Section *Create New Room*.
///
/// Taken from `created_by` and from the participants with the user name of the creator. `None` if none has it,
/// or if they differ.
pub fn stated_user_id(room: &Response, creator: &ActorName) -> Option<UserId> {
    let participants = room.at("/participants").and_then(Value::as_array);
    let users = participants.into_iter().flatten().filter_map(|it| it.get("user"));
    let mut ids = room
        .at("/created_by")
        .into_iter()
        .chain(users)
        .filter(|user| user.get("username").and_then(Value::as_str) == Some(creator.as_str()))
        .map(|user| user.get("id").and_then(Value::as_i64));
    let first = ids.next()??;
    ids.all(|id| id == Some(first)).then_some(UserId::new(first))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stated(room: Value) -> Option<i64> {
        let room = Response { json: Some(room), ..Response::default() };
        stated_user_id(&room, &"alice".into()).map(UserId::get)
    }

    #[test]
    fn all_entries_with_the_name_of_the_creator_must_agree() {
        let user = |id: i64, name: &str| json!({"id": id, "username": name});
        let room = |creator: Value, member: Value| {
            stated(json!({"created_by": creator, "participants": [{"user": member}]}))
        };
        assert_eq!(room(user(1, "alice"), user(1, "alice")), Some(1));
        assert_eq!(room(user(1, "alice"), user(2, "bob")), Some(1));
        assert_eq!(room(user(9, "bob"), user(1, "alice")), Some(1));
        assert_eq!(room(user(9, "alice"), user(1, "alice")), None);
        assert_eq!(room(user(2, "bob"), user(3, "carol")), None);
        assert_eq!(stated(json!({"created_by": 1})), None);
    }
}
