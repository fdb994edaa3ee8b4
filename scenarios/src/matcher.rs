//! Matchers: conditions on the values that a target returns.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

use crate::template::{self, UndefinedVariable, Variables};

/// One condition on a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// Equals this value; 1 equals 1.0.
    Equals(Value),
    /// Is present, and at least one of these does not match.
    Not(Vec<Matcher>),
    /// Is text with this part, or a list with this item.
    Contains(Value),
    /// Is a list with an item that has these fields.
    ContainsItem(Fields),
    /// Is text with a match of this regular expression.
    Matches(String),
    /// Equals one item of this list.
    OneOf(Value),
    /// Is a number, this or more.
    AtLeast(Value),
    /// Is a number, this or less.
    AtMost(Value),
    /// Is an earlier number plus an increment.
    IncreasedBy {
        /// The earlier number.
        from: Value,
        /// The increment.
        by: Value,
    },
    /// Is a time before this one.
    Before(Value),
    /// Is a time after this one.
    After(Value),
    /// Is present, or absent if false.
    Present(bool),
    /// Has a number of characters, items or members that matches.
    Length(Vec<Matcher>),
}

/// Matchers by dotted path; all of them must match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub Vec<(String, Vec<Matcher>)>);

/// The reason why a matcher cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A placeholder has no value.
    #[error(transparent)]
    UndefinedVariable(#[from] UndefinedVariable),
    /// An operand has the wrong type after its placeholders were replaced.
    #[error("invalid operand of `{matcher}`: expected {expected}, found `{found}`")]
    InvalidOperand {
        /// The matcher.
        matcher: &'static str,
        /// The expected type.
        expected: &'static str,
        /// The operand.
        found: String,
    },
}

impl Matcher {
    /// The matcher with its placeholders replaced.
    ///
    /// # Errors
    /// If a placeholder has no value, or an operand has the wrong type.
    pub fn resolve(&self, variables: &Variables) -> Result<Self, ResolveError> {
        let value = |value: &Value| template::resolve(value, variables);
        let number = |matcher, operand: &Value| {
            let operand = value(operand)?;
            require(operand.is_number(), matcher, "a number", &operand)?;
            Ok::<_, ResolveError>(operand)
        };
        let time = |matcher, operand: &Value| {
            let operand = value(operand)?;
            require(timestamp(&operand).is_some(), matcher, "a time", &operand)?;
            Ok::<_, ResolveError>(operand)
        };
        Ok(match self {
            Self::Equals(operand) => Self::Equals(value(operand)?),
            Self::Not(matchers) => Self::Not(resolve_all(matchers, variables)?),
            Self::Contains(operand) => Self::Contains(value(operand)?),
            Self::ContainsItem(fields) => Self::ContainsItem(fields.resolve(variables)?),
            Self::Matches(pattern) => {
                let pattern = template::text(pattern, variables)?;
                let is_valid = Regex::new(&pattern).is_ok();
                require(is_valid, "matches", "a regular expression", &Value::from(&*pattern))?;
                Self::Matches(pattern)
            }
            Self::OneOf(operand) => {
                let operand = value(operand)?;
                require(operand.is_array(), "one-of", "a list", &operand)?;
                Self::OneOf(operand)
            }
            Self::AtLeast(operand) => Self::AtLeast(number("at-least", operand)?),
            Self::AtMost(operand) => Self::AtMost(number("at-most", operand)?),
            Self::IncreasedBy { from, by } => Self::IncreasedBy {
                from: number("increased-by", from)?,
                by: number("increased-by", by)?,
            },
            Self::Before(operand) => Self::Before(time("before", operand)?),
            Self::After(operand) => Self::After(time("after", operand)?),
            Self::Present(is_present) => Self::Present(*is_present),
            Self::Length(matchers) => Self::Length(resolve_all(matchers, variables)?),
        })
    }

