//! The lines of a script, step by step.

use std::collections::HashMap;

use hearback_contract::Operation;
use hearback_history::shell::quote;
use hearback_history::{Call, Compression, Connection, CredentialKind, Frame, Payload, RunStart};
use serde_json::Value;

use super::comment::comment;
use super::ids::{Captured, Source};
use super::no_script::NoScript;
use super::step::Step;
use super::token;
use super::word::Word;
use crate::address::{sent_query, socket_url};

/// Longest body or frame, in bytes, that a command of a script contains.
const LONGEST: usize = 32_000;

/// Longest argument of a command, in bytes, that Linux permits.
const LONGEST_ARGUMENT: usize = 130_000;

/// Number of the first file descriptor of a socket.
const FIRST_SOCKET: usize = 10;

/// Writes the steps of a script.
pub(super) struct Writer<'h> {
    start: Option<&'h RunStart>,
    captured: &'h [Captured<'h>],
    /// The open sockets, with the position in the journal up to which the script has waited for their events.
    sockets: Vec<(&'h Connection, u64)>,
    files: usize,
    lines: Vec<String>,
}

impl<'h> Writer<'h> {
    pub(super) fn new(start: Option<&'h RunStart>, captured: &'h [Captured<'h>]) -> Self {
        Self { start, captured, sockets: Vec::new(), files: 0, lines: Vec::new() }
    }

    /// The lines of all steps; `until` is the last position in the journal that matters, and the frames of the sockets
    /// `shown` end the script.
    pub(super) fn write(
        mut self,
        steps: &[Step<'h>],
        until: u64,
        shown: &[u64],
    ) -> Result<Vec<String>, NoScript> {
        for step in steps {
            self.wait(step.seq());
            match *step {
                Step::Call(call) => self.call(call)?,
                Step::Connect(connection) => self.connect(connection)?,
                Step::Send(connection, frame) => self.send(connection, frame)?,
                Step::Close(connection, _) => {
                    let socket = self.socket(connection);
                    self.lines.push(format!("close {socket}"));
                }
            }
        }
        self.wait(until.saturating_add(1));
        let shown = self.sockets.iter().filter(|(it, _)| shown.contains(&it.seq));
        let shown: Vec<_> = shown.map(|(it, _)| format!("received {}", self.socket(it))).collect();
        if !shown.is_empty() {
            self.lines.push("sleep 1".to_owned());
            self.lines.extend(shown);
        }
        Ok(self.lines)
    }

    /// The file descriptor of a socket, and its actor.
    fn socket(&self, connection: &Connection) -> String {
        let index = self.sockets.iter().position(|(it, _)| it.seq == connection.seq);
        let number = index.unwrap_or_default() + FIRST_SOCKET;
        format!("{number} {}", quote(connection.actor.as_str()))
    }

    /// Waits for the last event of each type that was received before a position, and for those with an id.
    fn wait(&mut self, before: u64) {
        for index in 0..self.sockets.len() {
            let (connection, after) = self.sockets[index];
            let mut counts: HashMap<&str, usize> = HashMap::new();
            let mut waits: Vec<(&Frame, &str, usize)> = Vec::new();
            let received = connection.frames.iter().filter(|frame| !frame.is_sent());
            for frame in received.take_while(|frame| frame.seq < before) {
                let Some(kind) = frame.kind() else { continue };
                let count = counts.entry(kind).or_default();
                *count += 1;
                if frame.seq <= after {
                    continue;
                }
                let has_id =
                    |it: &&Frame| self.ids_of(Source::Event(connection, it)).next().is_some();
                waits.retain(|(earlier, other, _)| *other != kind || has_id(earlier));
                waits.push((frame, kind, *count));
            }
            for (frame, kind, count) in waits {
                self.lines.push(format!(
                    "receive {} {} {count}",
                    self.socket(connection),
                    quote(kind)
                ));
                self.keep(Source::Event(connection, frame));
            }
            self.sockets[index].1 = before.saturating_sub(1).max(after);
        }
    }

    fn ids_of(&self, source: Source<'h>) -> impl Iterator<Item = &'h Captured<'h>> + use<'h> {
        self.captured.iter().filter(move |it| it.source == source)
    }

    /// Keeps the ids in the last response or event.
    fn keep(&mut self, source: Source<'h>) {
        for id in self.ids_of(source) {
            self.lines.push(format!("{}=$(value {}) || exit", id.variable, quote(&id.filter)));
        }
    }

    /// A word in which ids are variables.
    fn word(&self, text: &str) -> Word {
        let distinct = self.captured.iter().filter(|it| it.is_distinct());
        let word = distinct
            .fold(Word::text(text), |word, it| word.replace(&it.id, &format!("${}", it.variable)));
        word.with_short_runs()
    }

    fn call(&mut self, call: &'h Call) -> Result<(), NoScript> {
        let invocation = &call.invocation;
        let owner = invocation.credential.owner.as_str();
        let name = match invocation.operation {
            Some(operation) => operation.id(),
            None => invocation.method.as_str(),
        };
        self.lines.push(comment(&format!("{}: {name}", invocation.actor)));
        let is_login = invocation.operation == Some(Operation::TokenObtain)
            && invocation.credential.kind == CredentialKind::Access;
        if is_login {
            let password = token::variable(owner, "PASSWORD");
            let login = format!("login {} \"${password}\"", quote(owner));
            self.lines.push(login);
            self.lines.push(token::kept(owner));
            return Ok(());
        }
        let is_public = invocation.operation.is_some_and(|it| !it.spec().authenticated);
        let token = match is_public {
            true => "''".to_owned(),
            false => token::word(&invocation.credential),
        };
        let options = self.body(call)?;
        let method = quote(&invocation.method);
        // Otherwise, curl waits for a body.
        let head = if method == "HEAD" { " --head" } else { "" };
        let path = self.path(call).quoted();
        self.lines.push(format!("request {token} {method} {path}{head}{options}"));
        self.keep(Source::Response(call));
        self.clean_up(call);
        Ok(())
    }

    /// The path, or the URL of a request without an operation, with the query.
    fn path(&self, call: &Call) -> Word {
        let invocation = &call.invocation;
        let base = self.start.map_or("", |start| start.target.trim_end_matches('/'));
        let path = invocation.path.strip_prefix(base).unwrap_or(&invocation.path);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(sent_query(invocation)).finish();
        let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        // Short ids are whole parts of a path.
        let short =
            self.captured.iter().filter(|it| !it.is_distinct() && call.subject() == Some(&it.id));
        short.fold(self.word(&text), |word, it| {
            word.replace_between('/', &it.id, &format!("${}", it.variable))
        })
    }

    /// The options of `curl` for the body of a request, each after a space.
    fn body(&mut self, call: &Call) -> Result<String, NoScript> {
        let invocation = &call.invocation;
        let content_type = invocation.content_type.as_deref().unwrap_or_default();
        if content_type.starts_with("multipart/form-data") {
            return self.form(call.request.as_ref());
        }
        let Some(body) = &invocation.body else { return Ok(String::new()) };
        let text = writable(body)?;
        if text.len() > LONGEST_ARGUMENT {
            return Err(NoScript::Long(text.len()));
        }
        let mut word = self.word(text);
        let owner = invocation.credential.owner.as_str();
        let password = match invocation.credential.kind {
            CredentialKind::Garbage => "not the password".to_owned(),
            _ => format!("$(json \"${}\")", token::variable(owner, "PASSWORD")),
        };
        for (label, expansion) in [
            (format!("[password of {owner}]"), password),
            (format!("[refresh token of {owner}]"), token::refresh_token(&invocation.credential)),
            (format!("[access token of {owner}]"), format!("${}", token::variable(owner, "TOKEN"))),
        ] {
            word = word.replace(&label, &expansion);
        }
        let header = match content_type {
            "" => "Content-Type:".to_owned(),
            content_type => format!("Content-Type: {content_type}"),
        };
        Ok(format!(" --header {} --data-raw {}", quote(&header), word.quoted()))
    }

    /// The options for the fields of a form; `--form-string` reads no file, whatever the value begins with.
    fn form(&mut self, request: Option<&Value>) -> Result<String, NoScript> {
        let mut options = String::new();
        for (name, value) in request.and_then(Value::as_object).into_iter().flatten() {
            let text = |member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default();
            if !value.is_object() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let field = self.word(&format!("{name}={}", checked(&value)?));
                options.push_str(&format!(" --form-string {}", field.quoted()));
                continue;
            }
            let content = text("base64");
            if content.len() > LONGEST {
                return Err(NoScript::Long(content.len()));
            }
            self.files += 1;
            let file = format!("\"$work/file{}\"", self.files);
            self.lines.push(format!("printf %s {} | base64 -d >{file}", quote(content)));
            let [shown, content_type] = [text("name"), text("content_type")]
                .map(|it| it.replace('\\', "\\\\").replace('"', "\\\""));
            let rest = format!("\";filename=\"{shown}\";type={content_type}");
            options.push_str(&format!(
                " --form {}{file}{}",
                quote(&format!("{name}=@\"")),
                quote(&rest)
            ));
        }
        Ok(options)
    }

    /// Has the script archive a group that it created; the target may have had a direct room before.
    fn clean_up(&mut self, call: &'h Call) {
        let is_group = call.request.as_ref().is_some_and(|it| it["room_type"] != "direct");
        let is_creation = call.operation() == Some(Operation::RoomsCreate) && is_group;
        let Some(room) = self.ids_of(Source::Response(call)).next().filter(|_| is_creation) else {
            return;
        };
        let path = Operation::RoomsArchive.spec().path_with(&[&format!("${}", room.variable)]);
        let token = token::variable(call.invocation.credential.owner.as_str(), "TOKEN");
        self.lines.push(format!("rooms+=(\"${token} {path}\")"));
    }

    fn connect(&mut self, connection: &'h Connection) -> Result<(), NoScript> {
        let is_plain =
            connection.compression == Compression::Absent && connection.probes.is_empty();
        if !is_plain {
            return Err(NoScript::Protocol);
        }
        self.sockets.push((connection, connection.seq));
        let url = socket_url(self.start, connection.room.as_str());
        let base = self.start.map_or("", |start| start.socket.trim_end_matches('/'));
        let mut word = match url.strip_prefix(base).filter(|_| !base.contains("{room}")) {
            Some(rest) => format!("\"$socket\"{}", self.word(rest).quoted()),
            None => self.word(&url).quoted(),
        };
        if connection.credential.kind != CredentialKind::Anonymous {
            let separator = if url.contains('?') { '&' } else { '?' };
            let token = token::word(&connection.credential);
            word.push_str(&format!("{}{token}", quote(&format!("{separator}token="))));
        }
        let origin = match &connection.origin {
            Some(origin) => quote(origin).into_owned(),
            None => "\"$site\"".to_owned(),
        };
        let socket = self.socket(connection);
        self.lines.push(format!("connect {socket} {origin} {word}"));
        Ok(())
    }

    fn send(&mut self, connection: &'h Connection, frame: &'h Frame) -> Result<(), NoScript> {
        let text = writable(&frame.body.payload)?;
        if text.contains('\n') {
            return Err(NoScript::Frame);
        }
        let (socket, word) = (self.socket(connection), self.word(text).quoted());
        self.lines.push(format!("send {socket} {word}"));
        Ok(())
    }
}

/// The text of a body or frame, if a command can contain it.
fn writable(payload: &Payload) -> Result<&str, NoScript> {
    checked(payload.as_text().ok_or(NoScript::Binary)?)
}

fn checked(text: &str) -> Result<&str, NoScript> {
    match Word::text(text).with_short_runs().quoted().len() {
        length if length > LONGEST => Err(NoScript::Long(text.len())),
        _ if text.contains('\0') => Err(NoScript::Binary),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reproduction::testing::{HOSTILE, arguments};

    #[test]
    fn a_shell_does_not_run_the_fields_of_forms() {
        let mut writer = Writer::new(None, &[]);
        let file = json!({ "name": HOSTILE, "content_type": HOSTILE, "base64": "YQ==" });
        let form = json!({ "content": format!("@{HOSTILE}"), "file": file });
        let options = writer.form(Some(&form)).unwrap();
        let arguments = arguments(&format!("work=w; curl{options}"));
        assert_eq!(arguments[..2], ["--form-string".to_owned(), format!("content=@{HOSTILE}")]);
        assert!(arguments[3].starts_with("file=@\"w/file1\";filename=\""), "{arguments:#?}");
        assert_eq!(arguments.len(), 4, "{arguments:#?}");
        assert_eq!(writer.lines, ["printf %s 'YQ==' | base64 -d >\"$work/file1\""]);
    }
}
