//! Decision whether a part of a text is secret: whole secrets are, and fragments of long ones.
//!
//! Redacting every occurrence of a password that is a common word would make a history unreadable, so that it is
//! redacted only where a secret is expected. A fragment must be long, and look random or touch the edge of a text.

use std::ops::Range;

use super::escapes::View;

/// Minimum length of a secret that is redacted everywhere, in bytes.
const SHORTEST: usize = 6;

/// Minimum length of a single word or a number that is redacted everywhere, in bytes.
const SHORTEST_WORD: usize = 12;

/// Minimum length of a secret whose fragments are redacted, in bytes.
pub(super) const SHORTEST_SPLIT: usize = 8;

/// Minimum number of hexadecimal digits of a fragment without other characters.
const SHORTEST_HEXADECIMAL: usize = 10;

/// Words before a secret, in lower case.
const EXPECTING: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "secret",
    "token",
    "bearer",
    "key",
    "credential",
];

/// Maximum number of characters between such a word and the secret.
const FARTHEST: usize = 8;

/// A secret as it is searched for, in lower case.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) folded: Box<[u8]>,
    pub(super) label: Box<str>,
    /// True if it is redacted only where a secret is expected.
    is_common: bool,
}

/// A secret, and what is left of it if an encoding is removed or changed.
pub(super) fn forms(secret: &str) -> impl Iterator<Item = Vec<u8>> {
    let mut forms = vec![secret.as_bytes().to_vec()];
    // Removing escapes from a text changes secrets that look like escapes.
    let unescaped = View::of(secret.as_bytes()).unescaped();
    forms.extend(unescaped.map(|view| view.text().to_vec()));
    if secret.contains(' ') {
        forms.push(secret.replace(' ', "+").into_bytes());
    }
    if !secret.is_ascii() {
        // Latin-1 as it is, and as it is read.
        let latin: Option<Vec<u8>> =
            secret.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
        if let Some(latin) = latin {
            forms.push(String::from_utf8_lossy(&latin).into_owned().into_bytes());
            forms.push(latin);
        }
    }
    forms.dedup();
    forms.into_iter()
}

impl Secret {
    pub(super) fn new(form: &[u8], label: &str) -> Self {
        let is_plain =
            form.iter().all(u8::is_ascii_alphabetic) || form.iter().all(u8::is_ascii_digit);
        Self {
            folded: form.to_ascii_lowercase().into(),
            label: label.into(),
            is_common: form.len() < SHORTEST || is_plain && form.len() < SHORTEST_WORD,
        }
    }

    /// Returns whether fragments of it are redacted.
    pub(super) fn has_fragments(&self) -> bool {
        !self.is_common && self.folded.len() >= SHORTEST_SPLIT
    }

    /// Minimum length of a fragment, in bytes.
    pub(super) fn shortest_fragment(&self) -> usize {
        match self.folded.len() {
            length @ ..16 => length.div_ceil(2).max(6),
            16..64 => 8,
            64.. => 12,
        }
    }

    /// Returns whether the part of a text that equals `part` of the secret is to be redacted.
    pub(super) fn is_exposed(&self, text: &[u8], at: &Range<usize>, part: &Range<usize>) -> bool {
        let length = self.folded.len();
        if part.len() == length {
            return !self.is_common || self.is_expected(text, at);
        }
        if !self.has_fragments() || part.len() < self.shortest_fragment() {
            return false;
        }
        let found = &text[at.clone()];
        // Ids share the form of a secret that is a UUID, and with it some characters.
        let is_of_ids = found.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
        let letters = found.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        if is_of_ids && letters < SHORTEST_HEXADECIMAL {
            return false;
        }
        if found.iter().all(u8::is_ascii_alphabetic) && is_word(found) {
            return false;
        }
        let is_cut = part.start == 0 && text.get(at.end).is_none_or(|next| is_edge(*next))
            || part.end == length
                && at.start.checked_sub(1).is_none_or(|before| is_edge(text[before]));
        found.split(|byte| !byte.is_ascii_alphanumeric()).any(|word| !is_word(word))
            || is_cut && 2 * part.len() >= length
    }

    /// Returns whether the text before and after an occurrence shows that it is the secret.
    fn is_expected(&self, text: &[u8], at: &Range<usize>) -> bool {
        let before = &text[..at.start];
        let after = text.get(at.end);
        let name = self.label.rsplit_once(" of ").map_or("", |(_, name)| name);
        let is_whole = after.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        // Basic authentication.
        let follows_name = !name.is_empty()
            && before.strip_suffix(b":").is_some_and(|before| ends_with(before, name.as_bytes()));
        let letters = before.iter().rev().position(u8::is_ascii_alphanumeric).unwrap_or(FARTHEST);
        let named = &before[..before.len().saturating_sub(letters)];
        let follows_word = (1..FARTHEST).contains(&letters)
            && EXPECTING.iter().any(|word| ends_with(named, word.as_bytes()));
        is_whole && (follows_name || follows_word)
    }
}

/// Returns whether a part of a text is a word or a number, as opposed to random characters.
fn is_word(part: &[u8]) -> bool {
    let rest = &part[part.len().min(1)..];
    part.iter().all(u8::is_ascii_digit)
        || part.iter().all(u8::is_ascii_uppercase)
        || part.iter().all(u8::is_ascii_alphabetic) && rest.iter().all(u8::is_ascii_lowercase)
}

/// Returns whether a cut text may end or begin at this byte.
fn is_edge(byte: u8) -> bool {
    // The first byte of an ellipsis, and the last one of a replacement character.
    matches!(byte, b'"' | b'\'' | b'\\' | b'\n' | 0xe2 | 0xbd)
}

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    let start = text.len().checked_sub(end.len());
    start.is_some_and(|start| text[start..].eq_ignore_ascii_case(end))
}
