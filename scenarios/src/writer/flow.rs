//! Writes values on one line: `{ a: 1, b: [x, 'y z'] }`.

use std::fmt;

use hearback_history::escape::is_hidden;
use serde_json::Value;

/// A mapping on one line, entry by entry.
#[derive(Default)]
pub(super) struct Flow(String);

impl Flow {
    /// Adds an entry with a value in YAML.
    pub(super) fn entry(&mut self, key: &str, written: impl fmt::Display) {
        let separator = if self.0.is_empty() { "" } else { ", " };
        self.0.push_str(&format!("{separator}{}: {written}", text(key)));
    }

    /// Adds an entry if it has a value.
    pub(super) fn optional(&mut self, key: &str, written: Option<String>) {
        if let Some(written) = written {
            self.entry(key, written);
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_str() {
            "" => formatter.write_str("{}"),
            entries => write!(formatter, "{{ {entries} }}"),
        }
    }
}

/// Writes a value.
pub(super) fn value(it: &Value) -> String {
    match it {
        Value::String(it) => text(it),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let mut flow = Flow::default();
            for (name, member) in members {
                flow.entry(name, value(member));
            }
            flow.to_string()
        }
        // Numbers, booleans and null are the same in JSON and YAML.
        other => other.to_string(),
    }
}

/// Writes a text: plain if it cannot be parsed as anything else, otherwise in quotes.
pub(super) fn text(it: &str) -> String {
    if is_plain(it) {
        it.to_owned()
    } else if it.chars().all(is_printable) {
        format!("'{}'", it.replace('\'', "''"))
    } else {
        let escaped: String = it.chars().map(escaped).collect();
        format!("\"{escaped}\"")
    }
}

/// Plain words that YAML parses as other values than text.
const WORDS: &[&str] = &["true", "false", "null", "nan", "inf"];

fn is_plain(it: &str) -> bool {
    it.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && it.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./".contains(letter))
        && !WORDS.contains(&it.to_ascii_lowercase().as_str())
}

/// True for visible characters that need no escape.
fn is_printable(letter: char) -> bool {
    match letter {
        // Spaces that look like others, joiners, and private characters.
        '\u{a0}' | '\u{200c}' | '\u{200d}' | '\u{e000}'..='\u{f8ff}' => false,
        // Noncharacters, one pair per plane.
        letter => !is_hidden(letter) && (letter as u32) & 0xfffe != 0xfffe,
    }
}

fn escaped(letter: char) -> String {
    match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        letter if is_printable(letter) => letter.to_string(),
        letter if (letter as u32) < 0x1_0000 => format!("\\u{:04x}", letter as u32),
        letter => format!("\\U{:08x}", letter as u32),
    }
}
