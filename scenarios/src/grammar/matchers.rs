//! The matchers of expectations, and their operands.

/// The operand of a matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Any value.
    Value,
    /// A value, or matchers.
    Matchers,
    /// A part of a text, or an item of a list, by value or by its fields.
    Part,
    /// A regular expression.
    Pattern,
    /// A list of values.
    Values,
    /// A number.
    Number,
    /// A mapping with `from` and `by`.
    Increase,
    /// A time in the format of RFC 3339.
    Time,
    /// `true` or `false`.
    Flag,
}

/// A matcher of the language.
#[derive(Clone, Copy, Debug)]
pub struct MatcherSpec {
    /// Name of the matcher.
    pub name: &'static str,
    /// Its operand.
    pub operand: Operand,
    /// The values that match, for help texts and the JSON Schema.
    pub description: &'static str,
}

const fn matcher(name: &'static str, operand: Operand, description: &'static str) -> MatcherSpec {
    MatcherSpec { name, operand, description }
}

/// The matchers; a value that is not a mapping means `equals`.
pub static MATCHERS: &[MatcherSpec] = &[
    matcher("equals", Operand::Value, "equal to this value"),
    matcher("not", Operand::Matchers, "present, and does not match"),
    matcher("contains", Operand::Part, "text with this part, or a list with such an item"),
    matcher("matches", Operand::Pattern, "text with a match of this regular expression"),
    matcher("one-of", Operand::Values, "one of these values"),
    matcher("at-least", Operand::Number, "a number, at least this one"),
    matcher("at-most", Operand::Number, "a number, at most this one"),
    matcher("increased-by", Operand::Increase, "the sum of `from`, an earlier number, and `by`"),
    matcher("before", Operand::Time, "a time before this one"),
    matcher("after", Operand::Time, "a time after this one"),
    matcher("present", Operand::Flag, "present with any value; `false`: absent"),
    matcher("absent", Operand::Flag, "absent; `false`: present"),
    matcher(
        "length",
        Operand::Matchers,
        "number of characters of a text, or of items of a list or mapping",
    ),
];
