//! The text form that all generated ids share.

/// Implements parsing, formatting and serde for an enum with `ALL` and `as_str`.
macro_rules! text_id {
    ($id:ident, $kind:literal) => {
        impl std::str::FromStr for $id {
            type Err = crate::suggestion::UnknownId;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::ALL.into_iter().find(|id| id.as_str() == name).ok_or_else(|| {
                    let ids = Self::ALL.into_iter().map(Self::as_str);
                    crate::suggestion::UnknownId::new($kind, name, ids)
                })
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $id {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
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

pub(crate) use text_id;
