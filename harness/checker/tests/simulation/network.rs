//! The simulated network: it delays requests and frames, loses some of them, and records all events as
//! hearback would.

use std::collections::BTreeMap;

use fastrand::Rng;
use hearback_contract::{RequestBody, UserId};
use hearback_history::{
    CallId, CloseOrigin, Credential, CredentialKind, Event, EventKind, Invocation, Nanoseconds,
    RunEnd, RunStart,
};
use hearback_testkit::dsl;
use serde_json::Value;

use super::server::{Request, Server};
use super::sockets::{Socket, connection};
use super::state::{Readings, State, username};
use super::users::Behavior;

/// Maximum delay of a request or a frame, in nanoseconds; far below the timeout.
const MAX_DELAY: u64 = 2_000_000;
/// Timeout of the recorded run, in milliseconds.
const TIMEOUT_MS: u64 = 30;
/// Time after which a request fails, in nanoseconds.
const REQUEST_TIMEOUT: u64 = 5_000_000;

/// A scheduled step of the simulation.
#[derive(Debug)]
pub(crate) enum Task {
    /// A user takes the next step.
    Act(usize),
    /// The server performs a request.
    Apply {
        call: CallId,
        user: usize,
        request: Request,
        is_answered: bool,
        is_authorized: bool,
    },
    Return {
        call: CallId,
        user: usize,
        request: Request,
        status: u16,
        body: Value,
    },
    Fail {
        call: CallId,
        user: usize,
        maybe_done: bool,
    },
    /// The server decides on a handshake.
    Open(usize),
    Opened(usize),
    Refused(usize),
    /// The server handles a frame.
    Handle(usize, Value),
    Deliver(usize, Value),
    /// The server's close frame arrives.
    Closed(usize),
}

/// The ids that users received in responses and events.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) rooms: Vec<String>,
    pub(crate) messages: Vec<String>,
    pub(crate) participants: Vec<i64>,
}

/// The next step of a user.
pub(crate) enum Step {
    Call(Request),
    Open(String),
    Send(usize, Value),
    Close(usize),
    Wait,
}

/// The state of a running simulation.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) rng: Rng,
    pub(crate) server: Server,
    pub(crate) sockets: Vec<Socket>,
    pub(crate) known: Known,
    /// The next page to request, for each user.
    pub(crate) next_pages: Vec<Option<Request>>,
    pub(crate) behavior: Behavior,
    /// User ids. A user with several devices appears several times.
    pub(crate) users: Vec<i64>,
    pub(crate) now: u64,
    calls: u64,
    tasks: BTreeMap<(u64, u64), Task>,
    scheduled: u64,
    events: Vec<Event>,
}

impl Network {
    pub(crate) fn new(rng: Rng, readings: Readings, behavior: Behavior, users: Vec<i64>) -> Self {
        let state = State { readings, rooms: Vec::new(), messages: Vec::new(), members: 0 };
        let mut network = Self {
            rng,
            server: Server::new(state),
            sockets: Vec::new(),
            known: Known::default(),
            next_pages: users.iter().map(|_| None).collect(),
            behavior,
            users,
            now: 0,
            calls: 0,
            tasks: BTreeMap::new(),
            scheduled: 0,
            events: Vec::new(),
        };
        network.record(EventKind::RunStarted(Box::new(RunStart {
            run: "simulation".to_owned(),
            version: String::new(),
            specification: hearback_contract::SPECIFICATION_VERSION.to_owned(),
            target: "http://target.test/api".to_owned(),
            socket: "ws://target.test/ws".to_owned(),
            target_options: None,
            seed: 0,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            timeout_ms: TIMEOUT_MS,
            selection: Vec::new(),
            shard: None,
            depth: None,
            contract: None,
            host: None,
        })));
        for (actor, user_id) in dsl::ACTORS.iter().zip(1..) {
            network.record(EventKind::ActorKnown {
                actor: (*actor).into(),
                user_id: Some(UserId::new(user_id)),
                username: Some((*actor).to_owned()),
            });
        }
        network
    }

