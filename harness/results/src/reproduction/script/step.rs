//! The steps that a script repeats: what changed something, and what the finding shows.

use std::collections::HashMap;

use hearback_checker::Evidence;
use hearback_contract::Operation;
use hearback_history::{
    Call, CloseOrigin, Connection, Credential, CredentialKind, Frame, History, Outcome,
};

/// An action of an actor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'h> {
    /// Sends a request.
    Call(&'h Call),
    /// Opens a socket.
    Connect(&'h Connection),
    /// Sends a frame.
    Send(&'h Connection, &'h Frame),
    /// Closes a socket; with the position of the end in the journal.
    Close(&'h Connection, u64),
}

impl<'h> Step<'h> {
    /// Position in the journal.
    pub(super) fn seq(self) -> u64 {
        match self {
            Self::Call(call) => call.seq,
            Self::Connect(connection) => connection.seq,
            Self::Send(_, frame) => frame.seq,
            Self::Close(_, seq) => seq,
        }
    }

    /// The credential of a request or handshake.
    pub(super) fn credential(self) -> Option<&'h Credential> {
        match self {
            Self::Call(call) => Some(&call.invocation.credential),
            Self::Connect(connection) => Some(&connection.credential),
            Self::Send(..) | Self::Close(..) => None,
        }
    }
}

/// The requests and sockets of one scenario, in order.
#[derive(Default)]
pub(super) struct Traffic<'h> {
    pub(super) calls: Vec<&'h Call>,
    pub(super) connections: Vec<&'h Connection>,
}

impl<'h> Traffic<'h> {
    /// Everything in a history.
    pub(super) fn all(history: &'h History) -> Self {
        Self {
            calls: history.calls.iter().collect(),
            connections: history.connections.iter().collect(),
        }
    }

    /// Returns whether an actor logs in for the first time, which every script begins with.
    fn is_first_login(&self, call: &Call) -> bool {
        let actor = &call.invocation.actor;
        let mut calls = self.calls.iter().filter(|it| it.seq < call.seq && it.succeeded());
        let mut connections = self.connections.iter().filter(|it| it.seq < call.seq);
        call.operation() == Some(Operation::TokenObtain)
            && call.invocation.credential.kind == CredentialKind::Access
            && !calls.any(|it| it.invocation.actor == *actor)
            && !connections.any(|it| it.actor == *actor)
    }
}

/// The steps of a script, and what it shows.
pub(super) struct Plan<'h> {
    /// The steps, in the order of the journal.
    pub(super) steps: Vec<Step<'h>>,
    /// The last position in the journal that matters.
    pub(super) until: u64,
    /// Positions of the handshakes whose frames are shown in the end.
    pub(super) shown: Vec<u64>,
}

impl<'h> Plan<'h> {
    /// Every request and every socket.
    pub(super) fn whole(traffic: &Traffic<'h>) -> Self {
        let mut plan = Self { steps: Vec::new(), until: u64::MAX, shown: Vec::new() };
        let calls = traffic.calls.iter().filter(|it| is_heard(it) && !traffic.is_first_login(it));
        plan.steps.extend(calls.map(|call| Step::Call(call)));
        traffic.connections.iter().for_each(|connection| plan.connect(connection));
        plan.shown = traffic.connections.iter().map(|connection| connection.seq).collect();
        plan.sort();
        plan
    }

