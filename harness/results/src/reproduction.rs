//! Shell lines that reproduce a finding.

use hearback_checker::{Evidence, Finding};
use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, Connection, CredentialKind, History, Reproduction, RunStart};
use serde_json::Value;
use url::form_urlencoded;

/// Maximum length of a body or frame, in characters; longer ones end in an ellipsis.
const LONGEST_TEXT: usize = 400;

/// Maximum number of lines of a whole scenario; the scenario file contains all of them.
const MOST_LINES: usize = 20;

/// Lines that repeat every request and connection of `history`, in order.
pub fn whole(history: &History) -> Vec<String> {
    let calls = history.calls.iter().map(|call| (call.seq, vec![curl(history, call)]));
    let sockets = history.connections.iter().flat_map(|connection| {
        let opened = (connection.seq, vec![websocat(history, connection)]);
        let sent = connection.sent().map(move |frame| {
            let text = frame.body.payload.as_text().unwrap_or("(binary)");
            let whose = &connection.actor;
            (frame.seq, vec![format!("  # {whose} sends: {}", shortened(text))])
        });
        std::iter::once(opened).chain(sent)
    });
    let mut all: Vec<_> = calls.chain(sockets).collect();
    all.sort_by_key(|(seq, _)| *seq);
    let mut lines: Vec<_> = all.into_iter().flat_map(|(_, lines)| lines).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("  # …".to_owned());
    }
    lines
}

/// The reproduction of a finding, if one was attempted.
pub fn find<'h>(
    history: &'h History,
    requirement: RequirementId,
    variant: &str,
) -> Option<&'h Reproduction> {
    let mut reproductions = history.reproductions.iter();
    reproductions.find(|it| it.requirement == requirement && it.variant == variant)
}

/// Lines that reproduce a finding: the minimized scenario if there is one, otherwise its evidence.
pub fn lines(
    history: &History,
    finding: &Finding,
    reproduction: Option<&Reproduction>,
) -> Vec<String> {
    match reproduction {
        Some(reproduction) => minimized(history, reproduction),
        None => evidence(history, &finding.evidence),
    }
}

/// The minimized scenario first, then each of its requests.
fn minimized(history: &History, reproduction: &Reproduction) -> Vec<String> {
    let Reproduction { steps, reproduced, repetitions, .. } = reproduction;
    let file = reproduction.file.as_deref().unwrap_or("the scenario file was not saved");
    let size = if reproduction.is_minimal { "" } else { ", possibly not minimal" };
    let count = match repetitions {
        0 => "confirmation did not finish".to_owned(),
        _ => format!("reproduced {reproduced} of {repetitions} times"),
    };
    let options = options(history);
    let mut lines =
        vec![format!("hearback scenario run {file}{options}  # {steps} steps{size}; {count}")];
    lines.extend(reproduction.commands.iter().cloned());
    lines
}

/// One or two lines per event, given by position in the journal; consecutive repeats are omitted.
fn evidence(history: &History, positions: &[u64]) -> Vec<String> {
    let mut lines = Vec::new();
    for evidence in positions.iter().filter_map(|seq| Evidence::find(history, *seq)) {
        match evidence {
            Evidence::Call(call) => lines.push(curl(history, call)),
            Evidence::Connection(connection) => lines.push(websocat(history, connection)),
            Evidence::Frame(connection, frame) => {
                lines.push(websocat(history, connection));
                let text = frame.body.payload.as_text().unwrap_or("(binary)");
                let direction = if frame.is_sent() { "send" } else { "received" };
                lines.push(format!("  # {direction}: {}", shortened(text)));
            }
            Evidence::Expectation(expectation) => {
                let expected = &expectation.result;
                let file = expected.location.rsplit_once(':').map_or("", |(file, _)| file);
                let options = options(history);
                lines.push(format!(
                    "hearback scenario run {file}{options}  # step {}",
                    expected.step
                ));
            }
        }
    }
    lines.dedup();
    lines
}

/// The options that name the target of the run.
fn options(history: &History) -> String {
    history.start.as_ref().map_or_else(String::new, RunStart::target_arguments)
}

fn token(credential: &hearback_history::Credential) -> Option<String> {
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
    let name: String = credential
        .owner
        .as_str()
        .chars()
        .map(
            |letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' },
        )
        .collect();
    Some(format!("${name}_{suffix}"))
}

