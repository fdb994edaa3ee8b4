//! Rules of family `input`: what may be asked is taken, what may not is refused and leaves no trace.

mod body;
mod id;
mod query;
mod trace;
mod valid;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "input/valid-accepted", check: valid::accepted },
    Rule { requirement: "input/invalid-body-refused", check: body::refused },
    Rule { requirement: "input/invalid-query-refused", check: query::refused },
    Rule { requirement: "input/malformed-id-refused", check: id::refused },
    Rule { requirement: "input/refusal-changes-nothing", check: trace::none },
];
