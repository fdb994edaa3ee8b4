//! What rooms show of their newest message.

use ahash::AHashMap;
use hearback_contract::{Operation, ServerEvent};
use hearback_history::Call;
use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Message, Origin, Room};
use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};
use crate::rules::answer::{member, quoted, success, text_or_null};

/// The newest message as a member from the start must see it; `None` if that cannot be told.
#[allow(
    clippy::option_option,
    reason = "no telling, no message, and one message are three answers"
)]
fn newest<'h>(
    input: RuleInput<'h>,
    room: &Room<'h>,
    call: &'h Call,
    context: &mut RuleContext<'h>,
) -> Option<Option<&'h Message<'h>>> {
    let viewer = input.model.user_id(&call.invocation.actor);
    if !viewer.is_some_and(|viewer| room.surely_founder(viewer, call.interval())) {
        context.inconclusive("the viewer has not been in the room all the time");
        return None;
    }
    let is_certain =
        |newest: &Option<&'h Message<'h>>| newest.is_none_or(|it| !input.model.is_ambiguous(it));
    let newest = input.model.newest(room, call.interval()).ok().filter(is_certain);
    if newest.is_none() {
        context.inconclusive("which message was the newest at the time cannot be told");
    }
    newest
}

fn reads<'h>(input: RuleInput<'h>, operation: Operation) -> impl Iterator<Item = &'h Call> {
    input.history.calls_of(operation).filter(|call| call.is_authorized())
}

/// The events to show: how the message came about, and the read.
fn witnessed<'h>(
    violation: Violation<'h>,
    newest: Option<&Message<'h>>,
    call: &'h Call,
) -> Violation<'h> {
    match newest {
        Some(message) => violation.evidence(message.origin).evidence(call),
        None => violation.evidence(call),
    }
}

pub(super) fn last_message<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in reads(input, Operation::RoomsGet) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let object_or_null =
            |value: &'h Value| (value.is_null() || value.is_object()).then_some(value);
        let Some(last) = member(body, "last_message", object_or_null, context) else {
            continue;
        };
        let Some(newest) = newest(input, room, call, context) else { continue };
        if last.get("message_type").and_then(Value::as_str) == Some("system") {
            context.inconclusive("the newest message is the target's own");
            continue;
        }
        let id = last.get("id").and_then(Value::as_str);
        if id.is_none() && last.is_object() {
            context.inconclusive("`last_message` has no id: see the schema requirements");
            continue;
        }
        context.check(id == newest.map(|message| message.id.as_str()), || {
            let (variant, expected) = match newest {
                Some(message) => ("id", format!("`last_message` is {}, the newest", message.id)),
                None => {
                    ("no message", "`last_message` is null in a room without messages".to_owned())
                }
            };
            let actual = format!("it is {}", id.unwrap_or("null"));
            let violation =
                Violation::new(format!("rooms.get: last_message {variant}"), expected, actual);
            witnessed(violation, newest, call)
        });
        let Some(message) = newest.filter(|message| id == Some(&message.id)) else { continue };
        let Some(content) = member(last, "content", Value::as_str, context) else { continue };
        context.check(contents(message, call).contains(&content), || {
            let violation = Violation::new(
                "rooms.get: last_message content",
                format!("its content is {}", either(&contents(message, call))),
                format!("it is {}", quoted(content)),
            );
            witnessed(violation, newest, call)
        });
    }
}

/// The contents that the read may show; what the target made of the message when it was sent is another
/// requirement's business.
fn contents<'h>(message: &Message<'h>, read: &Call) -> Vec<&'h str> {
    let answered = match message.origin {
        Origin::Rest(send) => send.success().and_then(|body| body.get("content")?.as_str()),
        Origin::Socket(..) => None,
    };
    message
        .contents(read.interval())
        .chain(answered.filter(|_| message.versions.len() == 1))
        .collect()
}

fn either(contents: &[&str]) -> String {
    let mut words: Vec<_> = contents.iter().map(|content| quoted(content)).collect();
    words.dedup();
    words.join(" or ")
}

/// Items of rooms.list about rooms of this run, with what `name` holds: a text or null.
fn listed<'h>(
    input: RuleInput<'h>,
    name: &str,
    context: &mut RuleContext<'h>,
) -> Vec<(&'h Room<'h>, &'h Call, Option<&'h str>)> {
    let mut listed = Vec::new();
    for call in reads(input, Operation::RoomsList) {
        for item in call.items().into_iter().flatten() {
            let id = item.get("id").and_then(Value::as_str);
            let Some(room) = id.and_then(|id| input.model.rooms.get(id)) else { continue };
            let value = member(item, name, text_or_null, context);
            listed.extend(value.map(|value| (room, call, value)));
        }
    }
    listed
}

