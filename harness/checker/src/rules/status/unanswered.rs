//! Calls without a response, by operation.
//!
//! The specification states no time limit: a call counts as unanswered if the run waited for its
//! whole `--timeout`. Connections that break are counted apart, because a lossy network breaks them
//! too.

use hearback_contract::Operation;
use hearback_history::{Call, Nanoseconds, Outcome, RunEnd};

use crate::rule::RuleInput;
use crate::violation::Violation;

/// Number of unanswered calls from which on an operation counts as never answering.
const MINIMUM_CALLS: usize = 3;

/// Coincidences less likely than this are ruled out.
const CHANCE: f64 = 1e-6;

/// The calls of one operation, by whether they were answered.
#[derive(Default)]
pub(super) struct Answers<'h> {
    pub(super) answered: u64,
    /// Calls that the run waited for until the timeout.
    pub(super) timed_out: Vec<&'h Call>,
    /// Calls whose connection broke, or whose response was not HTTP.
    pub(super) cut_off: Vec<&'h Call>,
}

impl<'h> Answers<'h> {
    fn of(input: RuleInput<'h>, operation: Operation) -> Self {
        let mut answers = Self::default();
        let timeout = input.history.timeout();
        let mut with_bad_tokens = Vec::new();
        for call in input.history.calls_of(operation) {
            // A request with a bad token is often answered by another component than one with a
            // good token.
            let counts = !operation.spec().authenticated || call.is_authorized();
            match &call.outcome {
                _ if !counts && call.is_unanswered(timeout) => with_bad_tokens.push(call),
                _ if !counts => {}
                Outcome::Response { .. } => answers.answered += 1,
                _ if call.is_unanswered(timeout) => answers.timed_out.push(call),
                Outcome::Unknown { gave_up_at: Some(_), .. } => answers.cut_off.push(call),
                _ => {}
            }
        }
        // The circuit breaker spares an operation that never responds, so few of its calls had a
        // good token.
        if answers.answered == 0 {
            answers.timed_out.extend(with_bad_tokens);
            answers.timed_out.sort_by_key(|call| call.seq);
        }
        // Calls in flight when the target went down say nothing about their operation.
        if matches!(input.history.end, Some(RunEnd::Aborted { .. })) {
            answers.cut_off.clear();
        }
        answers
    }

    /// Returns whether the operation never answers, and the network cannot be the reason.
    pub(super) fn is_never_answered(&self, network: &Network) -> bool {
        let unanswered = self.timed_out.len() + self.cut_off.len();
        let is_sure =
            self.timed_out.len() >= MINIMUM_CALLS || network.cannot_excuse(self.cut_off.len());
        self.answered == 0 && unanswered >= MINIMUM_CALLS && is_sure
    }
}

/// How often connections break for operations that do answer. A network that loses some connections
/// may lose all of the few calls that one operation had.
pub(super) struct Network {
    cut_off: usize,
    calls: usize,
}

impl Network {
    pub(super) fn of(all: &[(Operation, Answers<'_>)]) -> Self {
        let sound = all.iter().map(|(_, answers)| answers).filter(|answers| answers.answered > 0);
        sound.fold(Self { cut_off: 0, calls: 0 }, |sum, answers| {
            let cut_off = answers.cut_off.len();
            let calls = answers.answered as usize + cut_off;
            Self { cut_off: sum.cut_off + cut_off, calls: sum.calls + calls }
        })
    }

    /// Returns whether the loss of all `cut_off` calls of an operation is too unlikely to be a
    /// coincidence.
    fn cannot_excuse(&self, cut_off: usize) -> bool {
        if self.cut_off == 0 {
            return true;
        }
        let share = (self.cut_off + 1) as f64 / (self.calls + 1) as f64;
        share.powi(i32::try_from(cut_off).unwrap_or(i32::MAX)) < CHANCE
    }
}

/// The calls of every documented operation.
pub(super) fn answers_by_operation<'h>(input: RuleInput<'h>) -> Vec<(Operation, Answers<'h>)> {
    Operation::all().map(|operation| (operation, Answers::of(input, operation))).collect()
}

/// A violation for a call or handshake that was not answered until the timeout.
pub(super) fn timed_out<'h>(variant: &str, input: RuleInput<'_>) -> Violation<'h> {
    let expected = format!("an answer within {} (--timeout)", seconds(input.history.timeout()));
    Violation::new(variant, expected, "none came")
}

fn seconds(time: Nanoseconds) -> String {
    format!("{} s", time.as_secs_f64())
}
