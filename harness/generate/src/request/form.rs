//! Generated forms with a file. Section *Send Message*.

use hearback_contract::{Operation, RequirementId};
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, FileSource};
use serde_json::{Value, json};

use super::entry::scene;
use super::scenario::{Family, call, look};
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

/// Names without anything that storage may want to replace, content types, and sizes in bytes; what is
/// empty may be refused, and comes last.
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

/// Fields beside the file with which something is wrong.
static ODD_FIELDS: &[&str] = &[
    r#"{"room": "not-a-uuid", "content": "a"}"#,
    r#"{"room": "", "content": "a"}"#,
    r#"{"content": "a"}"#,
    r#"{"room": "{room.id}", "reply_to": "first"}"#,
    r#"{"room": "{room.id}", "message_type": "none-of-these"}"#,
    r#"{"room": "{room.id}", "reply_to": "{elsewhere.id}"}"#,
    r#"{"room": "{unknown.uuid}", "content": "a"}"#,
];

pub(super) fn families(_: u64, _: Depth) -> Vec<Family> {
    let file = |(name, content_type, size): &(&str, &str, usize)| FileSource {
        name: (*name).to_owned(),
        content_type: (*content_type).to_owned(),
        // Every byte there is, so that text is not taken for text.
        bytes: (0..=u8::MAX).cycle().take(*size).collect(),
    };
    let contents = text::SAMPLES.iter().map(|text| json!(text)).chain([json!("")]);
    let valid = FILES.iter().zip(contents).map(|(source, content)| {
        let fields = json!({ "room": "{room.id}", "content": content });
        vec![
            send(fields, file(source), Some("sent")),
            look("bob", Operation::MessagesGet, "{sent.id}"),
            Action::Fetch {
                actor: "bob".to_owned(),
                url: "{sent.attachment}".to_owned(),
                expect: None,
            },
        ]
    });
    let invalid = ODD_FIELDS.iter().map(|fields| {
        let fields = serde_json::from_str(fields).unwrap_or_else(|error| panic!("{error}"));
        vec![send(fields, file(&FILES[0]), None)]
    });
    let family = |kind: &str, title: &str, requirements, cases| Family {
        name: format!("messages.send/{kind}"),
        title: title.to_owned(),
        requirements,
        before: scene(),
        cases,
        after: Vec::new(),
    };
    vec![
        family("form", "Files of many sizes and types", VALID, valid.collect()),
        family("odd-form", "Files with one thing wrong beside them", INVALID, invalid.collect()),
    ]
}

fn send(fields: Value, file: FileSource, save: Option<&str>) -> Action {
    Action::Call(Call {
        form: Some((fields, file)),
        save: save.map(str::to_owned),
        ..call("alice", Operation::MessagesSend)
    })
}
