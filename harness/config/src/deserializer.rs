//! Deserializes parsed TOML: errors have a place and never quote a value, and strings may refer to variables.
//!
//! The deserializer of the crate `toml` reports unknown keys and wrong types as text only, with the value.

use std::ops::Range;

use serde::de::{
    self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde_spanned::de::{SpannedDeserializer, is_spanned};
use toml::de::{DeTable, DeValue};

use crate::Problem;
use crate::variable::{Environment, expand};

/// An entry of a table: key and value, with their places.
pub(crate) type Entry<'a> =
    (&'a toml::Spanned<toml::de::DeString<'a>>, &'a toml::Spanned<DeValue<'a>>);

/// The entries of a table in the order of the file.
pub(crate) fn entries<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// A value, or the key of one.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    content: Content<'a>,
    span: (usize, usize),
    /// The key of the value, for errors.
    key: &'a str,
    environment: Option<&'a dyn Environment>,
}

#[derive(Clone, Copy)]
enum Content<'a> {
    Key(&'a str),
    Value(&'a DeValue<'a>),
}

impl<'a> Node<'a> {
    pub(crate) fn new(
        key: &'a str,
        value: &'a toml::Spanned<DeValue<'a>>,
        environment: Option<&'a dyn Environment>,
    ) -> Self {
        let span = value.span();
        let content = Content::Value(value.get_ref());
        Self { content, span: (span.start, span.end), key, environment }
    }

    fn span(self) -> Range<usize> {
        self.span.0..self.span.1
    }

    pub(crate) fn unexpected(self) -> Unexpected<'a> {
        match self.content {
            Content::Key(key) => Unexpected::Str(key),
            Content::Value(DeValue::String(text)) => Unexpected::Str(text),
            Content::Value(DeValue::Integer(_)) => Unexpected::Signed(0),
            Content::Value(DeValue::Float(_)) => Unexpected::Float(0.0),
            Content::Value(DeValue::Boolean(value)) => Unexpected::Bool(*value),
            Content::Value(DeValue::Datetime(_)) => Unexpected::Other("a date"),
            Content::Value(DeValue::Array(_)) => Unexpected::Seq,
            Content::Value(DeValue::Table(_)) => Unexpected::Map,
        }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = match self.content {
            Content::Key(key) => return visitor.visit_str(key),
            Content::Value(value) => value,
        };
        match value {
            DeValue::String(text) => match self.environment {
                Some(environment) => visitor.visit_string(expand(self.key, text, environment)?),
                None => visitor.visit_str(text),
            },
            DeValue::Integer(integer) => {
                match i64::from_str_radix(integer.as_str(), integer.radix()) {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => Err(Problem::new("the number is too large")),
                }
            }
            DeValue::Float(float) => match float.as_str().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(Problem::new("the number is invalid")),
            },
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            DeValue::Datetime(date) => visitor.visit_string(date.to_string()),
            DeValue::Array(items) => {
                let nodes =
                    items.iter().map(|item| Node::new(self.key, item, self.environment)).collect();
                visitor.visit_seq(Items(nodes))
            }
            DeValue::Table(table) => {
                visitor.visit_map(Table::new(entries(table), self.environment))
            }
        }
    }
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.visit(visitor).map_err(|problem| problem.at(self.span()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if is_spanned(name) {
            return visitor.visit_map(SpannedDeserializer::new(self, self.span()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.content {
            Content::Value(DeValue::String(text)) => {
                visitor.visit_enum(text.as_ref().into_deserializer())
            }
            _ => Err(Problem::invalid_type(self.unexpected(), &"a string")),
        }
        .map_err(|problem: Problem| problem.at(self.span()))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Problem> for Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The items of an array, last first.
struct Items<'a>(std::collections::VecDeque<Node<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        self.0.pop_front().map(|node| seed.deserialize(node)).transpose()
    }
}

/// Entries of a table.
pub(crate) struct Table<'a> {
    entries: std::vec::IntoIter<Entry<'a>>,
    value: Option<Node<'a>>,
    environment: Option<&'a dyn Environment>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(entries: Vec<Entry<'a>>, environment: Option<&'a dyn Environment>) -> Self {
        Self { entries: entries.into_iter(), value: None, environment }
    }
}

impl<'de> MapAccess<'de> for Table<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let span = key.span();
        self.value = Some(Node::new(key.get_ref(), value, self.environment));
        let node = Node {
            content: Content::Key(key.get_ref()),
            span: (span.start, span.end),
            key: key.get_ref(),
            environment: None,
        };
        seed.deserialize(node).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        match self.value.take() {
            Some(node) => seed.deserialize(node),
            None => Err(de::Error::custom("a value was read before its key")),
        }
    }
}

/// The entries of a whole file, or of the part of it that a struct has fields for.
pub(crate) struct Root<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// Ignores keys that the struct has no field for: they belong to other readers of the file.
    pub(crate) is_shared: bool,
    pub(crate) environment: Option<&'a dyn Environment>,
}

impl<'de> Deserializer<'de> for Root<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_map(Table::new(self.entries, self.environment))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if self.is_shared {
            self.entries.retain(|(key, _)| fields.contains(&key.get_ref().as_ref()));
        }
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