pub(super) fn last_message_preview<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, call, preview) in listed(input, "last_message_preview", context) {
        let Some(newest) = newest(input, room, call, context) else { continue };
        let preview = preview.unwrap_or_default();
        let Some(message) = newest else {
            context.check(preview.is_empty(), || {
                Violation::new(
                    "rooms.list: last_message_preview without messages",
                    "`last_message_preview` is empty or null in a room without messages",
                    format!("it is {}", quoted(preview)),
                )
                .evidence(call)
            });
            continue;
        };
        if message.file.is_some() {
            context.inconclusive("the document does not say how a file is previewed");
            continue;
        }
        let contents = contents(message, call);
        let holds = contents.iter().any(|content| is_beginning(preview, content));
        context.check(holds, || {
            let violation = Violation::new(
                "rooms.list: last_message_preview",
                format!(
                    "`last_message_preview` begins as the newest message, {}",
                    either(&contents)
                ),
                format!("it is {}", quoted(preview)),
            );
            witnessed(violation, newest, call)
        });
    }
}

/// Whether a preview shows the beginning of a content; white space may be folded.
pub(in crate::rules) fn is_beginning(preview: &str, content: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = folded(content);
    let cut = preview.trim_end_matches(['…', '.', ' ']);
    let is_cut = || !folded(cut).is_empty() && whole.starts_with(&folded(cut));
    if whole.is_empty() { folded(preview).is_empty() } else { whole == folded(preview) || is_cut() }
}

/// When messages were created, as the answer or the echo to their sender says.
struct CreationTimes<'h> {
    echoes: AHashMap<&'h str, &'h Value>,
}

impl<'h> CreationTimes<'h> {
    fn of(input: RuleInput<'h>) -> Self {
        let sends = input.model.socket_sends.iter();
        let echoes = sends.filter_map(|send| {
            let event = send.echo?.received(ServerEvent::ChatMessage)?;
            Some((send.id.as_deref()?, event.get("message")?))
        });
        Self { echoes: echoes.collect() }
    }

    fn of_message(&self, message: &Message<'h>) -> Option<Timestamp> {
        let shown = match message.origin {
            Origin::Rest(send) => send.success(),
            Origin::Socket(..) => self.echoes.get(message.id.as_str()).copied(),
        };
        shown?.get("created_at")?.as_str()?.parse().ok()
    }
}

pub(super) fn last_message_time<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let created = CreationTimes::of(input);
    for (room, call, time) in listed(input, "last_message_time", context) {
        check_time(input, &created, (room, call), "last_message_time", time, context);
    }
}

pub(super) fn stats_last_message_at<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let created = CreationTimes::of(input);
    for call in reads(input, Operation::RoomsStats) {
        let Some(room) = input.model.room_of(call) else { continue };
        let Some(body) = success(call, context) else { continue };
        let time = member(body, "last_message_at", text_or_null, context);
        if let Some(time) = time {
            check_time(input, &created, (room, call), "last_message_at", time, context);
        }
    }
}

fn check_time<'h>(
    input: RuleInput<'h>,
    created: &CreationTimes<'h>,
    (room, call): (&Room<'h>, &'h Call),
    field: &str,
    time: Option<&'h str>,
    context: &mut RuleContext<'h>,
) {
    let Some(newest) = newest(input, room, call, context) else { return };
    let expected = match newest.map(|message| created.of_message(message)) {
        None => None,
        Some(Some(created_at)) => Some(created_at),
        Some(None) => {
            context.inconclusive("when the newest message was created is not known");
            return;
        }
    };
    let actual = match time.map(str::parse::<Timestamp>) {
        None => None,
        Some(Ok(actual)) => Some(actual),
        Some(Err(_)) => {
            context.inconclusive(format!("`{field}` is no date-time: see the schema requirements"));
            return;
        }
    };
    context.check(actual == expected, || {
        let place = call.operation().map_or("", Operation::id);
        let expected = match expected {
            Some(created_at) => {
                format!("`{field}` is {created_at}, when the newest message was created")
            }
            None => format!("`{field}` is null in a room without messages"),
        };
        let actual = time.map_or_else(|| "it is null".to_owned(), |time| format!("it is {time}"));
        witnessed(Violation::new(format!("{place}: {field}"), expected, actual), newest, call)
    });
}

