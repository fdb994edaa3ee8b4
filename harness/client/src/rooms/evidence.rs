//! Evidence that a room was created by the run, as opposed to one that existed before.

use hearback_contract::UserId;
use hearback_history::escape::escape;
use jiff::Timestamp;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

/// Maximum length of a value in an error, in characters.
const LONGEST_VALUE: usize = 80;

/// The reason why a returned room is not taken for a room of the run.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotOurs {
    /// An account could see the room before.
    #[error("the room existed before this run")]
    Existed,
    /// A field of the room contradicts the request.
    #[error("the room is not the requested one: {0}")]
    Contradicts(Contradiction),
    /// The room has neither a name nor a time of creation, and the rooms that existed before are not all known.
    #[error("it is not certain that this run created the room")]
    Unproven,
}

impl NotOurs {
    /// Returns whether the room certainly existed before the run; otherwise a field may be wrong.
    pub(super) fn is_existing(&self) -> bool {
        match self {
            Self::Existed => true,
            Self::Contradicts(it) => matches!(it.field, "created_at" | "last_message"),
            Self::Unproven => false,
        }
    }
}

/// A field that contradicts the request.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{field}` is {stated} instead of {expected}")]
pub struct Contradiction {
    /// The field.
    pub field: &'static str,
    /// Its value, bounded and escaped.
    pub stated: String,
    /// The value that a room of the request has.
    pub expected: String,
}

/// The request that a new room must fit.
pub(super) struct Expected<'a> {
    /// The body of the request.
    pub(super) request: Option<&'a Value>,
    /// Username of the actor that sent it, or the name with which it logs in.
    pub(super) creator: &'a str,
    /// User id of the actor, if known.
    pub(super) creator_id: Option<UserId>,
    /// The earliest time that the target can state for the creation.
    pub(super) earliest: Timestamp,
    /// True if every room that existed before is known.
    pub(super) knows_earlier_rooms: bool,
}

impl Expected<'_> {
    /// Checks the fields of a room that was not known before.
    ///
    /// # Errors
    /// If a field contradicts the request, or nothing shows that the room is new.
    pub(super) fn check(&self, room: &Value) -> Result<(), NotOurs> {
        // The fields that show an existing room come first.
        let checks = [
            self.created_at(room),
            self.last_message(room),
            self.room_type(room),
            self.name(room),
            self.created_by(room),
        ];
        let mut is_positive = self.knows_earlier_rooms;
        for check in checks {
            match check {
                Fit::Contradicts(contradiction) => return Err(NotOurs::Contradicts(contradiction)),
                Fit::Proves => is_positive = true,
                Fit::Fits => {}
            }
        }
        if is_positive { Ok(()) } else { Err(NotOurs::Unproven) }
    }

    fn requested(&self, field: &str) -> Option<&str> {
        self.request?.get(field)?.as_str()
    }

    fn room_type(&self, room: &Value) -> Fit {
        match (self.requested("room_type"), room.get("room_type").and_then(Value::as_str)) {
            (Some(requested), Some(stated)) if requested != stated => {
                contradicts("room_type", stated, requested)
            }
            _ => Fit::Fits,
        }
    }

    /// Names are compared without white space, which servers trim, in any normalization, and up to the length that servers keep.
    fn name(&self, room: &Value) -> Fit {
        let Some(requested) = self.requested("name") else { return Fit::Fits };
        let Some(stated) = room.get("name").and_then(Value::as_str) else { return Fit::Fits };
        let letters = |text: &str| text.nfc().filter(|it| !it.is_whitespace()).collect::<String>();
        let (wanted, found) = (letters(requested), letters(stated));
        if wanted == found {
            return if wanted.is_empty() { Fit::Fits } else { Fit::Proves };
        }
        if !found.is_empty() && wanted.starts_with(&found) {
            return Fit::Fits;
        }
        contradicts("name", stated, requested)
    }

    fn created_at(&self, room: &Value) -> Fit {
        let stated = room.get("created_at").and_then(Value::as_str);
        match stated.map(|text| (text, text.parse::<Timestamp>())) {
            Some((text, Ok(time))) if time < self.earliest => {
                contradicts("created_at", text, &format!("{} or later", self.earliest))
            }
            Some((_, Ok(_))) => Fit::Proves,
            // The schema requirements report an invalid time.
            Some((_, Err(_))) | None => Fit::Fits,
        }
    }

    /// The name of the creator is enough, since the id in the accounts file may be wrong.
    fn created_by(&self, room: &Value) -> Fit {
        let Some(creator) = room.get("created_by") else { return Fit::Fits };
        let id = creator.get("id").unwrap_or(creator).as_i64();
        let name = creator.get("username").and_then(Value::as_str);
        let is_id = self.creator_id.zip(id).map(|(known, stated)| known.get() == stated);
        let is_name = name.map(|name| name.eq_ignore_ascii_case(self.creator));
        match (is_id, is_name) {
            (Some(true), _) | (_, Some(true)) | (None, _) => Fit::Fits,
            (Some(false), _) => contradicts("created_by", &creator.to_string(), self.creator),
        }
    }

    /// A new room may have a message of the system, but none from before.
    fn last_message(&self, room: &Value) -> Fit {
        let Some(message) = room.get("last_message").filter(|it| it.is_object()) else {
            return Fit::Fits;
        };
        let sent = message.get("created_at").and_then(Value::as_str);
        let is_earlier = sent
            .and_then(|text| text.parse::<Timestamp>().ok())
            .is_some_and(|sent| sent < self.earliest);
        let is_of_a_user = message.get("sender").is_some_and(Value::is_object)
            && message.get("message_type").and_then(Value::as_str) != Some("system");
        if is_earlier || is_of_a_user {
            return contradicts("last_message", &message.to_string(), "null");
        }
        Fit::Fits
    }
}

