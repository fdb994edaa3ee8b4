//! Tests of redaction.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::event::EventKind;
use crate::expectation::ExpectationResult;
use crate::payload::Payload;

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
    let mut event = EventKind::ExpectationChecked(Box::new(ExpectationResult {
        scenario: "x/y".into(),
        actor: "alice".into(),
        step: "1".to_owned(),
        location: "y.yaml:4".to_owned(),
        requirement: None,
        subject: "alice rooms.get body".to_owned(),
        expected: "\"hunter2hunter2\"".to_owned(),
        actual: Some("\"not hunter2hunter2\"".to_owned()),
        holds: false,
    }));
    redactor.event(&mut event);
    assert!(!format!("{event:?}").contains("hunter2"), "{event:?}");
}

#[test]
fn the_longest_match_provides_the_label() {
    let mut redactor = Redactor::default();
    redactor.register("secret-1", "one");
    redactor.register("secret-1-and-more", "two");
    assert_eq!(redactor.text("secret-1-and-more"), "[two]");
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

/// A secret without brackets, which labels have, that is redacted everywhere.
fn secret() -> impl Strategy<Value = String> {
    "[a-z0-9]{5}[^\\[\\]]{1,19}[0-9][.!]|[a-b.]{12,16}|[0-9][a-z][0-9]{4}"
        .prop_filter("brackets", |text| !text.contains(['[', ']']))
}

/// `text` with each byte that is not a letter percent-encoded, in the given case.
fn percent_encoded(text: &str, is_upper: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match (byte.is_ascii_alphanumeric(), is_upper) {
            (true, _) => encoded.push(char::from(byte)),
            (false, true) => encoded.push_str(&format!("%{byte:02X}")),
            (false, false) => encoded.push_str(&format!("%{byte:02x}")),
        }
        encoded
    })
}

/// `text` in one of many encodings.
fn encoded(text: &str, form: usize) -> String {
    let json = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let base64 = |before: &str| STANDARD.encode(format!("{before}{text} and more"));
    match form {
        0 => text.to_owned(),
        1 => json(text),
        2 => json(&json(&json(text))),
        3 => text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        4 => json(&encoded(text, 3)),
        5 => percent_encoded(text, true),
        6 => percent_encoded(text, false),
        7 => text.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        8 => percent_encoded(&percent_encoded(text, true), true),
        9 => base64(""),
        10 => base64("a"),
        11 => base64("ab"),
        12 => URL_SAFE_NO_PAD.encode(format!("abc{text}\u{fb}\u{ff}")),
        13 => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        14 => text.bytes().map(|byte| format!("{byte:02X}")).collect(),
        15 => text.to_ascii_uppercase(),
        16 => text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        17 => text.chars().map(|letter| format!("\\u{{{:x}}}", u32::from(letter))).collect(),
        _ => text.chars().map(|letter| format!("{letter}\0")).collect(),
    }
}

/// Number of encodings.
const FORMS: usize = 19;

proptest! {
    #[test]
    fn redacted_text_contains_no_secret(
        secrets in prop::collection::vec(secret(), 1..60),
        order in prop::collection::vec((any::<prop::sample::Index>(), "[ -~ä]{0,6}", 0..FORMS), 0..12),
    ) {
        let mut redactor = Redactor::default();
        secrets.iter().for_each(|secret| redactor.register(secret, "x"));
        let mut text = String::new();
        let mut forms = Vec::new();
        for (index, between, form) in order {
            let form = encoded(&secrets[index.index(secrets.len())], form);
            text.push_str(&between);
            text.push_str(&format!(" {form} "));
            forms.push(form);
        }
        let redacted = redactor.text(&text);
        for form in &forms {
            prop_assert!(!redacted.contains(form), "{form:?} in {redacted:?}");
        }
        for secret in &secrets {
            prop_assert!(!redacted.contains(secret), "{secret:?} in {redacted:?}");
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
    fn text_without_secrets_is_unchanged(text in "[a-m ]{0,200}", secret in "[n-z]{12,20}") {
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

#[test]
fn common_words_are_redacted_only_where_a_secret_is_expected() {
    let mut redactor = Redactor::default();
    redactor.register("room", "password of bob");
    redactor.register("12345678", "password of eve");
    let innocent =
        r#"{"room": "a room", "id": 12345678, "name": "Password hints", "key": "rooms"}"#;
    assert_eq!(redactor.text(innocent), innocent);
    for (text, redacted) in [
        (r#"{"password": "room"}"#, r#"{"password": "[password of bob]"}"#),
        (r#"{\"password\": \"12345678\"}"#, r#"{\"password\": \"[password of eve]\"}"#),
        ("a=b&password=room&c", "a=b&password=[password of bob]&c"),
        ("Wrong password: 'room'.", "Wrong password: '[password of bob]'."),
        ("https://bob:room@host/", "https://bob:[password of bob]@host/"),
        ("Basic Ym9iOnJvb20=", "Basic Ym9iO[password of bob]="),
    ] {
        assert_eq!(redactor.text(text), redacted);
    }
}

#[test]
fn fragments_of_long_secrets_are_redacted() {
    let mut redactor = Redactor::default();
    redactor.register("kV3x-Qp92-Lm7T-zR41", "key");
    redactor.register("alice-password", "password of alice");
    for (text, redacted) in [
        (r#"{"content":"kV3x-Qp92-"#, r#"{"content":"[key]"#),
        ("x7T-zR41\"}", "x7T-zR41\"}"),
        ("xQp92-Lm7 kV3x", "x[key] kV3x"),
        (r#"{"content":"alice-pass"}"#, r#"{"content":"[password of alice]"}"#),
        ("auth/wrong-password-rejected", "auth/wrong-password-rejected"),
        ("the password of alice", "the password of alice"),
        ("alice-room and user-password", "alice-room and user-password"),
    ] {
        assert_eq!(redactor.text(text), redacted);
    }
}

#[test]
fn labels_do_not_depend_on_what_tokens_have_in_common() {
    let mut redactor = Redactor::default();
    let header = "kkJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.".repeat(3);
    for number in 0..100 {
        redactor.register(&format!("{header}token-{number:03}-end"), &number.to_string());
    }
    assert_eq!(redactor.text(&format!("<{header}token-042-end>")), "<[42]>");
}

#[test]
fn compressed_data_is_not_kept() {
    let mut bytes = vec![0x1f, 0x8b, 8, 0];
    bytes.extend([0xff; 20]);
    let connection = crate::names::ConnectionId(1);
    let mut event = EventKind::Received { connection, frame: Payload::binary(&bytes) };
    Redactor::default().event(&mut event);
    let EventKind::Received { frame, .. } = event else { unreachable!() };
    assert_eq!(frame.as_text(), Some("[24 bytes of gzip]"));
}

#[test]
fn texts_that_almost_repeat_a_secret_take_linear_time() {
    let mut redactor = Redactor::default();
    let secret = format!("{}!{}", "a".repeat(9_000), "b1".repeat(3_500));
    redactor.register(&secret, "x");
    redactor.register(&"ab".repeat(8_000), "y");
    let texts = [
        format!("{} ", "a".repeat(8_999)).repeat(100),
        "b1".repeat(500_000),
        format!("{} ", "ab".repeat(7_999)).repeat(60),
        "\\".repeat(1_000_000),
        "%25".repeat(300_000),
    ];
    let start = std::time::Instant::now();
    texts.iter().for_each(|text| drop(redactor.text(text)));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
