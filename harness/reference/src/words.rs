//! Closed sets of words: one list gives the JSON, the SQL and the parsed form.

/// Declares an enum whose variants are words on the wire and in the database.
macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),+ }

        impl $name {
            /// The word for it.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What the word stands for, if it is one of the set.
            pub(crate) fn named(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<Self> {
                Self::named(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

words! {
    /// What a room is for. Section *List All Rooms*.
    RoomType { Direct = "direct", Group = "group", Task = "task", Property = "property" }
}

words! {
    /// What a message holds. Section *ChatMessage*.
    MessageType { Text = "text", Image = "image", File = "file", System = "system" }
}
