//! Rules of family `input`: what may be asked is taken, what may not is refused and leaves no trace.

mod body;
mod id;
mod query;
mod trace;
mod valid;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "input/valid-accepted", examine: valid::accepted },
    Rule { requirement: "input/invalid-body-refused", examine: body::refused },
    Rule { requirement: "input/invalid-query-refused", examine: query::refused },
    Rule { requirement: "input/malformed-id-refused", examine: id::refused },
    Rule { requirement: "input/refusal-changes-nothing", examine: trace::none },
];
