//! The keys of a table, as its parser knows them.

use serde::de::{Deserialize, Deserializer, Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;

/// The keys of a table.
pub(super) fn keys<'de, T: Deserialize<'de>>() -> Vec<String> {
    let error = T::deserialize(Keys).err().map(|error| error.to_string()).unwrap_or_default();
    error.split_whitespace().map(str::to_owned).collect()
}

/// Fails with the keys.
struct Keys;

impl<'de> Deserializer<'de> for Keys {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom(""))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom(fields.join(" ")))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
