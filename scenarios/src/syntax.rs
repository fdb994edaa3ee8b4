//! YAML as a tree in which every key and value knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1 on.
    pub line: usize,
    /// Column, from 1 on, in characters.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// Bytes.
    pub length: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The value.
    pub(crate) content: Content,
    /// Where it begins.
    pub(crate) place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Text, a number, true, false or null.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in order.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key; one that is no text is written out.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) place: Place,
    /// The value.
    pub(crate) node: Node,
}

/// What makes a text no YAML.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) place: Place,
}

/// Reads YAML.
///
/// # Errors
/// If it is none, with the place.
pub(crate) fn read(text: &str) -> Result<Node, SyntaxError> {
    // `y`, `no` and `on` are words, as people mean them.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| SyntaxError {
        message: error.without_snippet().to_string().lines().next().unwrap_or_default().to_owned(),
        place: error.location().map(|at| Place::from(at).found_in(text)).unwrap_or_default(),
    })
}

impl Place {
    /// The place with its first byte, of which only line and column may be known.
    fn found_in(self, text: &str) -> Self {
        if self.start > 0 || self.line == 0 {
            return self;
        }
        let lines = text.split_inclusive('\n').take(self.line - 1);
        let start = lines.map(str::len).sum::<usize>();
        let line = text[start..].chars().take(self.column.saturating_sub(1));
        Self { start: start + line.map(char::len_utf8).sum::<usize>(), ..self }
    }
}

impl Node {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub(crate) fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value without its places.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// Calls `visit` with every text in it and its place, keys included.
    pub(crate) fn each_text<'n>(&'n self, visit: &mut dyn FnMut(&'n str, Place)) {
        match &self.content {
            Content::Scalar(Value::String(text)) => visit(text, self.place),
            Content::Scalar(_) => {}
            Content::List(items) => items.iter().for_each(|item| item.each_text(visit)),
            Content::Mapping(entries) => {
                for entry in entries {
                    visit(&entry.key, entry.place);
                    entry.node.each_text(visit);
                }
            }
        }
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let span = location.span();
        Self {
            line: number(location.line()),
            column: number(location.column()),
            start: span.byte_offset().map_or(0, number),
            length: span.byte_len().map_or(0, number),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self { content: spanned.value, place: spanned.referenced.into() })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

/// A scalar of each type that YAML has.
macro_rules! scalar {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, value: $type) -> Result<Content, E> {
            Ok(Content::Scalar(Value::from(value)))
        })*
    };
}

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    scalar!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Content, A::Error> {
        let mut mapping = Vec::new();
        while let Some(key) = entries.next_key::<Node>()? {
            let node = entries.next_value()?;
            let name = match key.to_value() {
                Value::String(text) => text,
                other => other.to_string(),
            };
            mapping.push(Entry { key: name, place: key.place, node });
        }
        Ok(Content::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_and_values_know_their_places() {
        let text = "a: [1, 'zwö']\nb:\n  - { c: hi }\n";
        let node = read(text).unwrap();
        assert_eq!(node.to_value(), json!({"a": [1, "zwö"], "b": [{"c": "hi"}]}));
        let mapping = node.as_mapping().unwrap();
        let second = &mapping[0].node.as_list().unwrap()[1];
        assert_eq!((second.place.line, second.place.column), (1, 8));
        let step = &mapping[1].node.as_list().unwrap()[0].as_mapping().unwrap()[0];
        assert_eq!((step.place.line, step.place.column), (3, 7));
        let place = step.node.place;
        assert_eq!(&text[place.start..place.start + place.length], "hi");
    }

    #[test]
    fn only_true_and_false_are_no_words() {
        let node = read("[y, no, on, true, '1', 1, ~]").unwrap();
        assert_eq!(node.to_value(), json!(["y", "no", "on", true, "1", 1, null]));
    }

    #[test]
    fn what_is_no_yaml_is_an_error_with_its_place() {
        let error = read("a: 1\nb: [1, 2\n").unwrap_err();
        assert!(error.place.line >= 2, "{error:?}");
        let error = read("a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.place.line, 2, "{error:?}");
    }
}