    /// Runs `steps` steps of all users together, and then everything that is scheduled.
    pub(crate) fn run(
        mut self,
        mut steps: usize,
        mut next: impl FnMut(&mut Self, usize) -> Step,
    ) -> Vec<Event> {
        for user in 0..self.users.len() {
            self.later(Task::Act(user));
        }
        while let Some(((at, _), task)) = self.tasks.pop_first() {
            self.now = at;
            match task {
                Task::Act(_) if steps == 0 => {}
                Task::Act(user) => {
                    steps -= 1;
                    let step = next(&mut self, user);
                    self.begin(user, step);
                }
                task => self.perform(task),
            }
        }
        self.now += 2 * TIMEOUT_MS * 1_000_000;
        self.record(EventKind::RunEnded(RunEnd::Completed));
        self.events
    }

    fn begin(&mut self, user: usize, step: Step) {
        match step {
            Step::Call(request) => return self.call(user, request),
            Step::Open(room) => self.connect(user, room),
            Step::Send(socket, event) => {
                let connection = connection(socket);
                self.record(EventKind::Sent { connection, frame: event.to_string().into() });
                let at = self.after(self.sockets[socket].handled);
                self.sockets[socket].handled = at;
                self.schedule(at, Task::Handle(socket, event));
            }
            Step::Close(socket) => {
                self.close(socket, CloseOrigin::Client);
                // Frames that are not handled yet may be lost.
                self.sockets[socket].is_ended = self.rng.bool();
            }
            Step::Wait => {}
        }
        self.later(Task::Act(user));
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Act(_) => {}
            Task::Apply { call, user, request, is_answered, is_authorized } => {
                let (status, body, effects) = if is_authorized {
                    self.server.answer(self.now, self.users[user], &request)
                } else {
                    (401, serde_json::json!({"error": "Unauthorized", "detail": "No."}), vec![])
                };
                self.take_effect(effects, None);
                if is_answered {
                    self.later(Task::Return { call, user, request, status, body });
                }
            }
            Task::Return { call, user, request, status, body } => {
                self.learn(&body);
                self.follow_next_page(user, request, &body);
                self.record(EventKind::Returned {
                    call,
                    status,
                    content_type: Some("application/json".to_owned()),
                    headers: Vec::new(),
                    throttled_s: None,
                    body: body.to_string().into(),
                    truncated: false,
                });
                self.later(Task::Act(user));
            }
            Task::Fail { call, user, maybe_done } => {
                self.next_pages[user] = None;
                self.record(EventKind::Failed { call, error: "lost".to_owned(), maybe_done });
                self.later(Task::Act(user));
            }
            Task::Open(socket) => self.open(socket),
            Task::Opened(socket) => {
                self.record(EventKind::Connected { connection: connection(socket) });
                self.sockets[socket].is_open = true;
            }
            Task::Refused(socket) => self.record(EventKind::ConnectFailed {
                connection: connection(socket),
                status: Some(404),
                throttled_s: None,
                error: "rejected".to_owned(),
            }),
            Task::Handle(socket, event) => {
                let Socket { user, room, is_ended, .. } = &self.sockets[socket];
                if !is_ended {
                    let (user, room) = (*user, room.clone());
                    let effects = self.server.handle(self.now, user, &room, &event);
                    self.take_effect(effects, Some(socket));
                }
            }
            Task::Deliver(socket, event) => {
                if self.sockets[socket].is_open {
                    self.learn(&event);
                    let connection = connection(socket);
                    self.record(EventKind::Received {
                        connection,
                        frame: event.to_string().into(),
                    });
                }
            }
            Task::Closed(socket) => {
                if self.sockets[socket].is_open {
                    self.close(socket, CloseOrigin::Server);
                }
            }
        }
    }

    fn call(&mut self, user: usize, request: Request) {
        self.calls += 1;
        let call = CallId(self.calls);
        let is_authorized = self.rng.u8(..100) >= 2;
        let kind = if is_authorized { CredentialKind::Access } else { CredentialKind::Tampered };
        self.record(EventKind::Invoked(invocation(call, self.users[user], kind, &request).into()));
        let apply = |is_answered| Task::Apply { call, user, request, is_answered, is_authorized };
        match self.rng.u8(..100) {
            0..3 => self
                .schedule(self.now + REQUEST_TIMEOUT, Task::Fail { call, user, maybe_done: true }),
            3..6 => {
                // The server may perform it long after the request failed.
                let at = self.now + self.rng.u64(1..3 * REQUEST_TIMEOUT);
                self.schedule(at, apply(false));
                self.schedule(
                    self.now + REQUEST_TIMEOUT,
                    Task::Fail { call, user, maybe_done: true },
                );
            }
            6 => self.later(Task::Fail { call, user, maybe_done: false }),
            _ => self.later(apply(true)),
        }
    }

    /// Schedules the page that `next` links to, most of the time.
    fn follow_next_page(&mut self, user: usize, mut request: Request, body: &Value) {
        let next = body.get("next").and_then(Value::as_str);
        let page = next.and_then(|link| {
            let (_, rest) = link.split_once("?page=")?;
            Some(rest.split('&').next().unwrap_or(rest).to_owned())
        });
        self.next_pages[user] = page.filter(|_| self.rng.u8(..10) > 0).map(|page| {
            request.query.retain(|(name, _)| name != "page");
            request.query.push(("page".to_owned(), page));
            request
        });
    }

    /// Remembers every id in a body.
    fn learn(&mut self, value: &Value) {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let has = |name| value.get(name).is_some();
        match text("id") {
            Some(id) if has("participants") => self.known.rooms.push(id),
            Some(id) if has("content") => self.known.messages.push(id),
            _ => {}
        }
        if let Some(id) = value.get("id").and_then(Value::as_i64).filter(|_| has("joined_at")) {
            self.known.participants.push(id);
        }
        for name in ["results", "participants"] {
            for item in value.get(name).and_then(Value::as_array).into_iter().flatten() {
                self.learn(item);
            }
        }
        if let Some(message) = value.get("message").filter(|message| message.is_object()) {
            self.learn(message);
        }
    }

    pub(crate) fn record(&mut self, kind: EventKind) {
        let seq = self.events.len() as u64;
        self.events.push(Event { seq, at: Nanoseconds::new(self.now), kind });
    }

    /// Returns a random time soon after now, and after `at`.
    pub(crate) fn after(&mut self, at: u64) -> u64 {
        (self.now + self.rng.u64(1..MAX_DELAY)).max(at + 1)
    }

    pub(crate) fn later(&mut self, task: Task) {
        let at = self.after(self.now);
        self.schedule(at, task);
    }

    pub(crate) fn schedule(&mut self, at: u64, task: Task) {
        self.scheduled += 1;
        self.tasks.insert((at, self.scheduled), task);
    }
}

fn invocation(call: CallId, user: i64, kind: CredentialKind, request: &Request) -> Invocation {
    let spec = request.operation.spec();
    let parameters: Vec<_> = request.parameters.iter().map(String::as_str).collect();
    Invocation {
        call,
        scenario: "simulation".into(),
        actor: username(user).into(),
        operation: Some(request.operation),
        credential: Credential { kind, owner: username(user).into() },
        method: spec.method.as_str().to_owned(),
        path: spec.path_with(&parameters),
        path_parameters: request.parameters.clone(),
        query: request.query.clone(),
        content_type: (spec.body != RequestBody::None).then(|| "application/json".to_owned()),
        body: request.body.as_ref().map(|body| body.to_string().into()),
        attempt: 1,
    }
}
