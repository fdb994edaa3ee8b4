//! YAML as a tree in which every key and value has a span.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};

/// A position in a file and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// Offset of the first byte.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
}

/// A value and its span.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The value.
    pub(crate) content: Content,
    /// The span of the value.
    pub(crate) span: Span,
}

/// The content of a value.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Text, number, `true`, `false` or null.
    Scalar(Value),
    /// Items, in order.
    List(Vec<Node>),
    /// Keys and values, in order.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key; a key that is not text is serialized as JSON.
    pub(crate) key: String,
    /// The span of the key.
    pub(crate) span: Span,
    /// The value.
    pub(crate) node: Node,
}

/// The reason why a text is not YAML.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    /// The problem.
    pub(crate) message: String,
    /// The position of the error.
    pub(crate) span: Span,
}

/// The maximum nesting of lists and mappings, which bounds the stack that parsing requires.
const MAX_DEPTH: usize = 32;

/// Parses YAML.
///
/// # Errors
/// If `text` is not YAML, nests too deeply, or expands to too many nodes.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    // `y`, `no` and `on` are texts, unlike in YAML 1.1.
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| SyntaxError {
        message: match error.without_snippet() {
            serde_saphyr::Error::Budget { .. } => {
                format!("more than {MAX_DEPTH} nested lists and mappings, or too many values")
            }
            other => other.to_string().lines().next().unwrap_or_default().to_owned(),
        },
        span: error.location().map(|at| Span::from(at).found_in(text)).unwrap_or_default(),
    })
}

impl Span {
    /// Adds the offset of the first byte, which errors lack.
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
    /// The text, if the value is text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The items, if the value is a list.
    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if the value is a mapping.
    pub(crate) fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value without spans.
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

    /// Calls `visit` with every text in the value, including keys, and its span.
    pub(crate) fn each_text<'n>(&'n self, visit: &mut dyn FnMut(&'n str, Span)) {
        match &self.content {
            Content::Scalar(Value::String(text)) => visit(text, self.span),
            Content::Scalar(_) => {}
            Content::List(items) => items.iter().for_each(|item| item.each_text(visit)),
            Content::Mapping(entries) => {
                for entry in entries {
                    visit(&entry.key, entry.span);
                    entry.node.each_text(visit);
                }
            }
        }
    }
}

impl From<Location> for Span {
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
        Ok(Self { content: spanned.value, span: spanned.referenced.into() })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

/// Implements the visitor for each type of scalar.
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
            mapping.push(Entry { key: name, span: key.span, node });
        }
        Ok(Content::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_and_values_have_spans() {
        let text = "a: [1, 'zwö']\nb:\n  - { c: hi }\n";
        let node = parse(text).unwrap();
        assert_eq!(node.to_value(), json!({"a": [1, "zwö"], "b": [{"c": "hi"}]}));
        let mapping = node.as_mapping().unwrap();
        let second = &mapping[0].node.as_list().unwrap()[1];
        assert_eq!((second.span.line, second.span.column), (1, 8));
        let step = &mapping[1].node.as_list().unwrap()[0].as_mapping().unwrap()[0];
        assert_eq!((step.span.line, step.span.column), (3, 7));
        let span = step.node.span;
        assert_eq!(&text[span.start..span.start + span.length], "hi");
    }

    #[test]
    fn only_true_and_false_are_booleans() {
        let node = parse("[y, no, on, true, '1', 1, ~]").unwrap();
        assert_eq!(node.to_value(), json!(["y", "no", "on", true, "1", 1, null]));
    }

    #[test]
    fn syntax_errors_have_spans() {
        let error = parse("a: 1\nb: [1, 2\n").unwrap_err();
        assert!(error.span.line >= 2, "{error:?}");
        let error = parse("a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.span.line, 2, "{error:?}");
    }
}
