//! What values are expected to be.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

use crate::template::{self, Unresolved, Variables};

/// One thing that a value is expected to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// Is this value; 1 and 1.0 are the same.
    Equals(Value),
    /// Is there, and not all of these match.
    Not(Vec<Matcher>),
    /// A text with this part, or a list with this item.
    Contains(Value),
    /// A list with an item that these hold for.
    ContainsItem(Fields),
    /// A text in which the regular expression finds something.
    Matches(String),
    /// One of these, a list.
    OneOf(Value),
    /// A number, this or more.
    AtLeast(Value),
    /// A number, this or less.
    AtMost(Value),
    /// Exactly so much more than an earlier number.
    IncreasedBy {
        /// The earlier number.
        from: Value,
        /// How much more.
        by: Value,
    },
    /// A time before this one.
    Before(Value),
    /// A time after this one.
    After(Value),
    /// Whether there is something, whatever it is.
    Present(bool),
    /// What holds for the number of characters, items or members.
    Length(Vec<Matcher>),
}

/// What is expected where, by dotted path; all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub Vec<(String, Vec<Matcher>)>);

/// An expectation that cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A placeholder has no value.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
    /// What stands after a matcher, once its placeholders are replaced, is not of its kind.
    #[error("`{matcher}` needs {needed}, and `{found}` is none")]
    Operand {
        /// The matcher.
        matcher: &'static str,
        /// What it needs.
        needed: &'static str,
        /// What it got.
        found: String,
    },
}

