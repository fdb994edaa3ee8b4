//! Rules of family `schema`.

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[];