#[cfg(test)]
mod tests {
    use super::is_beginning;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, Undecided};

    const MADE: &str = r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#;
    const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "hello world"} => 201 @message {"id": "$m1", "room": "$r1", "content": "hello world", "created_at": "2025-10-19T15:00:00Z"}"#;

    /// The room with one message, then `view` with its members replaced by `overrides`.
    fn with(between: &str, view: &str, overrides: &str) -> String {
        let response = match view {
            "rooms.get $r1" => format!(r#"@room {{"id": "$r1", {overrides}}}"#),
            "rooms.list" => {
                format!(r#"{{"results": [@room_summary {{"id": "$r1", {overrides}}}]}}"#)
            }
            _ => format!("@room_stats {{{overrides}}}"),
        };
        format!("{MADE}\n{between}\nalice {view} => 200 {response}")
    }

    #[test]
    fn the_last_message_is_the_newest() {
        const RULE: &str = "room/last-message";
        let get = |between: &str, last: &str| {
            with(between, "rooms.get $r1", &format!(r#""last_message": {last}"#))
        };
        let first = r#"{"id": "$m1", "content": "hello world"}"#;
        let edit = format!(
            r#"{SENT}
            bob messages.edit $m1 {{"content": "bye"}} => 200 @message {{"id": "$m1", "room": "$r1"}}"#
        );
        assert_states(&[
            (RULE, Held, &get(SENT, first)),
            (RULE, Held, &get("", "null")),
            (RULE, Broken, &get("", first)),
            (RULE, Broken, &get(SENT, "null")),
            (RULE, Broken, &get(SENT, r#"{"id": "$m2"}"#)),
            (RULE, Broken, &get(SENT, r#"{"id": "$m1", "content": "hello"}"#)),
            (RULE, Held, &get(&edit, r#"{"id": "$m1", "content": "bye"}"#)),
            (RULE, Broken, &get(&edit, first)),
            (RULE, Undecided, &get(SENT, r#"{"id": "$m3", "message_type": "system"}"#)),
            (RULE, Undecided, &get(SENT, "5")),
            // An edit of unknown outcome, a deletion, a message of the target's own: no telling.
            (RULE, Undecided, &get(&edit.replace("=> 200", "=> 500"), first)),
            (RULE, Undecided, &get(&format!("{SENT}\nbob messages.delete $m1 => 200 {{}}"), first)),
            (
                RULE,
                Undecided,
                &get(
                    &format!(
                        r#"{SENT}
                        bob messages.list ?room=$r1 => 200 {{"results": [@message {{"id": "$m9", "room": "$r1"}}]}}"#
                    ),
                    "null",
                ),
            ),
        ]);
    }

    #[test]
    fn sends_that_overlap_leave_the_newest_open() {
        const RULE: &str = "room/last-message";
        let history = |times: &str, read: &str| {
            format!(
                r#"{MADE}
                [10..20] {SENT}
                [{times}] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1", "content": "b"}}
                [{read}] alice rooms.get $r1 => 200 @room {{"id": "$r1", "last_message": {{"id": "$m1", "content": "hello world"}}}}"#
            )
        };
        assert_states(&[
            (RULE, Broken, &history("21..30", "31..32")),
            (RULE, Undecided, &history("15..30", "31..32")),
            (RULE, Undecided, &history("21..30", "25..32")),
            (RULE, Held, &history("40..50", "31..32")),
        ]);
    }

    #[test]
    fn the_list_previews_it_and_says_when_it_was_created() {
        const PREVIEW: &str = "room/last-message-preview";
        const TIME: &str = "room/last-message-time";
        let preview = |between: &str, preview: &str| {
            with(between, "rooms.list", &format!(r#""last_message_preview": {preview}"#))
        };
        let time = |between: &str, time: &str| {
            with(between, "rooms.list", &format!(r#""last_message_time": {time}"#))
        };
        assert_states(&[
            (PREVIEW, Held, &preview(SENT, r#""hello world""#)),
            (PREVIEW, Held, &preview(SENT, r#""hello…""#)),
            (PREVIEW, Held, &preview("", "null")),
            (PREVIEW, Broken, &preview("", r#""hello""#)),
            (PREVIEW, Broken, &preview(SENT, "null")),
            (PREVIEW, Broken, &preview(SENT, r#""good bye""#)),
            (TIME, Held, &time(SENT, r#""2025-10-19T17:00:00+02:00""#)),
            (TIME, Held, &time("", "null")),
            (TIME, Broken, &time(SENT, "null")),
            (TIME, Broken, &time("", r#""2025-10-19T15:00:00Z""#)),
            (TIME, Broken, &time(SENT, r#""2025-10-19T15:00:01Z""#)),
            (TIME, Undecided, &time(SENT, r#""yesterday""#)),
        ]);
    }

    #[test]
    fn the_statistics_say_when_it_was_created() {
        const RULE: &str = "room/stats-last-message-at";
        let stats = |between: &str, time: &str| {
            with(between, "rooms.stats $r1", &format!(r#""last_message_at": {time}"#))
        };
        assert_states(&[
            (RULE, Held, &stats(SENT, r#""2025-10-19T15:00:00Z""#)),
            (RULE, Held, &stats("", "null")),
            (RULE, Broken, &stats(SENT, r#""2025-10-19T10:00:00Z""#)),
            (RULE, Broken, &stats(SENT, "null")),
            (RULE, Undecided, &stats(&SENT.replace("=> 201", "=> 500"), "null")),
        ]);
    }

    #[test]
    fn previews_are_beginnings() {
        for (preview, content, holds) in [
            ("wait...", "wait...", true),
            ("a b", "a\n\n b c", true),
            ("…", "a", false),
            ("", "a", false),
            ("", "  ", true),
            ("ab", "a", false),
            ("é…", "été", true),
            ("t…", "été", false),
        ] {
            assert_eq!(is_beginning(preview, content), holds, "{preview:?} of {content:?}");
        }
    }
}
