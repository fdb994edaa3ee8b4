//! The extent of JSON text, measured without building its value.

use serde::de::IgnoredAny;
use serde_json::Value;

/// Maximum depth of a JSON value; that of the parser.
pub const DEPTH: usize = 127;

/// Maximum estimated memory of one parsed body or frame, in bytes.
pub const BODY_WEIGHT: usize = 16 << 20;

/// Estimated memory of an element or a member, in bytes.
const ITEM: usize = 110;

/// Estimated memory of an array, in bytes.
const ARRAY: usize = 290;

/// Estimated memory of an object, in bytes.
const OBJECT: usize = 500;

/// Depth and estimated memory of a JSON value. Of text that is not JSON, both mean nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonExtent {
    /// Maximum number of arrays and objects around a value.
    pub depth: usize,
    /// Estimated memory of the parsed value, in bytes.
    pub weight: usize,
}

impl JsonExtent {
    /// Measures text in one pass.
    pub fn of(text: &[u8]) -> Self {
        let mut extent = Self { depth: 0, weight: text.len() };
        let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
        for byte in text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = is_string,
                b'"' => is_string = !is_string,
                _ if is_string => {}
                b',' => extent.weight += ITEM,
                b'[' | b'{' => {
                    depth += 1;
                    extent.depth = extent.depth.max(depth);
                    extent.weight += if *byte == b'[' { ARRAY } else { OBJECT };
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        extent
    }

    /// Returns whether the value may be built.
    pub fn is_bounded(self) -> bool {
        self.depth <= DEPTH && self.weight <= BODY_WEIGHT
    }

    /// The weight; zero if the value is not built.
    pub(crate) fn bounded_weight(self) -> usize {
        if self.is_bounded() { self.weight } else { 0 }
    }
}

/// Parses JSON text whose extent is bounded; `None` for other text.
pub fn parse(text: &[u8]) -> Option<Value> {
    JsonExtent::of(text).is_bounded().then(|| serde_json::from_slice(text).ok()).flatten()
}

/// The reason why text is not parsed, for findings: "not JSON", or what the parser cannot represent.
pub fn why_not_parsed(text: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return "not JSON".to_owned();
    }
    match serde_json::from_str::<Value>(text) {
        Err(error) => format!("JSON that common parsers reject: {error}"),
        Ok(_) => "JSON".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_weight_are_those_of_structure_outside_of_strings() {
        assert_eq!(JsonExtent::of(br#"{"a": [1, [2]]}"#).depth, 3);
        let quoted = JsonExtent::of(br#""[[[{,,,\"[[[\\""#);
        assert_eq!(quoted, JsonExtent { depth: 0, weight: 16 });
        assert!(JsonExtent::of(b"[0,0,0]").weight > 2 * ITEM);
    }

    #[test]
    fn values_beyond_the_bounds_are_not_built() {
        let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert!(parse(&nested(DEPTH)).is_some());
        assert!(parse(&nested(DEPTH + 1)).is_none());
        assert!(parse(&nested(100_000)).is_none());
        let zeros = |count: usize| [b"[".to_vec(), b"0,".repeat(count), b"0]".to_vec()].concat();
        assert!(parse(&zeros(1000)).is_some());
        assert!(parse(&zeros(BODY_WEIGHT / ITEM)).is_none());
    }

    #[test]
    fn json_that_cannot_be_represented_is_not_called_something_else() {
        let digits = "9".repeat(400);
        for text in ["1e999", digits.as_str(), r#"{"a": "\ud800"}"#, r#"["\udc00x"]"#] {
            let why = why_not_parsed(text);
            assert!(why.starts_with("JSON that common parsers reject: "), "{text}: {why}");
        }
        for text in ["<html>", "{\"a\": 1", "nul", "[1,]", "\u{feff}{}"] {
            assert_eq!(why_not_parsed(text), "not JSON", "{text}");
        }
    }
}
