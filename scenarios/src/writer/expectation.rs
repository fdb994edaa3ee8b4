//! Writes expectations.

use serde_json::Value;

use super::flow::{Flow, value};
use crate::matcher::{Fields, Matcher};
use crate::step::Expectation;

/// Adds an expectation to the entries of a step, under `key`: `expect` or `where`.
pub(super) fn add(flow: &mut Flow, key: &str, expectation: &Expectation) {
    // The other keys require `expect`; `where` is optional.
    if key == "expect" || !expectation.fields.0.is_empty() {
        flow.entry(key, fields(&expectation.fields));
    }
    let within = expectation.within.map(|time| format!("{}ms", time.as_secs_f64() * 1000.0));
    flow.optional("within", within);
    flow.optional("requirement", expectation.requirement.map(|id| id.as_str().to_owned()));
}

fn fields(fields: &Fields) -> Flow {
    let mut flow = Flow::default();
    for (path, expected) in &fields.0 {
        flow.entry(path, matchers(expected));
    }
    flow
}

fn matchers(all: &[Matcher]) -> String {
    match all {
        [Matcher::Equals(plain)] if !plain.is_object() => value(plain),
        _ => {
            let mut flow = Flow::default();
            for matcher in all {
                let (name, operand) = written(matcher);
                flow.entry(name, operand);
            }
            flow.to_string()
        }
    }
}

fn written(matcher: &Matcher) -> (&'static str, String) {
    match matcher {
        Matcher::Equals(operand) => ("equals", value(operand)),
        Matcher::Not(inner) => ("not", matchers(inner)),
        Matcher::Contains(operand) => ("contains", value(operand)),
        Matcher::ContainsItem(inner) => ("contains", fields(inner).to_string()),
        Matcher::Matches(pattern) => ("matches", value(&Value::from(pattern.as_str()))),
        Matcher::OneOf(operand) => ("one-of", value(operand)),
        Matcher::AtLeast(operand) => ("at-least", value(operand)),
        Matcher::AtMost(operand) => ("at-most", value(operand)),
        Matcher::IncreasedBy { from, by } => {
            let mut flow = Flow::default();
            flow.entry("from", value(from));
            flow.entry("by", value(by));
            ("increased-by", flow.to_string())
        }
        Matcher::Before(operand) => ("before", value(operand)),
        Matcher::After(operand) => ("after", value(operand)),
        Matcher::Present(true) => ("present", "true".to_owned()),
        Matcher::Present(false) => ("absent", "true".to_owned()),
        Matcher::Length(inner) => ("length", matchers(inner)),
    }
}
