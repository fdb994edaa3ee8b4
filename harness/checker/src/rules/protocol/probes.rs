//! Probes of connections, and what their outcomes show.
//!
//! A target that is slow answers a probe too late, like everything else. So silence after a probe
//! counts only if the next message that anyone sends in the room comes back in time.

use hearback_history::{CloseOrigin, Closing, Connection, Probe, ProbeOutcome, RecordedProbe};

use crate::model::SocketSend;
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// The first close code that RFC 6455 leaves to applications.
const FIRST_OF_APPLICATIONS: u16 = 3000;

/// The connections on which a probe of some kind was sent.
pub(super) fn probes<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
) -> impl Iterator<Item = (&'h Connection, &'h RecordedProbe)> {
    let established = input.model.sockets.all().map(|listener| listener.connection);
    established.flat_map(move |connection| {
        let probes = connection.probes.iter().filter(|probe| kinds.contains(&probe.probe));
        probes.map(move |probe| (connection, probe))
    })
}

/// Checks that each probe of a kind is answered, and that the connection survives it.
pub(super) fn expect_answers<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
    expected: &str,
    context: &mut RuleContext<'h>,
) {
    for (connection, probe) in probes(input, kinds) {
        let kind = probe.probe;
        let actual = match probe.outcome {
            None => {
                context.inconclusive(Reason::ObservedTooBriefly);
                continue;
            }
            Some(ProbeOutcome::Answered) => {
                context.held();
                continue;
            }
            Some(ProbeOutcome::TimedOut) if comes_back(input, connection, probe) => {
                context.held();
                continue;
            }
            Some(ProbeOutcome::TimedOut) if !is_responsive(input, connection, probe) => {
                context.inconclusive(Reason::ObservedTooBriefly);
                continue;
            }
            Some(ProbeOutcome::TimedOut) => "nothing arrived within the timeout",
            Some(ProbeOutcome::Ended) if is_outage(input, connection, probe) => {
                context.inconclusive(Reason::TargetUnavailable);
                continue;
            }
            Some(ProbeOutcome::Ended) if kind == Probe::Close => {
                "the connection ended without a close frame"
            }
            Some(ProbeOutcome::Ended) if is_of_target(connection) => "the target closed the socket",
            Some(ProbeOutcome::Ended) => {
                context.inconclusive(Reason::TargetUnavailable);
                continue;
            }
        };
        context
            .check(false, || Violation::new(kind.as_str(), expected, actual).evidence(connection));
    }
}

/// Checks that each invalid probe of a kind ends its connection.
pub(super) fn expect_end<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
    context: &mut RuleContext<'h>,
) {
    for (connection, probe) in probes(input, kinds) {
        match probe.outcome {
            Some(ProbeOutcome::Ended) => context.held(),
            Some(_) if is_responsive(input, connection, probe) => context.check(false, || {
                let (expected, actual) = ("the connection ends", "it stays open");
                Violation::new(probe.probe.as_str(), expected, actual).evidence(connection)
            }),
            _ => context.inconclusive(Reason::ObservedTooBriefly),
        }
    }
}

/// Checks the close code of the target after a probe: the expected one, and the one it sent.
///
/// Codes of unavailability and from 3000 on give a reason of the target's own, which may have
/// nothing to do with the probe.
pub(super) fn check_code<'h>(
    connection: &'h Connection,
    probe: &RecordedProbe,
    (expected, actual): (u16, Option<u16>),
    context: &mut RuleContext<'h>,
) {
    if actual.is_some_and(|code| code >= FIRST_OF_APPLICATIONS || Closing::is_of_outage(code)) {
        context.inconclusive(Reason::TargetUnavailable);
        return;
    }
    context.check(actual == Some(expected), || {
        let expected = format!("the close code is {expected}");
        let actual = actual.map_or("there is none".to_owned(), |code| format!("it is {code}"));
        Violation::new(probe.probe.as_str(), expected, actual).evidence(connection)
    });
}

/// The messages sent after a probe: the one in fragments, if the probe is one, and those of the
/// room.
fn sends_after<'h>(
    input: RuleInput<'h>,
    connection: &'h Connection,
    probe: &'h RecordedProbe,
) -> (Option<&'h SocketSend<'h>>, impl Iterator<Item = &'h SocketSend<'h>>) {
    let later =
        input.model.socket_sends.iter().filter(move |send| {
            send.connection.room == connection.room && send.frame.at >= probe.at
        });
    let own = later.clone().filter(|send| send.connection.id == connection.id);
    let fragments =
        own.min_by_key(|send| send.frame.seq).filter(|_| probe.probe == Probe::Fragments);
    let seq = fragments.map(|send| send.frame.seq);
    (fragments, later.filter(move |send| Some(send.frame.seq) != seq))
}

/// Returns whether the message in fragments came back, no matter when.
fn comes_back(input: RuleInput<'_>, connection: &Connection, probe: &RecordedProbe) -> bool {
    sends_after(input, connection, probe).0.is_some_and(|send| send.echo.is_some())
}

/// Returns whether the next message that anyone sent in the room came back in time.
fn is_responsive(input: RuleInput<'_>, connection: &Connection, probe: &RecordedProbe) -> bool {
    let next = sends_after(input, connection, probe).1.min_by_key(|send| send.frame.seq);
    next.and_then(|send| Some((send, send.echo?))).is_some_and(|(send, echo)| {
        echo.at.saturating_sub(send.frame.at) <= input.history.timeout()
    })
}

/// Returns whether the target ended the connection for a reason other than its own unavailability.
fn is_of_target(connection: &Connection) -> bool {
    let closing = connection.closed.as_ref();
    closing.is_some_and(|it| it.by == CloseOrigin::Server && !it.is_unavailability())
}

/// Returns whether connections without probes broke between a probe and shortly after the end of its connection: the
/// target, or a gateway, may have restarted.
fn is_outage(input: RuleInput<'_>, connection: &Connection, probe: &RecordedProbe) -> bool {
    let until = connection.closed_at().saturating_add(input.history.timeout());
    let others = input.model.sockets.all().map(|listener| listener.connection);
    let closings =
        others.filter(|other| other.probes.is_empty()).filter_map(|it| it.closed.as_ref());
    closings
        .filter(|closing| closing.by == CloseOrigin::Broken || closing.is_unavailability())
        .any(|closing| closing.at >= probe.at && closing.at <= until)
}

#[cfg(test)]
pub(super) mod testing {
    //! A socket of alice's, and probes on it.

    /// A probe of alice's, before a message of bob's that comes back.
    pub(in super::super) fn probed(probe: &str, outcome: &str) -> String {
        socket(&[
            "[4..4] bob@r1 open",
            &format!("[10..20] alice@r1 probe {probe} {outcome}"),
            r#"[30..30] bob@r1 -> {"type": "chat_message", "message": "later"}"#,
            r#"[31..31] bob@r1 <- @chat_message {"message": {"id": "$m9", "room_id": "$r1", "content": "later", "sender": {"id": 2}}}"#,
        ])
    }

    /// A probe of alice's that times out, before silence.
    pub(in super::super) fn silence_after(probe: &str) -> String {
        socket(&[&format!("[10..20] alice@r1 probe {probe} timed-out")])
    }

    pub(in super::super) fn socket(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [3..3] alice@r1 open
            {}
            "#,
            lines.join("\n")
        )
    }
}
