//! Probes of connections, and what their outcomes show.

use hearback_history::{CloseOrigin, Connection, Probe, ProbeOutcome};

use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::violation::Violation;

/// The connections on which a probe of some kind was sent, and its outcome.
fn probes<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
) -> impl Iterator<Item = (&'h Connection, Probe, Option<ProbeOutcome>)> {
    let established = input.model.sockets.all().map(|listener| listener.connection);
    established.flat_map(move |connection| {
        let probes = connection.probes.iter().filter(|probe| kinds.contains(&probe.probe));
        probes.map(move |probe| (connection, probe.probe, probe.outcome))
    })
}

/// Checks that each probe of a kind is answered, and that the connection survives it.
pub(super) fn expect_answers<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
    expected: &str,
    context: &mut RuleContext<'h>,
) {
    for (connection, probe, outcome) in probes(input, kinds) {
        let actual = match outcome {
            None => {
                context.inconclusive(Reason::ObservedTooBriefly);
                continue;
            }
            Some(ProbeOutcome::Answered) => {
                context.held();
                continue;
            }
            Some(ProbeOutcome::TimedOut) => "nothing arrived within the timeout",
            Some(ProbeOutcome::Ended) if probe == Probe::Close => {
                "the connection ended without a close frame"
            }
            Some(ProbeOutcome::Ended) if is_of_target(connection) => "the target closed the socket",
            Some(ProbeOutcome::Ended) => {
                context.inconclusive(Reason::TargetUnavailable);
                continue;
            }
        };
        context
            .check(false, || Violation::new(probe.as_str(), expected, actual).evidence(connection));
    }
}

/// Checks that each invalid probe of a kind ends its connection.
pub(super) fn expect_end<'h>(
    input: RuleInput<'h>,
    kinds: &'static [Probe],
    context: &mut RuleContext<'h>,
) {
    for (connection, probe, outcome) in probes(input, kinds) {
        let Some(outcome) = outcome else {
            context.inconclusive(Reason::ObservedTooBriefly);
            continue;
        };
        context.check(outcome == ProbeOutcome::Ended, || {
            let (expected, actual) = ("the connection ends", "it stays open");
            Violation::new(probe.as_str(), expected, actual).evidence(connection)
        });
    }
}

/// Returns whether the target ended the connection for a reason other than its own unavailability.
fn is_of_target(connection: &Connection) -> bool {
    let closing = connection.closed.as_ref();
    closing.is_some_and(|it| it.by == CloseOrigin::Server && !it.is_unavailability())
}

#[cfg(test)]
pub(super) mod testing {
    //! A socket of alice's, and probes on it.

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
