//! Property tests: no input makes the parser panic, overflow the stack, or run without end.

use proptest::prelude::*;
use proptest::sample::Index;

use super::parse;
use super::tests::render;
use crate::library::{TEMPLATE, files};
use crate::writer::write;

/// Parses `text`, renders its diagnostics, and writes and parses again what it contains.
fn check(text: &str) {
    let parsed = parse("x/y", "y.yaml", text);
    render(&parsed.diagnostics);
    for scenario in &parsed.scenarios {
        parse("x/y", "y.yaml", &write(scenario));
    }
}

/// Parts of scenario files that are inserted into valid ones.
const FRAGMENTS: &[&str] = &[
    "",
    " ",
    "\n",
    "\n  ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    "\"",
    "|",
    ">",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "~",
    "é",
    "\u{0}",
    "\r",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "---\n",
    "...\n",
    "# ",
    "?",
    "{room.id}",
    "'{alice.id}'",
    "expect: ",
    "alice",
    "parallel: ",
    "for: ",
    "repeat: 0",
    "within: ",
    "base64: ",
    "body.",
    "contains: ",
    "matches: '('",
    "1e999",
    "-1",
    "99999999999999999999",
    ".nan",
];

fn valid_files() -> Vec<&'static str> {
    files().map(|(_, text)| text).chain([TEMPLATE]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_fragments_never_panic(
        fragments in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40)
    ) {
        check(&fragments.concat());
        check(&format!("title: t\nactors: [alice]\nsteps:\n  - {}", fragments.concat()));
    }

    #[test]
    fn damaged_scenario_files_never_panic(
        file in any::<Index>(),
        edits in prop::collection::vec(
            (any::<Index>(), 0..6_usize, prop::sample::select(FRAGMENTS)),
            1..5,
        ),
    ) {
        let mut letters: Vec<char> = file.get(&valid_files()).chars().collect();
        for (position, removed, inserted) in edits {
            let start = position.index(letters.len() + 1);
            let end = (start + removed).min(letters.len());
            letters.splice(start..end, inserted.chars());
        }
        check(&String::from_iter(letters));
    }
}

#[test]
fn deep_nesting_is_rejected_or_parsed_without_overflow() {
    for depth in [10, 100, 1_000, 100_000] {
        check(&"[".repeat(depth));
        check(&"- ".repeat(depth));
        check(&format!("{}{}", "{a: ".repeat(depth), "}".repeat(depth)));
        check(&format!("a: {}{}", "[".repeat(depth), "]".repeat(depth)));
        let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(&format!(
            "title: t\nactors: [alice]\nsteps:\n  - {{ alice: rooms.create, body: {body} }}\n"
        ));
        let (open, close) = ("{ parallel: [[".repeat(depth), "]] }".repeat(depth));
        check(&format!(
            "title: t\nactors: [alice]\nsteps:\n  - {open}{{ alice: rooms.list }}{close}\n"
        ));
    }
}

#[test]
fn aliases_do_not_expand_without_bound() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    check(&text);
}
