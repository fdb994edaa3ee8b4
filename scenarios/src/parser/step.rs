//! Steps: who does what.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::{Access, Operation};
use serde_json::{Value, json};

use super::{Entries, Reader};
use crate::diagnostic::Diagnostic;
use crate::grammar::{
    ANSWER, CONTROLS, FILE_SOURCE, HANDSHAKE, Key, Verb, keys_of, step_keys, verb, verb_names,
};
use crate::scope::suggestion;
use crate::step::{Action, Call, FileSource, Outgoing, Step};
use crate::syntax::{Entry, Node, Place};
use crate::template;

impl Reader<'_> {
    pub(super) fn steps(&mut self, nodes: &[Node], parent: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        for (node, index) in nodes.iter().zip(1..) {
            let number = match parent {
                "" => format!("{index}"),
                parent => format!("{parent}.{index}"),
            };
            if let Some(action) = self.step(node, &number) {
                steps.push(Step { number, line: node.place.line, action });
            }
        }
        steps
    }

    fn step(&mut self, node: &Node, number: &str) -> Option<Action> {
        let Some(entries) = node.as_mapping().filter(|entries| !entries.is_empty()) else {
            let help = "{ alice: rooms.list }, or one of `for`, `repeat`, `parallel` and `any-of`";
            self.error(node.place, "a step says who does what", help);
            return None;
        };
        let control = |entry: &Entry| CONTROLS.iter().find(|control| control.name == entry.key);
        if let Some((first, control)) =
            entries.iter().find_map(|entry| Some((entry, control(entry)?)))
        {
            return self.control(control, first.place, entries, number);
        }
        let keys = step_keys();
        let is_actor = |entry: &&Entry| self.actors.contains(&entry.key);
        let is_unknown = |entry: &&Entry| !keys.iter().any(|key| key.name == entry.key);
        let Some(who) = entries.iter().find(is_actor) else {
            match entries.iter().find(is_unknown) {
                Some(stranger) => self.not_an_actor(stranger.place, &stranger.key),
                None => {
                    let actors = self.actors.join(", ");
                    let help = format!("a step begins with an actor: {actors}");
                    self.error(entries[0].place, "who does this?", help);
                }
            }
            return None;
        };
        let others = || entries.iter().filter(|entry| entry.place != who.place);
        if let Some(second) = others().find(|entry| self.actors.contains(&entry.key)) {
            let help = "one actor a step; `parallel` has several act at the same time";
            self.error(second.place, "a second actor in one step", help);
            return None;
        }
        let Some(does) = who.node.as_text() else {
            let help = suggestion("", verb_names(), "one of");
            self.error(who.node.place, format!("what does {} do?", who.key), help);
            return None;
        };
        if let Some(verb) = verb(does) {
            let arguments = self.arguments(verb.name, who.place, others(), verb.keys);
            return self.act(verb, who, arguments);
        }
        let Ok(operation) = does.parse::<Operation>() else {
            let help = suggestion(does, verb_names(), "one of");
            self.error(who.node.place, format!("nobody can `{does}`"), help);
            return None;
        };
        let spec = operation.spec();
        if let Some(at) = others().find(|entry| entry.key == "at")
            && spec.path_parameters().next().is_none()
        {
            let help = format!("its path is {}", spec.path);
            self.error(at.place, format!("`{operation}` has no id in its path"), help);
        }
        let is_known =
            |entry: &&Entry| entry.key != "at" || spec.path_parameters().next().is_some();
        let arguments =
            self.arguments(does, who.place, others().filter(is_known), &keys_of(operation));
        let call = self.call(operation, &who.key, who.place, &arguments);
        if spec.access == Access::Write {
            self.scope.disturb();
        }
        self.keep(&arguments);
        Some(Action::Call(call))
    }

    /// The keys beside the actor, with their placeholders looked up.
    fn arguments<'n>(
        &mut self,
        verb: &str,
        place: Place,
        entries: impl Iterator<Item = &'n Entry>,
        keys: &[Key],
    ) -> Entries<'n> {
        let arguments = self.entries(&format!("`{verb}`"), place, entries, keys);
        for entry in &arguments.0 {
            self.placeholders(&entry.node);
        }
        arguments
    }

    fn control(
        &mut self,
        control: &Verb,
        place: Place,
        entries: &[Entry],
        number: &str,
    ) -> Option<Action> {
        let what = format!("`{}`", control.name);
        let entries = self.entries(&what, place, entries, control.keys);
        let nodes = entries.node("do").and_then(Node::as_list);
        match control.name {
            "for" => {
                let each = &entries.node("for")?.as_mapping()?[0];
                self.placeholders(&each.node);
                let is_list = each.node.as_list().is_some();
                let is_placeholder = each
                    .node
                    .as_text()
                    .is_some_and(|text| template::placeholders(text).next().is_some());
                if !is_list && !is_placeholder {
                    let help = "[a, b], or '{values}'";
                    self.error(each.node.place, "`for` takes a list of values", help);
                }
                self.scope.define(&each.key);
                let steps = self.steps(nodes?, number);
                Some(Action::For {
                    variable: each.key.clone(),
                    values: each.node.to_value(),
                    steps,
                })
            }
            "repeat" => {
                let count = entries.value("repeat")?.as_u64()?;
                self.scope.define("index");
                Some(Action::Repeat { count, steps: self.steps(nodes?, number) })
            }
            "any-of" => {
                let steps = entries.node("any-of")?.as_list()?;
                Some(Action::AnyOf(self.steps(steps, number)))
            }
            _ => {
                let before = self.scope.clone();
                let mut branches = Vec::new();
                let mut after = before.clone();
                for (branch, index) in entries.node("parallel")?.as_list()?.iter().zip(1..) {
                    self.scope = before.clone();
                    branches.push(self.steps(branch.as_list()?, &format!("{number}.{index}")));
                    after.join(self.scope.clone());
                }
                self.scope = after;
                Some(Action::Parallel(branches))
            }
        }
    }

    fn act(&mut self, verb: &Verb, who: &Entry, arguments: Entries<'_>) -> Option<Action> {
        let actor = who.key.clone();
        let socket = arguments.text("socket").unwrap_or_else(|| actor.clone());
        let place = arguments.node("socket").map_or(who.place, |node| node.place);
        let credential = arguments.text("as");
        if !matches!(verb.name, "connect" | "fetch" | "walk")
            && let Err(stranger) = self.scope.check_socket(&socket, &actor)
        {
            self.stranger(place, stranger);
        }
        let send =
            |event: Value| Action::Send { socket: socket.clone(), frame: Outgoing::Event(event) };
        let action = match verb.name {
            "connect" => {
                let expect = self.answer(&arguments, HANDSHAKE, None);
                if self.scope.open(&socket, &actor) && !self.best_effort {
                    let help = "`reconnect` closes it first; `socket` gives a second one a name";
                    self.error(place, format!("the socket `{socket}` is open already"), help);
                }
                let room = arguments.text("room").unwrap_or_else(|| {
                    if self.scope.look_up("room.id").is_err() && !self.best_effort {
                        let help = "room: group above the steps, or `room` here: the id of one";
                        self.error(who.place, "there is no room to connect to", help);
                    }
                    "{room.id}".to_owned()
                });
                self.scope.disturb();
                Some(Action::Connect { actor, socket, room, credential, expect })
            }
            "reconnect" => {
                let expect = self.answer(&arguments, HANDSHAKE, None);
                self.scope.disturb();
                Some(Action::Reconnect { socket, credential, expect })
            }
            "disconnect" => {
                self.scope.close(&socket);
                self.scope.disturb();
                Some(Action::Disconnect { socket })
            }
            "say" => {
                self.message_id(arguments.node("reply_to"));
                self.scope.disturb();
                arguments.text("text").map(|text| Action::Say {
                    socket,
                    text,
                    reply_to: arguments.text("reply_to"),
                    save: arguments.text("save"),
                })
            }
            "fence" => {
                self.scope.fence();
                Some(Action::Fence { socket })
            }
            "typing" => {
                self.scope.disturb();
                let is_typing = arguments.value("is_typing").unwrap_or(Value::Bool(true));
                Some(send(json!({"type": "typing", "is_typing": is_typing})))
            }
            "read_receipt" => {
                self.message_id(arguments.node("message"));
                self.scope.disturb();
                let message = arguments.text("message");
                message.map(|id| send(json!({"type": "read_receipt", "message_id": id})))
            }
            "mark_room_read" => {
                self.scope.disturb();
                Some(send(json!({"type": "mark_room_read"})))
            }
            "send" => {
                self.sent(&arguments);
                self.scope.disturb();
                self.frame(who.place, &arguments).map(|frame| Action::Send { socket, frame })
            }
            "await" => arguments.text("event").and_then(|event| event.parse().ok()).map(|event| {
                let fields = arguments.value("fields").unwrap_or_else(|| json!({}));
                Action::Await { socket, event, fields }
            }),
            "expect" => self.event(&arguments).map(|(event, expectation)| Action::Expect {
                socket,
                event,
                expectation,
                save: arguments.text("save"),
            }),
            "expect-nothing" => {
                if !self.scope.is_fenced() {
                    let help = format!(
                        "put a fence before it, after what could have caused the event: \
                         {{ {actor}: fence }}; what has not come by then does not come"
                    );
                    self.error(who.place, "`expect-nothing` without a fence proves nothing", help);
                }
                self.event(&arguments).map(|(event, expectation)| Action::ExpectNothing {
                    socket,
                    event,
                    expectation,
                })
            }
            "fetch" => {
                let expect = self.answer(&arguments, ANSWER, None);
                arguments.text("url").map(|url| Action::Fetch { actor, url, expect })
            }
            _walk => {
                let call = self.call(Operation::MessagesList, &actor, who.place, &arguments);
                let between = arguments.node("between").and_then(Node::as_list).unwrap_or_default();
                Some(Action::Walk { call, between: self.steps(between, "between") })
            }
        };
        self.keep(&arguments);
        action
    }

    fn keep(&mut self, arguments: &Entries<'_>) {
        if let Some(name) = arguments.text("save") {
            self.scope.define(&name);
        }
    }

    fn frame(&mut self, place: Place, arguments: &Entries<'_>) -> Option<Outgoing> {
        match (arguments.value("event"), arguments.text("text"), arguments.text("binary")) {
            (Some(event), None, None) => Some(Outgoing::Event(event)),
            (None, Some(text), None) => Some(Outgoing::Text(text)),
            (None, None, Some(bytes)) => Some(Outgoing::Binary(bytes)),
            _ => {
                let help = "`event` is JSON, `text` a frame as it stands, `binary` a binary one";
                self.error(place, "`send` needs one of `event`, `text` and `binary`", help);
                None
            }
        }
    }

    fn call(
        &mut self,
        operation: Operation,
        actor: &str,
        place: Place,
        arguments: &Entries<'_>,
    ) -> Call {
        let spec = operation.spec();
        let query = arguments.node("query").and_then(Node::as_mapping).unwrap_or_default();
        for parameter in query {
            let names = spec.query.iter().map(|parameter| parameter.name);
            if !names.clone().any(|name| name == parameter.key) {
                let message = format!("`{operation}` documents no parameter `{}`", parameter.key);
                let help = suggestion(&parameter.key, names, "documented");
                self.report(Diagnostic::warning(parameter.place, message).help(help));
            }
        }
        let bodies = ["body", "raw", "form"];
        if let Some(second) = bodies.iter().filter_map(|key| arguments.entry(key)).nth(1) {
            let help = "one of `body`, `raw` and `form`";
            self.error(second.place, "a request has one body", help);
        }
        if arguments.entry("form").is_some() != arguments.entry("file").is_some() {
            let help = "`form` holds the fields, `file` what is attached";
            self.error(place, "`form` and `file` go together", help);
        }
        let form = arguments.node("form").zip(arguments.node("file"));
        let expect = self.answer(arguments, ANSWER, Some(spec.access));
        self.body(operation, place, arguments, expect.as_ref());
        let content_type =
            arguments.text("content_type").unwrap_or_else(|| "application/json".to_owned());
        Call {
            actor: actor.to_owned(),
            operation,
            at: arguments.value("at").map(|at| match at {
                Value::String(text) => text,
                other => other.to_string(),
            }),
            query: query.iter().map(|entry| (entry.key.clone(), entry.node.to_value())).collect(),
            body: arguments.value("body"),
            raw: arguments.text("raw").map(|text| (content_type, text)),
            form: form.and_then(|(fields, file)| Some((fields.to_value(), self.source(file)?))),
            credential: arguments.text("as"),
            save: arguments.text("save"),
            expect,
        }
    }

    fn source(&mut self, node: &Node) -> Option<FileSource> {
        let entries = self.entries("`file`", node.place, node.as_mapping()?, FILE_SOURCE);
        let bytes = match (entries.text("text"), entries.node("base64")) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(encoded)) => match STANDARD.decode(encoded.as_text()?) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!("this is no base64: {error}");
                    self.report(Diagnostic::error(encoded.place, message));
                    return None;
                }
            },
            _ => {
                let help = "the file's bytes, either way";
                self.error(node.place, "`file` needs one of `text` and `base64`", help);
                return None;
            }
        };
        Some(FileSource {
            name: entries.text("name")?,
            content_type: entries.text("content_type")?,
            bytes,
        })
    }
}