/// The result of comparing a field with the request.
enum Fit {
    /// It does not contradict.
    Fits,
    /// It shows that the room is new.
    Proves,
    /// It contradicts.
    Contradicts(Contradiction),
}

fn contradicts(field: &'static str, stated: &str, expected: &str) -> Fit {
    let shown = |text: &str| escape(text, LONGEST_VALUE);
    Fit::Contradicts(Contradiction { field, stated: shown(stated), expected: shown(expected) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn room(changes: &Value) -> Value {
        let mut room = json!({
            "id": "11111111-1111-4111-8111-111111111111",
            "name": "hearback a1b2c3 test",
            "room_type": "group",
            "created_at": "2026-01-02T12:00:01Z",
            "created_by": {"id": 1, "username": "alice"},
            "last_message": null,
        });
        for (field, value) in changes.as_object().into_iter().flatten() {
            room[field] = value.clone();
        }
        room
    }

    fn check(changes: &Value, knows_earlier_rooms: bool) -> Result<(), NotOurs> {
        let request = json!({"room_type": "group", "name": "hearback a1b2c3 test"});
        Expected {
            request: Some(&request),
            creator: "alice",
            creator_id: Some(1.into()),
            earliest: "2026-01-02T12:00:00Z".parse().unwrap(),
            knows_earlier_rooms,
        }
        .check(&room(changes))
    }

    #[test]
    fn rooms_that_fit_the_request_are_ours() {
        for changes in [
            json!({}),
            json!({"name": "hearback a1b2c3  test "}),
            json!({"name": "hearback a1b2"}),
            json!({"name": null, "created_at": "yesterday", "created_by": null}),
            json!({"created_by": {"id": 9, "username": "Alice"}}),
            json!({"created_by": 1}),
            json!({"last_message": {"message_type": "system", "sender": null}}),
        ] {
            assert_eq!(check(&changes, true), Ok(()), "{changes}");
        }
    }

    #[test]
    fn rooms_that_contradict_the_request_are_not() {
        for (field, changes) in [
            ("room_type", json!({"room_type": "direct"})),
            ("name", json!({"name": "Project Team"})),
            ("name", json!({"name": ""})),
            ("created_at", json!({"created_at": "2026-01-02T11:59:59Z"})),
            ("created_by", json!({"created_by": {"id": 2, "username": "bob"}})),
            ("created_by", json!({"created_by": 2})),
            ("last_message", json!({"last_message": {"sender": {"id": 1}, "content": "hi"}})),
        ] {
            match check(&changes, true) {
                Err(NotOurs::Contradicts(found)) => assert_eq!(found.field, field, "{changes}"),
                other => panic!("{changes}: {other:?}"),
            }
        }
    }

    #[test]
    fn without_a_list_of_earlier_rooms_a_field_must_prove_it() {
        assert_eq!(check(&json!({}), false), Ok(()));
        let bare = json!({"name": null, "created_at": null});
        assert_eq!(check(&bare, true), Ok(()));
        assert_eq!(check(&bare, false), Err(NotOurs::Unproven));
    }
}
