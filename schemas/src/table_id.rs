//! The text form that the ids of all tables share.

/// Implements parsing, formatting and serialization of an id as text.
///
/// Parsing an unknown text gives an [`UnknownId`](crate::UnknownId) with suggestions.
macro_rules! table_id {
    ($id:ident, kind: $kind:literal, all: $all:expr, text: $text:expr $(,)?) => {
        impl std::str::FromStr for $id {
            type Err = crate::UnknownId;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                $all.into_iter()
                    .find(|id| $text(*id) == name)
                    .ok_or_else(|| crate::UnknownId::new($kind, name, $all.into_iter().map($text)))
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad($text(*self))
            }
        }

        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($text(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use table_id;
