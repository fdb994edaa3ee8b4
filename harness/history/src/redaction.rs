//! Redaction of secrets from everything that is recorded.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use hearback_contract::RoomId;
use regex::Regex;

use crate::event::EventKind;
use crate::payload::Payload;
use crate::run::{RunEnd, ScenarioEnd};

/// Minimum length of a secret in bytes: replacing every `a` of a run would make the history unreadable.
///
/// The client redacts shorter passwords in the bodies of token requests only.
const SHORTEST_SECRET: usize = 5;

/// Number of patterns that are searched for one by one, before building an automaton pays off.
const FEW: usize = 16;

/// Pattern of a JWT, for tokens that were not registered.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*").expect("a valid pattern")
});

/// Secrets of a run, with the labels that replace them.
#[derive(Debug, Default)]
pub struct Redactor {
    known: HashSet<String>,
    patterns: Vec<String>,
    replacements: Vec<String>,
    /// Finds the first `built` patterns; the remaining few are searched for one by one.
    automaton: Option<AhoCorasick>,
    built: usize,
}

/// An occurrence of a pattern in a text.
struct Match {
    start: usize,
    end: usize,
    pattern: usize,
}

impl Redactor {
    /// Replaces `secret` with `[label]` from now on, also if it is escaped in JSON or percent-encoded.
    ///
    /// Secrets of fewer than five bytes are ignored.
    pub fn register(&mut self, secret: &str, label: &str) {
        if secret.len() < SHORTEST_SECRET || !self.known.insert(secret.to_owned()) {
            return;
        }
        let escaped = serde_json::to_string(secret).unwrap_or_default();
        let mut forms =
            vec![secret.to_owned(), escaped.trim_matches('"').to_owned(), percent_encoded(secret)];
        forms.dedup();
        for form in forms {
            self.patterns.push(form);
            self.replacements.push(format!("[{label}]"));
        }
        // Building takes time proportional to the number of patterns, so it is done when that has doubled.
        if self.patterns.len() - self.built > self.built.max(FEW) {
            self.automaton = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&self.patterns)
                .ok();
            self.built = if self.automaton.is_some() { self.patterns.len() } else { 0 };
        }
    }

    /// `text` without the secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut result = Cow::Borrowed(text);
        let matches = self.matches(text);
        if !matches.is_empty() {
            result = Cow::Owned(self.replaced(text, matches));
        }
        if result.contains("eyJ") && TOKEN.is_match(&result) {
            result = Cow::Owned(TOKEN.replace_all(&result, "[token]").into_owned());
        }
        result
    }

    fn matches(&self, text: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        if let Some(automaton) = &self.automaton {
            matches.extend(automaton.find_iter(text).map(|found| Match {
                start: found.start(),
                end: found.end(),
                pattern: found.pattern().as_usize(),
            }));
        }
        for (index, pattern) in self.patterns.iter().enumerate().skip(self.built) {
            let found = text.match_indices(pattern.as_str());
            matches.extend(found.map(|(start, _)| Match {
                start,
                end: start + pattern.len(),
                pattern: index,
            }));
        }
        // Of the matches with the same start, the longest comes first and provides the label.
        matches.sort_by_key(|found| (found.start, usize::MAX - found.end));
        matches
    }

    /// `text` with all matches replaced; overlapping matches become one label.
    fn replaced(&self, text: &str, matches: Vec<Match>) -> String {
        let mut result = String::with_capacity(text.len());
        let mut copied = 0;
        for found in matches {
            if found.start >= copied {
                result.push_str(&text[copied..found.start]);
                result.push_str(&self.replacements[found.pattern]);
            }
            copied = copied.max(found.end);
        }
        result.push_str(&text[copied..]);
        result
    }

    fn edit(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.text(text) {
            *text = redacted;
        }
    }

    fn payload(&self, payload: &mut Payload) {
        match payload {
            Payload::Text(text) => self.edit(text),
            Payload::Base64(_) => {
                let bytes = payload.to_bytes();
                let text = String::from_utf8_lossy(&bytes);
                if let Cow::Owned(redacted) = self.text(&text) {
                    *payload = Payload::Text(redacted);
                }
            }
        }
    }

    fn room(&self, id: &mut RoomId) {
        if let Cow::Owned(redacted) = self.text(id.as_str()) {
            *id = redacted.into();
        }
    }

    /// Redacts every text of `event` that was sent to or received from the target.
    pub fn event(&self, event: &mut EventKind) {
        match event {
            EventKind::Invoked(invocation) => {
                self.edit(&mut invocation.path);
                for (_, value) in &mut invocation.query {
                    self.edit(value);
                }
                if let Some(body) = &mut invocation.body {
                    self.payload(body);
                }
            }
            EventKind::Returned { body, content_type, .. } => {
                self.payload(body);
                content_type.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::Sent { frame, .. } | EventKind::Received { frame, .. } => {
                self.payload(frame)
            }
            EventKind::Failed { error, .. } | EventKind::ConnectFailed { error, .. } => {
                self.edit(error);
            }
            EventKind::Closed { reason, .. } => self.edit(reason),
            EventKind::Connecting { room, .. }
            | EventKind::ExistingRoomReturned { room }
            | EventKind::RoomArchived { room } => self.room(room),
            EventKind::RoomCreated(room) => self.room(&mut room.id),
            EventKind::CleanedUp { left } => {
                left.iter_mut().filter_map(|room| room.id.as_mut()).for_each(|id| self.room(id));
            }
            EventKind::ExpectationChecked(result) => {
                self.edit(&mut result.subject);
                self.edit(&mut result.expected);
                result.actual.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::Reproduced(reproduction) => {
                self.edit(&mut reproduction.variant);
                reproduction.expected.iter_mut().for_each(|text| self.edit(text));
                reproduction.actual.iter_mut().for_each(|text| self.edit(text));
                reproduction.commands.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::ScenarioEnded {
                end: ScenarioEnd::Aborted { reason } | ScenarioEnd::Skipped { reason },
                ..
            }
            | EventKind::RunEnded(RunEnd::Aborted { reason }) => self.edit(reason),
            EventKind::ActorKnown { username, .. } => {
                username.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::RunStarted(_)
            | EventKind::ScenarioStarted { .. }
            | EventKind::Reproducing { .. }
            | EventKind::ScenarioEnded { .. }
            | EventKind::NotExercised { .. }
            | EventKind::Connected { .. }
            | EventKind::Excused { .. }
            | EventKind::RunEnded(_) => {}
        }
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::expectation::ExpectationResult;

    #[test]
    fn secrets_are_redacted_in_every_encoding() {
        let mut redactor = Redactor::default();
        redactor.register("p\"ss wörd", "password of alice");
        let text = r#"plain p"ss wörd, json p\"ss wörd, url p%22ss%20w%C3%B6rd"#;
        let redacted = redactor.text(text);
        assert_eq!(
            redacted,
            "plain [password of alice], json [password of alice], url [password of alice]"
        );
    }

    #[test]
    fn unregistered_tokens_are_redacted() {
        let redactor = Redactor::default();
        let text = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2lnbmF0dXJl!";
        assert_eq!(redactor.text(text), "Bearer [token]!");
    }

    #[test]
    fn expectations_are_redacted() {
        let mut redactor = Redactor::default();
        redactor.register("hunter2hunter2", "password");
        let mut event = EventKind::ExpectationChecked(ExpectationResult {
            scenario: "x/y".into(),
            actor: "alice".into(),
            step: "1".to_owned(),
            location: "y.yaml:4".to_owned(),
            requirement: None,
            subject: "alice rooms.get body".to_owned(),
            expected: "\"hunter2hunter2\"".to_owned(),
            actual: Some("\"not hunter2hunter2\"".to_owned()),
            holds: false,
        });
        redactor.event(&mut event);
        assert!(!format!("{event:?}").contains("hunter2"), "{event:?}");
    }

    #[test]
    fn the_longest_match_provides_the_label() {
        let mut redactor = Redactor::default();
        redactor.register("secret", "one");
        redactor.register("secret-and-more", "two");
        assert_eq!(redactor.text("secret-and-more"), "[two]");
    }

    #[test]
    fn many_and_overlapping_secrets_are_redacted() {
        let mut redactor = Redactor::default();
        for n in 0..100 {
            redactor.register(&format!("secret-{n:03}"), &format!("number {n}"));
        }
        redactor.register("000 secret-001 and", "between");
        assert_eq!(redactor.text("a secret-042 b secret-099"), "a [number 42] b [number 99]");
        assert_eq!(redactor.text("secret-000 secret-001 and more"), "[number 0] more");
    }

    #[test]
    fn binary_payloads_are_redacted() {
        let mut redactor = Redactor::default();
        redactor.register("hunter2hunter2", "password");
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(b"hunter2hunter2");
        let mut event = EventKind::Received {
            connection: crate::names::ConnectionId(1),
            frame: Payload::binary(&bytes),
        };
        redactor.event(&mut event);
        assert!(!serde_json::to_string(&event).unwrap().contains("hunter2"));
        let EventKind::Received { frame, .. } = event else { unreachable!() };
        assert!(frame.as_text().unwrap().contains("[password]"));
    }

    /// A secret without brackets, which labels have.
    fn secret() -> impl Strategy<Value = String> {
        "[^\\[\\]]{5,24}|[a-b]{5,9}|\\PC{5,12}"
            .prop_filter("brackets", |text| !text.contains(['[', ']']))
    }

    proptest! {
        #[test]
        fn redacted_text_contains_no_secret(
            secrets in prop::collection::vec(secret(), 1..60),
            order in prop::collection::vec((any::<prop::sample::Index>(), "\\PC{0,6}", 0..3), 0..12),
        ) {
            let mut redactor = Redactor::default();
            secrets.iter().for_each(|secret| redactor.register(secret, "x"));
            let mut text = String::new();
            for (index, between, form) in order {
                let secret = &secrets[index.index(secrets.len())];
                text.push_str(&between);
                text.push_str(&match form {
                    0 => secret.clone(),
                    1 => serde_json::to_string(secret).unwrap(),
                    _ => percent_encoded(secret),
                });
            }
            let redacted = redactor.text(&text);
            for secret in &secrets {
                let json = serde_json::to_string(secret).unwrap();
                let forms = [secret.as_str(), &json[1..json.len() - 1], &percent_encoded(secret)];
                for form in forms {
                    prop_assert!(!redacted.contains(form), "{form:?} in {redacted:?}");
                }
            }
        }

        #[test]
        fn frames_of_any_bytes_contain_no_secret(
            before in prop::collection::vec(any::<u8>(), 0..40),
            after in prop::collection::vec(any::<u8>(), 0..40),
            secret in secret(),
            is_binary in any::<bool>(),
        ) {
            let mut redactor = Redactor::default();
            redactor.register(&secret, "x");
            let bytes = [&before, secret.as_bytes(), &after].concat();
            let frame =
                if is_binary { Payload::binary(&bytes) } else { Payload::from_bytes(bytes) };
            let connection = crate::names::ConnectionId(1);
            let mut event = EventKind::Received { connection, frame };
            redactor.event(&mut event);
            let EventKind::Received { frame, .. } = event else { unreachable!() };
            let bytes = frame.to_bytes();
            prop_assert!(!String::from_utf8_lossy(&bytes).contains(&secret));
        }

        #[test]
        fn text_without_secrets_is_unchanged(text in "[a-m ]{0,200}", secret in "[n-z]{5,20}") {
            let mut redactor = Redactor::default();
            redactor.register(&secret, "x");
            prop_assert_eq!(redactor.text(&text), text.as_str());
        }
    }

    #[test]
    fn repetitive_secrets_take_linear_time() {
        let mut redactor = Redactor::default();
        redactor.register(&"a".repeat(16_000), "x");
        let text = "a".repeat(1_000_000);
        let start = std::time::Instant::now();
        assert!(!redactor.text(&text).contains(&"a".repeat(16_000)));
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }
}
