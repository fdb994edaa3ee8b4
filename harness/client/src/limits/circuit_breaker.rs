//! Not asking on and on for what is never answered: each time costs the whole timeout.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hearback_contract::Operation;
use parking_lot::Mutex;

use crate::failure::{Failure, FailureKind};

/// Unanswered times in a row after which something that was never answered is not asked for again.
const NEVER_ANSWERED: u32 = 3;

/// The same, for what was answered before: a target may stand still for a while.
const ANSWERED_BEFORE: u32 = 24;

/// So many things that are never answered make it likely of all others.
const MANY: usize = 3;

/// How long after an unanswered time it is tried once whether the silence has ended.
const BETWEEN_PROBES: Duration = Duration::from_secs(20);

/// What can be left unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// An operation.
    Operation(Operation),
    /// A socket, by its handshake and by what it says first.
    Socket,
    /// What is said on a socket, by what is heard of it.
    Message,
}

/// What the target leaves unanswered.
///
/// Once that is sure, one request still goes out now and then, so that an end of the silence is noticed;
/// all others are spared.
#[derive(Debug)]
pub(crate) struct Silence {
    spares: bool,
    records: Mutex<HashMap<Asked, Record>>,
}

#[derive(Debug, Default)]
struct Record {
    was_answered: bool,
    /// Unanswered times since the last answer.
    in_a_row: u32,
    next_probe: Option<Instant>,
}

impl Record {
    fn is_never_answered(&self) -> bool {
        !self.was_answered && self.in_a_row >= NEVER_ANSWERED
    }

    fn is_silent(&self, among_silent: bool) -> bool {
        let limit = match self.was_answered {
            true => ANSWERED_BEFORE,
            false if among_silent => 1,
            false => NEVER_ANSWERED,
        };
        self.in_a_row >= limit
    }
}

/// A request that may go out; it is to be told what became of it.
#[derive(Debug)]
pub struct Permit<'s> {
    circuit_breaker: &'s Silence,
    asked: Option<Asked>,
}

impl Silence {
    /// Nothing is unanswered yet. Unless it `spares`, there is always leave to ask.
    pub(crate) fn new(spares: bool) -> Self {
        Self { spares, records: Mutex::default() }
    }

    /// Leave to ask; requests that are no operation always have it.
    ///
    /// # Errors
    /// If nothing answers this, as far as is known.
    pub(crate) fn ask(&self, asked: Option<Asked>) -> Result<Permit<'_>, Failure> {
        self.ask_at(asked, Instant::now())
    }

    fn ask_at(&self, asked: Option<Asked>, now: Instant) -> Result<Permit<'_>, Failure> {
        if let Some(asked) = asked {
            let mut records = self.records.lock();
            let silent = records.values().filter(|record| record.is_never_answered()).count();
            let record = records.entry(asked).or_default();
            if self.spares && record.is_silent(silent >= MANY) {
                if record.next_probe.is_some_and(|next| now < next) {
                    return Err(asked.unanswered(record.in_a_row));
                }
                record.next_probe = Some(now + BETWEEN_PROBES);
            }
        }
        Ok(self.question(asked))
    }

    /// What was asked for before.
    pub(crate) fn question(&self, asked: Option<Asked>) -> Permit<'_> {
        Permit { circuit_breaker: self, asked }
    }
}

impl Asked {
    fn unanswered(self, in_a_row: u32) -> Failure {
        let what = match self {
            Self::Operation(operation) => operation.id(),
            Self::Socket => "opening a socket",
            Self::Message => "what was said by socket",
        };
        Failure {
            kind: FailureKind::TimedOut,
            text: format!("not sent: {what} was not answered {in_a_row} times in a row"),
            maybe_done: false,
        }
    }
}

impl Permit<'_> {
    /// Something came.
    pub fn answered(self) {
        self.note(|record| {
            record.was_answered = true;
            record.in_a_row = 0;
        });
    }

    /// Nothing came for as long as one waits.
    pub fn unanswered(self) {
        self.note(|record| {
            record.in_a_row += 1;
            record.next_probe = Some(Instant::now() + BETWEEN_PROBES);
        });
    }

    /// Nothing came; only what took too long is a silence.
    pub(crate) fn failed(self, failure: &Failure) {
        if failure.kind == FailureKind::TimedOut {
            self.unanswered();
        }
    }

    fn note(&self, change: impl FnOnce(&mut Record)) {
        if let Some(asked) = self.asked {
            change(self.circuit_breaker.records.lock().entry(asked).or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const STATS: Option<Asked> = Some(Asked::Operation(Operation::RoomsStats));

    fn time_out(circuit_breaker: &Silence, times: u32) {
        (0..times).for_each(|_| leave(circuit_breaker, STATS));
    }

    fn leave(circuit_breaker: &Silence, asked: Option<Asked>) {
        let failure = Failure::timed_out("it", Duration::from_secs(5));
        circuit_breaker.ask(asked).unwrap().failed(&failure);
    }

    #[test]
    fn among_many_silent_ones_one_time_is_enough() {
        let circuit_breaker = Silence::new(true);
        let others = [Operation::RoomsGet, Operation::RoomsLeave, Operation::MessagesGet];
        for operation in others.map(Asked::Operation) {
            (0..NEVER_ANSWERED).for_each(|_| leave(&circuit_breaker, Some(operation)));
        }
        time_out(&circuit_breaker, 1);
        assert!(circuit_breaker.ask(STATS).is_err());
    }

    #[test]
    fn what_is_never_answered_is_asked_for_now_and_then() {
        let circuit_breaker = Silence::new(true);
        time_out(&circuit_breaker, NEVER_ANSWERED);
        let spared = circuit_breaker.ask(STATS).unwrap_err();
        assert_eq!(spared.text, "not sent: rooms.stats was not answered 3 times in a row");
        assert!(!spared.maybe_done);
        assert!(circuit_breaker.ask(Some(Asked::Socket)).is_ok());
        assert!(circuit_breaker.ask(None).is_ok());
        let later = Instant::now() + BETWEEN_PROBES;
        let probe = circuit_breaker.ask_at(STATS, later).unwrap();
        assert!(circuit_breaker.ask_at(STATS, later).is_err());
        probe.answered();
        assert!((0..5).map(|_| circuit_breaker.ask(STATS)).all(|question| question.is_ok()));
    }

    #[test]
    fn what_was_answered_before_is_given_more_time() {
        let circuit_breaker = Silence::new(true);
        circuit_breaker.ask(STATS).unwrap().answered();
        time_out(&circuit_breaker, ANSWERED_BEFORE - 1);
        let together = (circuit_breaker.ask(STATS), circuit_breaker.ask(STATS));
        assert!(together.0.is_ok() && together.1.is_ok());
        time_out(&circuit_breaker, 1);
        assert!(circuit_breaker.ask(STATS).is_err());
    }

    #[test]
    fn a_schedule_is_kept_all_the_same() {
        let circuit_breaker = Silence::new(false);
        time_out(&circuit_breaker, 9 * ANSWERED_BEFORE);
    }

    #[test]
    fn broken_connections_are_no_silence() {
        let circuit_breaker = Silence::new(true);
        let broken = Failure {
            kind: FailureKind::Broken,
            ..Failure::timed_out("it", Duration::from_secs(5))
        };
        (0..9).for_each(|_| circuit_breaker.ask(STATS).unwrap().failed(&broken));
        assert!(circuit_breaker.ask(STATS).is_ok());
    }
}
