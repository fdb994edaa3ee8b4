//! Shell commands that repeat one request or one connection.
//!
//! Every text that hearback did not write is quoted, so that a shell neither expands nor runs any of it. Tokens are
//! variables, because their values are never recorded.

use hearback_contract::Operation;
use hearback_history::escape::escape;
use hearback_history::shell::quote;
use hearback_history::{Call, Connection, Credential, CredentialKind, History, Payload};
use serde_json::Value;
use url::form_urlencoded;

/// Maximum length of a body or frame, in characters; longer ones end in an ellipsis.
const LONGEST_TEXT: usize = 400;

/// A `curl` command that sends the request of a call again.
pub(super) fn curl(history: &History, call: &Call) -> String {
    let invocation = &call.invocation;
    let mut line =
        format!("curl -i -X {} {}", quote(&invocation.method), quote(&url(history, call)));
    let authenticated = invocation.operation.is_none_or(|operation| operation.spec().authenticated);
    if let Some(variable) = token_variable(&invocation.credential).filter(|_| authenticated) {
        line.push_str(&format!(" -H \"Authorization: Bearer ${variable}\""));
    }
    let content_type = invocation.content_type.as_deref().unwrap_or_default();
    if content_type.starts_with("multipart/form-data") {
        line.push_str(&form(call.request.as_ref()));
    } else if let Some(body) = &invocation.body {
        if !content_type.is_empty() {
            line.push_str(&format!(" -H {}", quote(&format!("Content-Type: {content_type}"))));
        }
        let text = body.as_text().map_or_else(|| "(binary)".to_owned(), shortened);
        line.push_str(&format!(" --data-raw {}", quote(&text)));
    }
    if invocation.operation == Some(Operation::TokenObtain) {
        line.push_str(match invocation.credential.kind {
            CredentialKind::Access => "  # with the password of the account",
            _ => "  # with a wrong password",
        });
    }
    line
}

/// A `websocat` command that opens the connection again.
pub(super) fn websocat(history: &History, connection: &Connection) -> String {
    let base = history.start.as_ref().map_or("", |start| start.socket.as_str());
    let url = format!("{}/chat/{}/", base.trim_end_matches('/'), connection.room);
    match token_variable(&connection.credential) {
        Some(variable) => format!("websocat {}\"${variable}\"", quote(&format!("{url}?token="))),
        None => format!("websocat {}", quote(&url)),
    }
}

/// A comment that shows a frame after a label, on one line.
pub(super) fn frame_comment(label: &str, payload: &Payload) -> String {
    format!("  # {label}: {}", escape(payload.as_text().unwrap_or("(binary)"), LONGEST_TEXT))
}

