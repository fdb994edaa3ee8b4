//! Shell commands that repeat one request or one connection.
//!
//! Every text that hearback did not write is quoted, so that a shell neither expands nor runs any of it. Tokens are
//! variables, because their values are never recorded.

use hearback_contract::Operation;
use hearback_history::escape::escape;
use hearback_history::shell::{Variable, quote, variable_name};
use hearback_history::{Call, Credential, CredentialKind, History, Payload, RunStart};
use serde_json::Value;

use crate::address::request_url;

/// Maximum length of a body or frame, in characters; longer ones end in an ellipsis.
const LONGEST_TEXT: usize = 400;

/// A command, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The command line.
    pub(super) line: String,
    /// A comment for each variable and file in the line that the reader must provide.
    pub(super) notes: Vec<String>,
}

/// A `curl` command that sends the request of a call again.
pub(super) fn curl(history: &History, call: &Call) -> Command {
    let invocation = &call.invocation;
    let mut notes = Vec::new();
    let mut line = format!(
        "curl -i -X {} {}",
        quote(&invocation.method),
        quote(&request_url(history.start.as_ref(), invocation))
    );
    let authenticated = invocation.operation.is_none_or(|operation| operation.spec().authenticated);
    let token = token_variable(&invocation.credential).filter(|_| authenticated);
    if let Some(variable) = &token {
        line.push_str(&format!(" -H \"Authorization: Bearer ${}\"", variable.name));
        notes.push(note(variable));
    }
    if let Some(connection) = history.start.as_ref().and_then(RunStart::connection) {
        line.push_str(&connection.curl_arguments(token.is_some()));
        notes.extend(connection.variables().iter().map(note));
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
    notes.retain(|note| line.contains(note_variable(note)));
    Command { line, notes }
}

/// The comment that explains a variable.
pub(super) fn note(variable: &Variable) -> String {
    format!("# ${}: {}", variable.name, escape(&variable.meaning, LONGEST_TEXT))
}

/// The variable that a comment explains, with its `$`.
fn note_variable(note: &str) -> &str {
    note.trim_start_matches("# ").split(':').next().unwrap_or_default()
}

/// A comment that shows a frame after a label, on one line.
pub(super) fn frame_comment(label: &str, payload: &Payload) -> String {
    format!("  # {label}: {}", escape(payload.as_text().unwrap_or("(binary)"), LONGEST_TEXT))
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

/// The variable with a token; `None` for requests without one.
pub(super) fn token_variable(credential: &Credential) -> Option<Variable> {
    let (suffix, meaning) = match credential.kind {
        CredentialKind::Anonymous => return None,
        CredentialKind::Access | CredentialKind::AccessAsRefresh => ("TOKEN", "access token of"),
        CredentialKind::Superseded => ("OLD_REFRESH_TOKEN", "replaced refresh token of"),
        CredentialKind::Earlier => ("EARLIER_TOKEN", "access token of the earlier login of"),
        CredentialKind::Refreshed => ("REFRESHED_TOKEN", "refreshed access token of"),
        CredentialKind::Garbage => ("GARBAGE_TOKEN", "any text that is not a token, sent as"),
        CredentialKind::Tampered => ("TAMPERED_TOKEN", "changed access token of"),
        CredentialKind::AlgNone => ("UNSIGNED_TOKEN", "access token with `alg: none` of"),
        CredentialKind::Expired => ("EXPIRED_TOKEN", "expired access token of"),
        CredentialKind::Expiring => ("EXPIRING_TOKEN", "soon expiring access token of"),
        CredentialKind::RefreshAsAccess => ("REFRESH_TOKEN", "refresh token of"),
    };
    let owner = credential.owner.as_str();
    Some(Variable {
        name: format!("{}_{suffix}", variable_name(owner)),
        meaning: format!("{meaning} {owner}"),
    })
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearback_testkit::dsl;
    use serde_json::json;

    use super::*;
    use crate::reproduction::testing::{HOSTILE, arguments, payload};

    #[test]
    fn a_call_becomes_a_curl_line_with_the_token_as_a_variable() {
        let history =
            dsl::parse(r#"alice[tampered] messages.edit $m1 {"content": "it's"} => 200 @message"#)
                .unwrap();
        let url = format!("http://target.test/api/chat/messages/{}/", dsl::id("m1"));
        assert_eq!(
            curl(&history, &history.calls[0]).line,
            format!(
                r#"curl -i -X PATCH {url} -H "Authorization: Bearer $ALICE_TAMPERED_TOKEN" -H 'Content-Type: application/json' --data-raw "{{\"content\": \"it's\"}}""#,
            )
        );
    }

    #[test]
    fn a_shell_does_not_run_the_ids_names_and_bodies_of_calls() {
        let mut history =
            dsl::parse(r#"alice messages.edit $m1 {"content": "a"} => 200 @message"#).unwrap();
        let invocation = Arc::make_mut(&mut history.calls[0].invocation);
        invocation.path = format!("/chat/messages/{HOSTILE}/");
        invocation.query = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
        invocation.content_type = Some(HOSTILE.to_owned());
        invocation.body = Some(payload(HOSTILE));
        let arguments = arguments(&curl(&history, &history.calls[0]).line);
        assert!(
            arguments[3].starts_with(&format!("http://target.test/api/chat/messages/{HOSTILE}/?"))
        );
        assert_eq!(arguments[5], "Authorization: Bearer secret");
        assert_eq!(arguments[7], format!("Content-Type: {HOSTILE}"));
        assert_eq!(arguments[9], HOSTILE);
        assert_eq!(arguments.len(), 10, "{arguments:#?}");
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
            token_variable(&credential).unwrap().name
        };
        assert_eq!(variable("alice"), "ALICE_TOKEN");
        assert_eq!(variable("7-up $(x)"), "_7_UP___X__TOKEN");
    }
}