    /// Returns true if `actual` matches. An absent value matches [`Self::Present`]`(false)` only.
    pub fn matches(&self, actual: Option<&Value>) -> bool {
        let Some(actual) = actual else { return *self == Self::Present(false) };
        match self {
            Self::Equals(expected) => same(actual, expected),
            Self::Not(matchers) => !all_match(matchers, Some(actual)),
            Self::Contains(part) => match (actual, part) {
                (Value::String(text), Value::String(part)) => text.contains(part),
                (Value::Array(items), part) => items.iter().any(|item| same(item, part)),
                _ => false,
            },
            Self::ContainsItem(fields) => actual
                .as_array()
                .is_some_and(|items| items.iter().any(|item| fields.match_value(item))),
            Self::Matches(pattern) => {
                let pattern = Regex::new(pattern);
                actual.as_str().is_some_and(|text| pattern.is_ok_and(|regex| regex.is_match(text)))
            }
            Self::OneOf(values) => {
                values.as_array().is_some_and(|values| values.iter().any(|one| same(actual, one)))
            }
            Self::AtLeast(least) => compared(actual, least).is_some_and(Ordering::is_ge),
            Self::AtMost(most) => compared(actual, most).is_some_and(Ordering::is_le),
            Self::IncreasedBy { from, by } => match (number(actual), number(from), number(by)) {
                (Some(actual), Some(from), Some(by)) => (actual - from - by).abs() < 1e-9,
                _ => false,
            },
            Self::Before(time) => ordered(actual, time).is_some_and(Ordering::is_lt),
            Self::After(time) => ordered(actual, time).is_some_and(Ordering::is_gt),
            Self::Present(is_present) => *is_present,
            Self::Length(matchers) => {
                let length = match actual {
                    Value::String(text) => Some(text.chars().count()),
                    Value::Array(items) => Some(items.len()),
                    Value::Object(members) => Some(members.len()),
                    _ => None,
                };
                length.is_some_and(|length| all_match(matchers, Some(&Value::from(length))))
            }
        }
    }
}

/// Returns true if all `matchers` match `actual`.
pub fn all_match(matchers: &[Matcher], actual: Option<&Value>) -> bool {
    matchers.iter().all(|matcher| matcher.matches(actual))
}

/// The `matchers` with their placeholders replaced.
///
/// # Errors
/// If a placeholder has no value, or an operand has the wrong type.
pub fn resolve_all(
    matchers: &[Matcher],
    variables: &Variables,
) -> Result<Vec<Matcher>, ResolveError> {
    matchers.iter().map(|matcher| matcher.resolve(variables)).collect()
}

impl Fields {
    /// The fields with their placeholders replaced, including those in paths.
    ///
    /// # Errors
    /// If a placeholder has no value, or an operand has the wrong type.
    pub fn resolve(&self, variables: &Variables) -> Result<Self, ResolveError> {
        let resolved = self.0.iter().map(|(path, matchers)| {
            Ok((template::text(path, variables)?, resolve_all(matchers, variables)?))
        });
        Ok(Self(resolved.collect::<Result<_, ResolveError>>()?))
    }

    /// Returns true if all fields of `actual` match.
    pub fn match_value(&self, actual: &Value) -> bool {
        self.0.iter().all(|(path, matchers)| all_match(matchers, at(actual, path)))
    }
}

/// The value at a dotted path; items of lists have their index, from 0, as name.
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// A description of the matchers: `2`, `at least 1 and at most 3`.
pub fn described(matchers: &[Matcher]) -> String {
    matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

impl fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(formatter, "{value}"),
            Self::Not(matchers) => write!(formatter, "not {}", described(matchers)),
            Self::Contains(part) => write!(formatter, "contains {}", part),
            Self::ContainsItem(fields) => write!(formatter, "contains one with {fields}"),
            Self::Matches(pattern) => write!(formatter, "matches /{pattern}/"),
            Self::OneOf(values) => write!(formatter, "one of {}", values),
            Self::AtLeast(least) => write!(formatter, "at least {least}"),
            Self::AtMost(most) => write!(formatter, "at most {most}"),
            Self::IncreasedBy { from, by } => write!(formatter, "{from} increased by {by}"),
            Self::Before(time) => write!(formatter, "before {}", time),
            Self::After(time) => write!(formatter, "after {}", time),
            Self::Present(true) => formatter.write_str("present"),
            Self::Present(false) => formatter.write_str("absent"),
            Self::Length(matchers) => write!(formatter, "of length {}", described(matchers)),
        }
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields =
            self.0.iter().map(|(path, matchers)| format!("{path}: {}", described(matchers)));
        formatter.write_str(&fields.collect::<Vec<_>>().join(", "))
    }
}

fn require(
    is_valid: bool,
    matcher: &'static str,
    expected: &'static str,
    found: &Value,
) -> Result<(), ResolveError> {
    match is_valid {
        true => Ok(()),
        false => Err(ResolveError::InvalidOperand { matcher, expected, found: found.to_string() }),
    }
}

/// Compares two values; 1 equals 1.0.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => {
            left == right
                || compared(left, right) == Some(Ordering::Equal) && !both_integers(left, right)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    right.get(name).is_some_and(|expected| same(value, expected))
                })
        }
        _ => left == right,
    }
}