fn curl(history: &History, call: &Call) -> String {
    let invocation = &call.invocation;
    let base = history.start.as_ref().map_or("", |start| start.target.as_str());
    let mut url = match invocation.operation {
        Some(_) => format!("{}{}", base.trim_end_matches('/'), invocation.path),
        None => invocation.path.clone(),
    };
    if !invocation.query.is_empty() {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&invocation.query)
            .finish();
        url = format!("{url}?{query}");
    }
    let mut line = format!("curl -i -X {} {}", invocation.method, quoted(&url));
    let authenticated = invocation.operation.is_none_or(|operation| operation.spec().authenticated);
    if let Some(token) = token(&invocation.credential).filter(|_| authenticated) {
        line.push_str(&format!(" -H \"Authorization: Bearer {token}\""));
    }
    let is_form = invocation
        .content_type
        .as_deref()
        .is_some_and(|content_type| content_type.starts_with("multipart/form-data"));
    if is_form {
        if let Some(Value::Object(fields)) = &call.request {
            for (name, value) in fields {
                let value = match value {
                    Value::Object(file) => {
                        format!("@{}", file.get("name").and_then(Value::as_str).unwrap_or("file"))
                    }
                    Value::String(text) => shortened(text),
                    other => other.to_string(),
                };
                line.push_str(&format!(" -F {}", quoted(&format!("{name}={value}"))));
            }
        }
    } else if let Some(body) = &invocation.body {
        if let Some(content_type) = &invocation.content_type {
            line.push_str(&format!(" -H {}", quoted(&format!("Content-Type: {content_type}"))));
        }
        let text = body.as_text().map_or_else(|| "(binary)".to_owned(), shortened);
        line.push_str(&format!(" --data-raw {}", quoted(&text)));
    }
    if invocation.operation == Some(Operation::TokenObtain) {
        line.push_str(match invocation.credential.kind {
            CredentialKind::Access => "  # with the account's own password",
            _ => "  # with a wrong password",
        });
    }
    line
}

fn websocat(history: &History, connection: &Connection) -> String {
    let base = history.start.as_ref().map_or("", |start| start.socket.as_str());
    let url = format!("{}/chat/{}/", base.trim_end_matches('/'), connection.room);
    match token(&connection.credential) {
        Some(token) => format!("websocat \"{url}?token={token}\""),
        None => format!("websocat \"{url}\""),
    }
}

/// `text` as one shell word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::TargetOptions;
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn a_call_becomes_a_curl_line_with_the_token_as_a_variable() {
        let history =
            dsl::parse(r#"alice[tampered] messages.edit $m1 {"content": "it's"} => 200 @message"#)
                .unwrap();
        let line = curl(&history, &history.calls[0]);
        assert_eq!(
            line,
            format!(
                r#"curl -i -X PATCH 'http://target.test/api/chat/messages/{}/' -H "Authorization: Bearer $ALICE_TAMPERED_TOKEN" -H 'Content-Type: application/json' --data-raw '{{"content": "it'\''s"}}'"#,
                dsl::id("m1")
            )
        );
    }

    #[test]
    fn frames_of_one_connection_name_it_once() {
        let history = dsl::parse("bob@r1 open\nbob@r1 -> {\"type\": \"typing\"}").unwrap();
        let connection = &history.connections[0];
        let lines = evidence(&history, &[connection.seq, connection.frames[1].seq]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].ends_with("?token=$BOB_TOKEN\""));
        assert!(lines[1].contains("send: {\"type\": \"typing\"}"));
    }

    #[test]
    fn a_reproduction_starts_with_its_scenario() {
        let mut reproduction = Reproduction {
            requirement: "room/leave".parse().unwrap(),
            variant: "rooms.leave".to_owned(),
            scenario: "sequence/1".into(),
            file: Some("runs/x/room-leave.yaml".to_owned()),
            steps: 3,
            reproduced: 4,
            repetitions: 5,
            attempts: 40,
            is_minimal: false,
            expected: None,
            actual: None,
            commands: vec!["curl".to_owned()],
        };
        let mut history = dsl::parse("").unwrap();
        let named = TargetOptions::External {
            accounts: "a.toml".to_owned(),
            socket_url: None,
            jwt_secret_env: None,
        };
        history.start.as_mut().unwrap().target_options = Some(named);
        assert_eq!(
            minimized(&history, &reproduction),
            [
                "hearback scenario run runs/x/room-leave.yaml --target http://target.test/api \
                 --accounts a.toml  # 3 steps, possibly not minimal; reproduced 4 of 5 times",
                "curl"
            ]
        );
        reproduction.repetitions = 0;
        assert!(minimized(&history, &reproduction)[0].ends_with("confirmation did not finish"));
    }

    #[test]
    fn a_whole_history_is_in_order() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            bob@r1 open
            bob@r1 -> {"type": "typing"}
            bob rooms.leave $r1 => 200
            "#,
        )
        .unwrap();
        let lines = whole(&history);
        let begin = ["curl -i -X POST", "websocat", "  # bob sends: ", "curl -i -X POST"];
        assert_eq!(lines.len(), begin.len(), "{lines:#?}");
        assert!(lines.iter().zip(begin).all(|(line, begin)| line.starts_with(begin)), "{lines:#?}");
    }
}