fn url(history: &History, call: &Call) -> String {
    let invocation = &call.invocation;
    let base = history.start.as_ref().map_or("", |start| start.target.as_str());
    let url = match invocation.operation {
        Some(_) => format!("{}{}", base.trim_end_matches('/'), invocation.path),
        None => invocation.path.clone(),
    };
    if invocation.query.is_empty() {
        return url;
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{url}?{}", query.extend_pairs(&invocation.query).finish())
}

/// The options for the fields of a form; `--form-string` reads no file, whatever the value begins with.
fn form(request: Option<&Value>) -> String {
    let fields = request.and_then(Value::as_object).into_iter().flatten();
    let option = |(name, value): (&String, &Value)| match value {
        Value::Object(file) => {
            let file = file.get("name").and_then(Value::as_str).unwrap_or("file");
            let file = file.replace('\\', "\\\\").replace('"', "\\\"");
            format!(" -F {}", quote(&format!("{name}=@\"{file}\"")))
        }
        Value::String(text) => {
            format!(" --form-string {}", quote(&format!("{name}={}", shortened(text))))
        }
        other => format!(" --form-string {}", quote(&format!("{name}={other}"))),
    };
    fields.map(option).collect()
}

/// The name of the variable with a token; `None` for requests without one.
fn token_variable(credential: &Credential) -> Option<String> {
    let suffix = match credential.kind {
        CredentialKind::Anonymous => return None,
        CredentialKind::Access => "TOKEN",
        CredentialKind::Refreshed => "REFRESHED_TOKEN",
        CredentialKind::Garbage => "GARBAGE_TOKEN",
        CredentialKind::Tampered => "TAMPERED_TOKEN",
        CredentialKind::AlgNone => "UNSIGNED_TOKEN",
        CredentialKind::Expired => "EXPIRED_TOKEN",
        CredentialKind::RefreshAsAccess => "REFRESH_TOKEN",
        CredentialKind::AccessAsRefresh => "TOKEN",
    };
    let upper = |letter: char| match letter.is_ascii_alphanumeric() {
        true => letter.to_ascii_uppercase(),
        false => '_',
    };
    let owner: String = credential.owner.as_str().chars().map(upper).collect();
    // The name of a variable does not begin with a digit.
    let prefix = if owner.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    Some(format!("{prefix}{owner}_{suffix}"))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use hearback_testkit::dsl;
    use serde_json::json;

    use super::*;

    /// Text that runs commands wherever a shell interprets it.
    const HOSTILE: &str =
        "$(touch PWNED)`touch PWNED`\"; touch PWNED; '; touch PWNED; \\$HOME\n* !!";

    fn payload(text: &str) -> Payload {
        Payload::from_bytes(text.as_bytes().to_vec())
    }

    /// The arguments that a shell passes to the command of a line, which must not run anything else.
    fn arguments(line: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let print = r#"{ printf '%s\0' "$@"; }"#;
        let script = format!("ALICE_TOKEN=secret\ncurl() {print}\nwebsocat() {print}\n{line}\n");
        let output =
            Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_call_becomes_a_curl_line_with_the_token_as_a_variable() {
        let history =
            dsl::parse(r#"alice[tampered] messages.edit $m1 {"content": "it's"} => 200 @message"#)
                .unwrap();
        let url = format!("http://target.test/api/chat/messages/{}/", dsl::id("m1"));
        assert_eq!(
            curl(&history, &history.calls[0]),
            format!(
                r#"curl -i -X PATCH {url} -H "Authorization: Bearer $ALICE_TAMPERED_TOKEN" -H 'Content-Type: application/json' --data-raw "{{\"content\": \"it's\"}}""#,
            )
        );
    }

    #[test]
    fn a_shell_does_not_run_the_ids_names_and_bodies_of_calls() {
        let mut history =
            dsl::parse(r#"alice messages.edit $m1 {"content": "a"} => 200 @message"#).unwrap();
        let invocation = &mut history.calls[0].invocation;
        invocation.path = format!("/chat/messages/{HOSTILE}/");
        invocation.query = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
        invocation.content_type = Some(HOSTILE.to_owned());
        invocation.body = Some(payload(HOSTILE));
        let arguments = arguments(&curl(&history, &history.calls[0]));
        assert!(
            arguments[3].starts_with(&format!("http://target.test/api/chat/messages/{HOSTILE}/?"))
        );
        assert_eq!(arguments[5], "Authorization: Bearer secret");
        assert_eq!(arguments[7], format!("Content-Type: {HOSTILE}"));
        assert_eq!(arguments[9], HOSTILE);
        assert_eq!(arguments.len(), 10, "{arguments:#?}");
    }

    #[test]
    fn a_shell_does_not_run_the_room_of_a_connection() {
        let mut history = dsl::parse("alice@r1 open").unwrap();
        history.connections[0].room = HOSTILE.into();
        let connection = &history.connections[0];
        let url = format!("ws://target.test/ws/chat/{HOSTILE}/?token=secret");
        assert_eq!(arguments(&websocat(&history, connection)), [url]);
        history.connections[0].credential.kind = CredentialKind::Anonymous;
        let url = format!("ws://target.test/ws/chat/{HOSTILE}/");
        assert_eq!(arguments(&websocat(&history, &history.connections[0])), [url]);
    }

    #[test]
    fn a_shell_does_not_run_forms_and_comments() {
        let form =
            form(Some(&json!({ "content": format!("@{HOSTILE}"), "file": { "name": HOSTILE } })));
        let arguments = arguments(&format!("curl{form}"));
        assert_eq!(arguments[..2], ["--form-string".to_owned(), format!("content=@{HOSTILE}")]);
        assert_eq!(arguments.len(), 4, "{arguments:#?}");
        let comment = frame_comment("received", &payload(HOSTILE));
        assert_eq!(comment.lines().count(), 1, "{comment}");
        assert_eq!(self::arguments(&comment), Vec::<String>::new());
    }

    #[test]
    fn variables_have_valid_names() {
        let variable = |owner: &str| {
            let credential = Credential { kind: CredentialKind::Access, owner: owner.into() };
            token_variable(&credential).unwrap()
        };
        assert_eq!(variable("alice"), "ALICE_TOKEN");
        assert_eq!(variable("7-up $(x)"), "_7_UP___X__TOKEN");
    }
}