impl Matcher {
    /// The matcher with its placeholders replaced.
    ///
    /// # Errors
    /// If a placeholder has no value, or one of the wrong kind.
    pub fn resolve(&self, variables: &Variables) -> Result<Self, Unusable> {
        let value = |value: &Value| template::resolve(value, variables);
        let number = |matcher, operand: &Value| {
            let operand = value(operand)?;
            usable(operand.is_number(), matcher, "a number", &operand)?;
            Ok::<_, Unusable>(operand)
        };
        let time = |matcher, operand: &Value| {
            let operand = value(operand)?;
            usable(timestamp(&operand).is_some(), matcher, "a time", &operand)?;
            Ok::<_, Unusable>(operand)
        };
        Ok(match self {
            Self::Equals(operand) => Self::Equals(value(operand)?),
            Self::Not(matchers) => Self::Not(resolve_all(matchers, variables)?),
            Self::Contains(operand) => Self::Contains(value(operand)?),
            Self::ContainsItem(fields) => Self::ContainsItem(fields.resolve(variables)?),
            Self::Matches(pattern) => {
                let pattern = template::text(pattern, variables)?;
                let is_usable = Regex::new(&pattern).is_ok();
                usable(is_usable, "matches", "a regular expression", &Value::from(&*pattern))?;
                Self::Matches(pattern)
            }
            Self::OneOf(operand) => {
                let operand = value(operand)?;
                usable(operand.is_array(), "one-of", "a list", &operand)?;
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

    /// Whether it holds for what was seen. What is not there is nothing but absent.
    pub fn holds(&self, seen: Option<&Value>) -> bool {
        let Some(seen) = seen else { return *self == Self::Present(false) };
        match self {
            Self::Equals(expected) => same(seen, expected),
            Self::Not(matchers) => !all_hold(matchers, Some(seen)),
            Self::Contains(part) => match (seen, part) {
                (Value::String(text), Value::String(part)) => text.contains(part),
                (Value::Array(items), part) => items.iter().any(|item| same(item, part)),
                _ => false,
            },
            Self::ContainsItem(fields) => {
                seen.as_array().is_some_and(|items| items.iter().any(|item| fields.hold(item)))
            }
            Self::Matches(pattern) => {
                let pattern = Regex::new(pattern);
                seen.as_str().is_some_and(|text| pattern.is_ok_and(|regex| regex.is_match(text)))
            }
            Self::OneOf(values) => {
                values.as_array().is_some_and(|values| values.iter().any(|one| same(seen, one)))
            }
            Self::AtLeast(least) => compared(seen, least).is_some_and(Ordering::is_ge),
            Self::AtMost(most) => compared(seen, most).is_some_and(Ordering::is_le),
            Self::IncreasedBy { from, by } => match (number(seen), number(from), number(by)) {
                (Some(seen), Some(from), Some(by)) => (seen - from - by).abs() < 1e-9,
                _ => false,
            },
            Self::Before(time) => ordered(seen, time).is_some_and(Ordering::is_lt),
            Self::After(time) => ordered(seen, time).is_some_and(Ordering::is_gt),
            Self::Present(is_present) => *is_present,
            Self::Length(matchers) => {
                let length = match seen {
                    Value::String(text) => Some(text.chars().count()),
                    Value::Array(items) => Some(items.len()),
                    Value::Object(members) => Some(members.len()),
                    _ => None,
                };
                length.is_some_and(|length| all_hold(matchers, Some(&Value::from(length))))
            }
        }
    }
}

/// Whether all `matchers` hold for what was seen.
pub fn all_hold(matchers: &[Matcher], seen: Option<&Value>) -> bool {
    matchers.iter().all(|matcher| matcher.holds(seen))
}

/// All `matchers` with their placeholders replaced.
///
/// # Errors
/// If a placeholder has no value, or one of the wrong kind.
pub fn resolve_all(matchers: &[Matcher], variables: &Variables) -> Result<Vec<Matcher>, Unusable> {
    matchers.iter().map(|matcher| matcher.resolve(variables)).collect()
}

impl Fields {
    /// The fields with the placeholders replaced, in the paths too.
    ///
    /// # Errors
    /// If a placeholder has no value, or one of the wrong kind.
    pub fn resolve(&self, variables: &Variables) -> Result<Self, Unusable> {
        let resolved = self.0.iter().map(|(path, matchers)| {
            Ok((template::text(path, variables)?, resolve_all(matchers, variables)?))
        });
        Ok(Self(resolved.collect::<Result<_, Unusable>>()?))
    }

    /// Whether everything that is expected of `seen` is so.
    pub fn hold(&self, seen: &Value) -> bool {
        self.0.iter().all(|(path, matchers)| all_hold(matchers, at(seen, path)))
    }
}

/// The value at a dotted path; items of lists by their number, from 0 on.
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// What is expected, in words: `2`, `at least 1 and at most 3`.
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

fn usable(
    is_usable: bool,
    matcher: &'static str,
    needed: &'static str,
    found: &Value,
) -> Result<(), Unusable> {
    match is_usable {
        true => Ok(()),
        false => Err(Unusable::Operand { matcher, needed, found: found.to_string() }),
    }
}

/// Equality in which 1 and 1.0 are the same number.
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

/// Large integers differ although the nearest floats do not.
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
    fn every_matcher_holds_and_fails() {
        let early = json!("2026-01-01T00:00:00Z");
        let late = json!("2026-01-01T01:30:00+01:00");
        let hi = fields(&[("content", Matcher::Equals(json!("hi")))]);
        let one = || vec![Matcher::Equals(json!(1))];
        // The matcher, what it holds for, what it does not hold for.
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
            assert!(matcher.holds(Some(&good)), "{matcher}: {good}");
            assert!(!matcher.holds(Some(&bad)), "{matcher}: {bad}");
            assert!(!matcher.holds(None), "{matcher}: nothing");
        }
    }

    #[test]
    fn what_is_not_there_is_only_absent() {
        assert!(Matcher::Present(false).holds(None));
        assert!(!Matcher::Present(false).holds(Some(&json!(null))));
        assert!(Matcher::Present(true).holds(Some(&json!(null))));
        assert!(!Matcher::Present(true).holds(None));
        assert!(!Matcher::Not(vec![Matcher::Equals(json!(1))]).holds(None));
    }

    #[test]
    fn placeholders_are_replaced_and_must_be_of_the_kind() {
        let variables: Variables =
            [("n".to_owned(), json!(3)), ("word".to_owned(), json!("b"))].into_iter().collect();
        let more = Matcher::IncreasedBy { from: json!("{n}"), by: json!(1) };
        assert!(more.resolve(&variables).unwrap().holds(Some(&json!(4))));
        let in_path = fields(&[("a.{word}", Matcher::Equals(json!("{n}")))]);
        assert!(in_path.resolve(&variables).unwrap().hold(&json!({"a": {"b": 3}})));
        for (unusable, words) in [
            (Matcher::AtLeast(json!("{word}")), "`at-least` needs a number"),
            (Matcher::Before(json!("{n}")), "`before` needs a time"),
            (Matcher::Matches("({word}".to_owned()), "`matches` needs a regular expression"),
            (Matcher::OneOf(json!("{n}")), "`one-of` needs a list"),
            (Matcher::Equals(json!("{nobody}")), "`{nobody}` has no value here"),
        ] {
            let error = unusable.resolve(&variables).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn paths_go_through_lists_by_number() {
        let value = json!({"results": [{"id": 7}]});
        assert_eq!(at(&value, "results.0.id"), Some(&json!(7)));
        assert_eq!(at(&value, "results.1.id"), None);
    }
}
