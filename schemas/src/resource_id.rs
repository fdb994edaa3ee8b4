//! Ids of users, participants, rooms and messages, one type each.

use std::borrow::Borrow;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

macro_rules! integer_id {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number, as JSON has it.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// The id in a request, a response or an event; `None` if the value is not an integer.
            pub fn from_json(value: &Value) -> Option<Self> {
                value.as_i64().map(Self)
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl PartialEq<i64> for $name {
            fn eq(&self, number: &i64) -> bool {
                self.0 == *number
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        /// As the number, so that lists of ids can be reported.
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$documentation:meta])* $name:ident, $(#[$borrowed:meta])* $reference:ident) => {
        $(#[$documentation])*
        ///
        /// Any text is accepted: targets and generated requests use ids that are not UUIDs. Clones share the text.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id without a share in its text.
            pub fn borrowed(&self) -> $reference<'_> {
                $reference(&self.0)
            }
        }

        $(#[$borrowed])*
        ///
        /// Requests, responses and events contain it; reading it allocates nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $reference<'a>(&'a str);

        impl<'a> $reference<'a> {
            /// The id with this text.
            pub const fn new(text: &'a str) -> Self {
                Self(text)
            }

            /// The id in a request, a response or an event; `None` if the value is not a string.
            pub fn from_json(value: &'a Value) -> Option<Self> {
                value.as_str().map(Self)
            }

            /// The id as text.
            pub const fn as_str(self) -> &'a str {
                self.0
            }

            /// Returns whether both are the same UUID, in upper or lower case.
            pub fn eq_ignore_ascii_case(self, other: Self) -> bool {
                self.0.eq_ignore_ascii_case(other.0)
            }

            /// The id with a text of its own.
            pub fn to_id(self) -> $name {
                $name::from(self.0)
            }
        }

        impl PartialEq<$name> for $reference<'_> {
            fn eq(&self, id: &$name) -> bool {
                self.0 == &*id.0
            }
        }

        impl PartialEq<$reference<'_>> for $name {
            fn eq(&self, id: &$reference<'_>) -> bool {
                &*self.0 == id.0
            }
        }

        impl fmt::Display for $reference<'_> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.0)
            }
        }

        impl<T: Into<Arc<str>>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                &*self.0 == text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

integer_id! {
    /// Id of a user. Section *Data Models*.
    UserId
}
integer_id! {
    /// Id of a participant: of one user's membership in one room. Section *Data Models*.
    ParticipantId
}
text_id! {
    /// Id of a room, a UUID in the specification.
    RoomId,
    /// A [`RoomId`] that borrows its text.
    RoomRef
}
text_id! {
    /// Id of a message, a UUID in the specification.
    MessageId,
    /// A [`MessageId`] that borrows its text.
    MessageRef
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_plain_values_in_json() {
        let user: UserId = serde_json::from_str("7").unwrap();
        assert_eq!((user, serde_json::to_string(&user).unwrap()), (UserId::new(7), "7".to_owned()));
        let room: RoomId = serde_json::from_str(r#""a\u0062""#).unwrap();
        assert_eq!(room, RoomId::from("ab"));
        assert_eq!(serde_json::to_string(&room).unwrap(), r#""ab""#);
        assert!(serde_json::from_str::<UserId>("\"7\"").is_err());
        assert!(serde_json::from_str::<MessageId>("7").is_err());
    }

    #[test]
    fn ids_are_read_from_json_of_their_type() {
        let values = serde_json::json!(["a", 7]);
        assert_eq!(RoomRef::from_json(&values[0]), Some(RoomRef::new("a")));
        assert_eq!(RoomRef::from_json(&values[0]).map(RoomRef::to_id), Some(RoomId::from("a")));
        assert_eq!(MessageRef::from_json(&values[1]), None);
        assert_eq!(UserId::from_json(&values[1]), Some(UserId::new(7)));
        assert_eq!(ParticipantId::from_json(&values[0]), None);
    }

    #[test]
    fn text_ids_are_found_by_text() {
        let rooms = HashSet::from([RoomId::from("r")]);
        assert!(rooms.contains("r") && !rooms.contains("s"));
    }
}
