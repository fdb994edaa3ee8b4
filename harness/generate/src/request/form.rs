//! Cases with multipart forms. Section *Send Message*.

use hearback_contract::{Operation, RequirementId};
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, FileSource};
use serde_json::{Value, json};

use super::actions::{get, setup};
use super::group::CaseGroup;
use crate::depth::Depth;
use crate::text;

const VALID: &[RequirementId] = &[
    RequirementId::MessageAttachment,
    RequirementId::MessageAttachmentContent,
    RequirementId::MessageAttachmentType,
    RequirementId::MessageContentIntact,
    RequirementId::StatusNoServerError,
];

const INVALID: &[RequirementId] = &[
    RequirementId::StatusErrorBody,
    RequirementId::StatusDocumented,
    RequirementId::StatusNoServerError,
];

/// File names without characters that storage may replace, content types, and sizes in bytes. An empty file,
/// which may be rejected, comes last.
static FILES: &[(&str, &str, usize)] = &[
    ("a.txt", "text/plain", 1),
    ("picture.png", "image/png", 1_000),
    ("no-extension", "application/octet-stream", 255),
    ("archive.tar.gz", "application/gzip", 4_096),
    ("UPPER.PDF", "application/pdf", 65_536),
    (".hidden", "text/plain", 10),
    ("movie.mp4", "video/mp4", 200_000),
    ("picture.SVG", "image/svg+xml", 300),
    ("empty.txt", "text/plain", 0),
];

/// Form fields with one violation.
static INVALID_FIELDS: &[&str] = &[
    r#"{"room": "not-a-uuid", "content": "a"}"#,
    r#"{"room": "", "content": "a"}"#,
    r#"{"content": "a"}"#,
    r#"{"room": "{room.id}", "reply_to": "first"}"#,
    r#"{"room": "{room.id}", "message_type": "none-of-these"}"#,
    r#"{"room": "{room.id}", "reply_to": "{elsewhere.id}"}"#,
    r#"{"room": "{unknown.uuid}", "content": "a"}"#,
];

pub(super) fn groups(_: u64, _: Depth) -> Vec<CaseGroup> {
    let file = |(name, content_type, size): &(&str, &str, usize)| FileSource {
        name: (*name).to_owned(),
        content_type: (*content_type).to_owned(),
        // Every byte value, so that altered encodings are noticed.
        bytes: (0..=u8::MAX).cycle().take(*size).collect(),
    };
    let contents = text::SAMPLES.iter().map(|text| json!(text)).chain([json!("")]);
    let valid = FILES.iter().zip(contents).map(|(source, content)| {
        let fields = json!({ "room": "{room.id}", "content": content });
        vec![
            send(fields, file(source), Some("sent")),
            get("bob", Operation::MessagesGet, "{sent.id}"),
            Action::Fetch {
                actor: "bob".to_owned(),
                url: "{sent.attachment}".to_owned(),
                credential: None,
                expect: None,
            },
        ]
    });
    let invalid = INVALID_FIELDS.iter().map(|fields| {
        let fields = serde_json::from_str(fields).unwrap_or_else(|error| panic!("{error}"));
        vec![send(fields, file(&FILES[0]), None)]
    });
    let family = |kind: &str, title: &str, requirements, cases| CaseGroup {
        name: format!("messages.send/{kind}"),
        title: title.to_owned(),
        requirements,
        before: setup(),
        cases,
        after: Vec::new(),
    };
    vec![
        family("form", "Files of many sizes and types", VALID, valid.collect()),
        family("invalid-form", "Files with one invalid form field", INVALID, invalid.collect()),
    ]
}

fn send(fields: Value, file: FileSource, save: Option<&str>) -> Action {
    Action::Call(Call {
        form: Some((fields, file)),
        save: save.map(str::to_owned),
        ..Call::new("alice", Operation::MessagesSend)
    })
}
