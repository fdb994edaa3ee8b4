//! Ids of users, participants, rooms and messages, one type each.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! integer_id {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
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
    };
}

macro_rules! text_id {
    ($(#[$documentation:meta])* $name:ident) => {
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
    RoomId
}
text_id! {
    /// Id of a message, a UUID in the specification.
    MessageId
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
    fn text_ids_are_found_by_text() {
        let rooms = HashSet::from([RoomId::from("r")]);
        assert!(rooms.contains("r") && !rooms.contains("s"));
    }
}