    /// The evidence, and what changed something before it.
    pub(super) fn of_evidence(traffic: &Traffic<'h>, evidence: &[Evidence<'h>]) -> Self {
        let ends = evidence.iter().map(|it| match it {
            Evidence::Connection(connection) => {
                let closing = connection.closed.as_ref().filter(|it| it.by != CloseOrigin::Client);
                closing.map_or(connection.seq, |closing| closing.seq)
            }
            other => other.seq(),
        });
        let until = ends.max().unwrap_or_default();
        let calls_shown: Vec<_> = evidence.iter().filter_map(call_of).collect();
        let is_shown = |call: &Call| calls_shown.iter().any(|it| it.seq == call.seq);
        let mut plan = Self { steps: Vec::new(), until, shown: Vec::new() };
        let before = traffic.calls.iter().filter(|call| {
            let matters = is_heard(call) && is_write(call) && !traffic.is_first_login(call);
            call.seq <= until && matters && !is_shown(call)
        });
        plan.steps.extend(before.map(|call| Step::Call(call)));
        plan.steps.extend(calls_shown.iter().map(|call| Step::Call(call)));
        let connections_shown: Vec<_> = evidence.iter().filter_map(connection_of).collect();
        for connection in connections_shown {
            if !plan.shown.contains(&connection.seq) {
                plan.shown.push(connection.seq);
                plan.connect(connection);
            }
        }
        for connection in &traffic.connections {
            let sends = connection.sent().any(|frame| frame.seq <= until);
            if connection.seq <= until && sends && !plan.is_connected(connection) {
                plan.connect(connection);
            }
        }
        plan.sort();
        plan
    }

    /// Adds a socket, with its frames and its end.
    pub(super) fn connect(&mut self, connection: &'h Connection) {
        self.steps.push(Step::Connect(connection));
        let sent = connection.sent().filter(|frame| frame.seq <= self.until);
        self.steps.extend(sent.map(|frame| Step::Send(connection, frame)));
        let closing = connection.closed.as_ref().filter(|it| it.by == CloseOrigin::Client);
        if let Some(closing) = closing.filter(|closing| closing.seq < self.until) {
            self.steps.push(Step::Close(connection, closing.seq));
        }
    }

    pub(super) fn is_connected(&self, connection: &Connection) -> bool {
        self.steps.iter().any(|it| matches!(it, Step::Connect(one) if one.seq == connection.seq))
    }

    pub(super) fn has(&self, call: &Call) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Call(it) if it.seq == call.seq))
    }

    /// Creates a room that a list of rooms shows, so that the list is not empty.
    pub(super) fn fill_lists(&mut self, creations: &HashMap<&str, &'h Call>) {
        let lists = self.steps.iter().filter_map(|step| match step {
            Step::Call(call) if call.operation() == Some(Operation::RoomsList) => {
                Some((*call, call.items()?))
            }
            _ => None,
        });
        let rooms = lists.filter_map(|(list, items)| {
            let ids = items.iter().filter_map(|item| item.get("id")?.as_str());
            let created = ids.filter_map(|id| creations.get(id).copied());
            // Anyone else may have added the actor later.
            created.min_by_key(|it| it.invocation.actor != list.invocation.actor)
        });
        let rooms: Vec<_> = rooms.filter(|creation| !self.has(creation)).collect();
        self.steps.extend(rooms.into_iter().map(Step::Call));
        self.sort();
    }

    pub(super) fn sort(&mut self) {
        self.steps.sort_by_key(|step| step.seq());
    }
}

fn call_of<'h>(evidence: &Evidence<'h>) -> Option<&'h Call> {
    match evidence {
        Evidence::Call(call) => Some(call),
        _ => None,
    }
}

fn connection_of<'h>(evidence: &Evidence<'h>) -> Option<&'h Connection> {
    match evidence {
        Evidence::Connection(connection) | Evidence::Frame(connection, _) => Some(connection),
        _ => None,
    }
}

/// Returns whether the target may have acted on a request, and said so in the way of the API.
fn is_heard(call: &Call) -> bool {
    call.excuse.is_none()
        && matches!(
            call.outcome,
            Outcome::Response { throttled_s: None, .. } | Outcome::Unknown { .. }
        )
}

/// Returns whether a request may change something. Refreshed tokens and failed logins change nothing.
fn is_write(call: &Call) -> bool {
    let invocation = &call.invocation;
    let is_own = invocation.credential.kind == CredentialKind::Access;
    match invocation.operation {
        Some(Operation::TokenRefresh) => false,
        Some(Operation::TokenObtain) => is_own,
        _ => !matches!(invocation.method.as_str(), "GET" | "HEAD" | "OPTIONS"),
    }
}
