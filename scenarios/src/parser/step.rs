//! Steps: control steps, actions, and operations.

use hearback_contract::{Access, Operation, UnknownId};
use hearback_history::Probe;
use serde_json::{Value, json};

use super::value::duration;
use super::{Entries, Parser};
use crate::diagnostic::listed;
use crate::grammar::{
    ACTIONS, ActionSpec, CONTROLS, HANDSHAKE, Key, RESPONSE, action, action_names, keys_of,
    step_keys,
};
use crate::step::{Action, Outgoing, Step};
use crate::syntax::{Entry, Node, Span};
use crate::template;

impl Parser<'_> {
    pub(super) fn steps(&mut self, nodes: &[Node], parent: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        for (node, index) in nodes.iter().zip(1..) {
            let number = match parent {
                "" => format!("{index}"),
                parent => format!("{parent}.{index}"),
            };
            if let Some(action) = self.step(node, &number) {
                steps.push(Step { number, line: node.span.line, action });
            }
        }
        steps
    }

    fn step(&mut self, node: &Node, number: &str) -> Option<Action> {
        let Some(entries) = node.as_mapping().filter(|entries| !entries.is_empty()) else {
            let help = "for example `{ alice: rooms.list }`, or a step with `for`, `repeat`, \
                        `parallel`, `any-of`, `pause` or `until`";
            self.error(node.span, "invalid step: expected an actor and an action", help);
            return None;
        };
        let control = |entry: &Entry| CONTROLS.iter().find(|control| control.name == entry.key);
        if let Some((first, control)) =
            entries.iter().find_map(|entry| Some((entry, control(entry)?)))
        {
            return self.control(control, first.span, entries, number);
        }
        let keys = step_keys();
        let is_actor = |entry: &&Entry| self.actors.contains(&entry.key);
        let is_unknown = |entry: &&Entry| !keys.iter().any(|key| key.name == entry.key);
        let Some(actor) = entries.iter().find(is_actor) else {
            match entries.iter().find(is_unknown) {
                Some(unknown) => self.unknown_actor(unknown.span, &unknown.key),
                None => {
                    let actors = self.actors.join(", ");
                    let help = format!("begin the step with an actor: {actors}");
                    self.error(entries[0].span, "missing actor", help);
                }
            }
            return None;
        };
        let others = || entries.iter().filter(|entry| entry.span != actor.span);
        if let Some(second) = others().find(|entry| self.actors.contains(&entry.key)) {
            let help = "for actions at the same time, use `parallel`";
            self.error(second.span, "a step has only one actor", help);
            return None;
        }
        let Some(name) = actor.node.as_text() else {
            let message = format!("missing action of {}", actor.key);
            self.error(actor.node.span, message, all_actions());
            return None;
        };
        if let Some(action) = action(name) {
            let arguments = self.arguments(name, actor.span, others(), action.keys);
            return self.action(action, actor, arguments);
        }
        let Ok(operation) = name.parse::<Operation>() else {
            let error = UnknownId::new("action", name, action_names());
            self.error(actor.node.span, error.to_string(), all_actions());
            return None;
        };
        let spec = operation.spec();
        if let Some(at) = others().find(|entry| entry.key == "at")
            && spec.path_parameters().next().is_none()
        {
            let help = format!("remove `at`; the path of `{operation}` is {}", spec.path);
            self.error(at.span, format!("the path of `{operation}` has no parameter"), help);
        }
        let is_known =
            |entry: &&Entry| entry.key != "at" || spec.path_parameters().next().is_some();
        let arguments =
            self.arguments(name, actor.span, others().filter(is_known), &keys_of(operation));
        let call = self.call(operation, &actor.key, actor.span, &arguments);
        if spec.access == Access::Write {
            self.scope.invalidate_fence();
        }
        self.define_saved(&arguments);
        Some(Action::Call(call))
    }

    /// The keys of a step other than the actor, with their placeholders checked.
    fn arguments<'n>(
        &mut self,
        action: &str,
        span: Span,
        entries: impl Iterator<Item = &'n Entry>,
        keys: &[Key],
    ) -> Entries<'n> {
        let arguments = self.entries(&format!("`{action}`"), span, entries, keys);
        for entry in &arguments.0 {
            self.placeholders(&entry.node);
        }
        arguments
    }

    fn control(
        &mut self,
        control: &ActionSpec,
        span: Span,
        entries: &[Entry],
        number: &str,
    ) -> Option<Action> {
        let what = format!("`{}`", control.name);
        let entries = self.entries(&what, span, entries, control.keys);
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
                    let help = "for example `[a, b]`, or a placeholder: `'{values}'`";
                    self.error(each.node.span, "invalid values of `for`: expected a list", help);
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
            "pause" => entries.text("pause").as_deref().and_then(duration).map(Action::Pause),
            "until" => {
                self.placeholders(entries.node("until")?);
                let within = entries.text("within").as_deref().and_then(duration)?;
                entries.text("until").map(|time| Action::Until { time, within })
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
                    after.merge(self.scope.clone());
                }
                self.scope = after;
                Some(Action::Parallel(branches))
            }
        }
    }

    fn action(
        &mut self,
        spec: &ActionSpec,
        entry: &Entry,
        arguments: Entries<'_>,
    ) -> Option<Action> {
        let actor = entry.key.clone();
        let socket = arguments.text("socket").unwrap_or_else(|| actor.clone());
        let span = arguments.node("socket").map_or(entry.span, |node| node.span);
        let credential = arguments.text("as");
        if !matches!(spec.name, "connect" | "fetch" | "walk" | "request")
            && let Err(error) = self.scope.check_socket(&socket, &actor)
        {
            self.scope_error(span, error);
        }
        let send =
            |event: Value| Action::Send { socket: socket.clone(), frame: Outgoing::Event(event) };
        let action = match spec.name {
            "connect" => {
                let expect = self.response_expectation(&arguments, HANDSHAKE, None);
                self.check_handshake_fields(&arguments);
                if self.scope.open(&socket, &actor) && !self.best_effort {
                    let help = "use `reconnect`, or name the second socket with `socket`";
                    self.error(span, format!("socket `{socket}` is already open"), help);
                }
                let room = arguments.text("room").unwrap_or_else(|| {
                    if self.scope.look_up("room.id").is_err() && !self.best_effort {
                        let help = "add `room: group` to the scenario, or `room` to this step";
                        self.error(entry.span, "missing room to connect to", help);
                    }
                    "{room.id}".to_owned()
                });
                self.scope.invalidate_fence();
                let origin = arguments.text("origin");
                let offers_compression = arguments.value("compression") == Some(Value::Bool(true));
                Some(Action::Connect {
                    actor,
                    socket,
                    room,
                    credential,
                    origin,
                    offers_compression,
                    expect,
                })
            }
            "reconnect" => {
                let expect = self.response_expectation(&arguments, HANDSHAKE, None);
                self.check_handshake_fields(&arguments);
                self.scope.invalidate_fence();
                Some(Action::Reconnect { socket, credential, expect })
            }
            "disconnect" => {
                self.scope.close(&socket);
                self.scope.invalidate_fence();
                Some(Action::Disconnect { socket })
            }
            "say" => {
                self.check_message_id(arguments.node("reply_to"));
                self.scope.invalidate_fence();
                arguments.text("text").map(|text| Action::Say {
                    socket,
                    text,
                    reply_to: arguments.text("reply_to"),
                    save: arguments.text("save"),
                })
            }
            "fence" => {
                self.scope.set_fence();
                Some(Action::Fence { socket })
            }
            "typing" => {
                self.scope.invalidate_fence();
                let is_typing = arguments.value("is_typing").unwrap_or(Value::Bool(true));
                Some(send(json!({"type": "typing", "is_typing": is_typing})))
            }
            "read_receipt" => {
                self.check_message_id(arguments.node("message"));
                self.scope.invalidate_fence();
                let message = arguments.text("message");
                message.map(|id| send(json!({"type": "read_receipt", "message_id": id})))
            }
            "mark_room_read" => {
                self.scope.invalidate_fence();
                Some(send(json!({"type": "mark_room_read"})))
            }
            "send" => {
                self.check_event(&arguments);
                self.scope.invalidate_fence();
                self.frame(entry.span, &arguments).map(|frame| Action::Send { socket, frame })
            }
            "probe" => {
                self.scope.invalidate_fence();
                let probe: Option<Probe> = arguments.text("kind").and_then(|it| it.parse().ok());
                if probe.is_some_and(|probe| probe == Probe::Close || probe.is_invalid()) {
                    self.scope.close(&socket);
                }
                probe.map(|probe| Action::Probe { socket, probe })
            }
            "request" => {
                let operation: Operation = arguments.text("operation")?.parse().ok()?;
                let spec = operation.spec();
                if arguments.text("method").as_deref() == Some("PUT") && spec.access == Access::Read
                {
                    let help = "use an operation whose path has no other method than POST";
                    self.error(entry.span, "PUT may replace what it names", help);
                }
                let query = arguments.node("query").and_then(Node::as_mapping).unwrap_or_default();
                arguments.text("method").map(|method| Action::Request {
                    actor,
                    method,
                    operation,
                    at: arguments.text("at"),
                    query: query
                        .iter()
                        .map(|entry| (entry.key.clone(), entry.node.to_value()))
                        .collect(),
                })
            }
            "await" => arguments.text("event").and_then(|event| event.parse().ok()).map(|event| {
                let fields = arguments.value("fields").unwrap_or_else(|| json!({}));
                Action::Await { socket, event, fields }
            }),
            "expect" => self.event_expectation(&arguments).map(|(event, expectation)| {
                Action::Expect { socket, event, expectation, save: arguments.text("save") }
            }),
            "expect-nothing" => {
                if !self.scope.is_fenced() {
                    let help = format!(
                        "after the actions that could cause the event, add {{ {actor}: fence }}: \
                         events that have not arrived by then do not arrive any more"
                    );
                    let message = "`expect-nothing` proves nothing without a fence before it";
                    self.error(entry.span, message, help);
                }
                self.event_expectation(&arguments).map(|(event, expectation)| {
                    Action::ExpectNothing { socket, event, expectation }
                })
            }
            "fetch" => {
                let expect = self.response_expectation(&arguments, RESPONSE, None);
                let credential = arguments.text("as");
                arguments.text("url").map(|url| Action::Fetch { actor, url, credential, expect })
            }
            _walk => {
                let call = self.call(Operation::MessagesList, &actor, entry.span, &arguments);
                let between = arguments.node("between").and_then(Node::as_list).unwrap_or_default();
                Some(Action::Walk { call, between: self.steps(between, "between") })
            }
        };
        self.define_saved(&arguments);
        action
    }

    fn define_saved(&mut self, arguments: &Entries<'_>) {
        if let Some(name) = arguments.text("save") {
            self.scope.define(&name);
        }
    }

    fn frame(&mut self, span: Span, arguments: &Entries<'_>) -> Option<Outgoing> {
        match (arguments.value("event"), arguments.text("text"), arguments.text("binary")) {
            (Some(event), None, None) => Some(Outgoing::Event(event)),
            (None, Some(text), None) => Some(Outgoing::Text(text)),
            (None, None, Some(bytes)) => Some(Outgoing::Binary(bytes)),
            _ => {
                let help = "`event` is JSON, `text` the content of a text frame, `binary` the one \
                            of a binary frame";
                self.error(span, "`send` requires one of `event`, `text` and `binary`", help);
                None
            }
        }
    }
}

fn all_actions() -> String {
    let others = listed("other actions", ACTIONS.iter().map(|action| action.name));
    format!("`hearback list operations` lists the operations; {others}")
}
