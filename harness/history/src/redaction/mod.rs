//! Redaction of secrets from everything that is recorded or printed.
//!
//! A secret is found as it is, in any case, escaped in JSON or HTML, percent-encoded, up to four times over, and in
//! base64 and hexadecimal digits at any alignment. Fragments of long secrets are found as well, since bodies are cut
//! and frames split; see `secret.rs`. Time is linear in the length of the text.

mod compressed;
mod encoded;
mod escapes;
mod events;
mod index;
mod secret;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use escapes::View;
use index::Index;

/// Maximum number of layers of escapes that are removed.
const LAYERS: usize = 4;

/// Label of tokens that were not registered.
const TOKEN_LABEL: &str = "token";

/// Pattern of a JWT, for tokens that were not registered.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
        .expect("a valid pattern")
});

/// Secrets of a run, with the labels that replace them.
#[derive(Debug, Default)]
pub struct Redactor {
    known: HashSet<String>,
    index: Index,
}

/// A part of a text that is or may be secret.
struct Match<'a> {
    range: Range<usize>,
    label: &'a str,
}

impl Redactor {
    /// Replaces `secret` with `[label]` from now on.
    ///
    /// Secrets of fewer than six bytes, and single words and numbers of fewer than twelve, are replaced only where a
    /// secret is expected, such as after `password`; empty ones never.
    pub fn register(&mut self, secret: &str, label: &str) {
        if !secret.is_empty() && self.known.insert(secret.to_owned()) {
            secret::forms(secret).for_each(|form| self.index.add(&form, label));
        }
    }

    /// `text` without the secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut matches = self.matches(text.as_bytes());
        if matches.is_empty() {
            return Cow::Borrowed(text);
        }
        // Of the matches with the same start, the longest comes first and provides the label.
        matches.sort_by_key(|found| (found.range.start, usize::MAX - found.range.end));
        let mut result = String::with_capacity(text.len());
        let mut copied = 0;
        for Match { range, label } in matches {
            let is_boundary = |at: &usize| text.is_char_boundary(*at);
            let start = (0..=range.start).rev().find(is_boundary).unwrap_or(0);
            let end = (range.end..text.len()).find(is_boundary).unwrap_or(text.len());
            if start >= copied {
                result.push_str(&text[copied..start]);
                result.push('[');
                result.push_str(label);
                result.push(']');
            }
            copied = copied.max(end);
        }
        result.push_str(&text[copied..]);
        Cow::Owned(result)
    }

    fn edit(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.text(text) {
            *text = redacted;
        }
    }

    fn matches(&self, text: &[u8]) -> Vec<Match<'_>> {
        let mut matches = Vec::new();
        let mut layers = vec![View::of(text)];
        self.search(&layers, &mut matches);
        while layers.len() <= LAYERS
            && let Some(below) = layers.last().and_then(View::unescaped)
        {
            layers.push(below);
            self.search(&layers, &mut matches);
        }
        matches
    }

    /// Searches the last layer of a text as it is, and what it encodes.
    fn search<'a>(&'a self, layers: &[View<'_>], matches: &mut Vec<Match<'a>>) {
        let text = layers.last().map_or(&[][..], View::text);
        let source =
            |range| layers.iter().rev().fold(range, |range, layer: &View<'_>| layer.source(range));
        self.index.find(text, |range, label| {
            matches.push(Match { range: source(range), label });
        });
        if memchr::memmem::find(text, b"eyJ").is_some() {
            for token in TOKEN.find_iter(text) {
                matches.push(Match { range: source(token.range()), label: TOKEN_LABEL });
            }
        }
        if self.index.is_empty() {
            return;
        }
        encoded::decode(text, &self.index, |decoded, digits| {
            self.index.find(decoded, |range, label| {
                matches.push(Match { range: source(digits(range)), label });
            });
        });
    }
}

#[cfg(test)]
mod tests;