/// True for two integers: large ones can differ although the nearest floats are equal.
fn both_integers(left: &Value, right: &Value) -> bool {
    [left, right].iter().all(|value| value.is_i64() || value.is_u64())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn compared(left: &Value, right: &Value) -> Option<Ordering> {
    number(left)?.partial_cmp(&number(right)?)
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn ordered(left: &Value, right: &Value) -> Option<Ordering> {
    Some(timestamp(left)?.cmp(&timestamp(right)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(fields: &[(&str, Matcher)]) -> Fields {
        Fields(fields.iter().map(|(path, one)| ((*path).to_owned(), vec![one.clone()])).collect())
    }

    #[test]
    fn every_matcher_accepts_and_rejects() {
        let early = json!("2026-01-01T00:00:00Z");
        let late = json!("2026-01-01T01:30:00+01:00");
        let hi = fields(&[("content", Matcher::Equals(json!("hi")))]);
        let one = || vec![Matcher::Equals(json!(1))];
        // Matcher, a value that matches, a value that does not.
        let cases = [
            (Matcher::Equals(json!(1)), json!(1.0), json!("1")),
            (Matcher::Equals(json!({"a": [1]})), json!({"a": [1.0]}), json!({"a": [1], "b": 2})),
            (
                Matcher::Equals(json!(9_007_199_254_740_993_u64)),
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_992_u64),
            ),
            (Matcher::Equals(json!(null)), json!(null), json!(0)),
            (Matcher::Not(one()), json!(2), json!(1)),
            (Matcher::Contains(json!("ell")), json!("hello"), json!("help")),
            (Matcher::Contains(json!(7)), json!([1, 7]), json!([1, "7"])),
            (Matcher::ContainsItem(hi), json!([{"content": "no"}, {"content": "hi"}]), json!([])),
            (Matcher::Matches("^h.l+o$".into()), json!("hello"), json!("hello!")),
            (Matcher::OneOf(json!([200, 204])), json!(204), json!(201)),
            (Matcher::AtLeast(json!(2)), json!(2), json!(1)),
            (Matcher::AtMost(json!(2)), json!(2), json!(3)),
            (Matcher::IncreasedBy { from: json!(3), by: json!(2) }, json!(5), json!(4)),
            (Matcher::Before(late.clone()), early.clone(), late.clone()),
            (Matcher::After(early.clone()), late, early),
            (Matcher::Length(one()), json!("é"), json!([1, 2])),
        ];
        for (matcher, good, bad) in cases {
            assert!(matcher.matches(Some(&good)), "{matcher}: {good}");
            assert!(!matcher.matches(Some(&bad)), "{matcher}: {bad}");
            assert!(!matcher.matches(None), "{matcher}: nothing");
        }
    }

    #[test]
    fn absent_values_match_only_absent() {
        assert!(Matcher::Present(false).matches(None));
        assert!(!Matcher::Present(false).matches(Some(&json!(null))));
        assert!(Matcher::Present(true).matches(Some(&json!(null))));
        assert!(!Matcher::Present(true).matches(None));
        assert!(!Matcher::Not(vec![Matcher::Equals(json!(1))]).matches(None));
    }

    #[test]
    fn placeholders_are_replaced_and_operands_checked() {
        let variables: Variables =
            [("n".to_owned(), json!(3)), ("word".to_owned(), json!("b"))].into_iter().collect();
        let more = Matcher::IncreasedBy { from: json!("{n}"), by: json!(1) };
        assert!(more.resolve(&variables).unwrap().matches(Some(&json!(4))));
        let in_path = fields(&[("a.{word}", Matcher::Equals(json!("{n}")))]);
        assert!(in_path.resolve(&variables).unwrap().match_value(&json!({"a": {"b": 3}})));
        for (invalid, words) in [
            (Matcher::AtLeast(json!("{word}")), "`at-least`: expected a number"),
            (Matcher::Before(json!("{n}")), "`before`: expected a time"),
            (Matcher::Matches("({word}".to_owned()), "`matches`: expected a regular expression"),
            (Matcher::OneOf(json!("{n}")), "`one-of`: expected a list"),
            (Matcher::Equals(json!("{missing}")), "undefined variable `{missing}`"),
        ] {
            let error = invalid.resolve(&variables).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn paths_index_lists() {
        let value = json!({"results": [{"id": 7}]});
        assert_eq!(at(&value, "results.0.id"), Some(&json!(7)));
        assert_eq!(at(&value, "results.1.id"), None);
    }
}
