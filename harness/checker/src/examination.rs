//! Collecting what a rule sees.

use hearback_contract::RequirementId;
use hearback_history::{Call, Connection, Expectation, Frame, History};
use indexmap::IndexMap;

use crate::reproduction;
use crate::verdict::{Finding, State, Verdict};

/// An event that shows something.
#[derive(Clone, Copy, Debug)]
pub enum Witness<'h> {
    /// A request and its response.
    Call(&'h Call),
    /// A frame of a connection.
    Frame(&'h Connection, &'h Frame),
    /// A handshake, or the whole connection.
    Connection(&'h Connection),
    /// Something that a scenario looked at.
    Expectation(&'h Expectation),
}

impl Witness<'_> {
    /// Position in the journal.
    pub fn seq(self) -> u64 {
        match self {
            Self::Call(call) => call.seq,
            Self::Frame(_, frame) => frame.seq,
            Self::Connection(connection) => connection.seq,
            Self::Expectation(expectation) => expectation.seq,
        }
    }

    fn script(self) -> String {
        match self {
            Self::Call(call) => call.invocation.script.to_string(),
            Self::Frame(connection, _) | Self::Connection(connection) => {
                connection.script.to_string()
            }
            Self::Expectation(expectation) => expectation.expected.script.to_string(),
        }
    }
}

impl<'h> From<&'h Call> for Witness<'h> {
    fn from(call: &'h Call) -> Self {
        Self::Call(call)
    }
}

impl<'h> From<(&'h Connection, &'h Frame)> for Witness<'h> {
    fn from((connection, frame): (&'h Connection, &'h Frame)) -> Self {
        Self::Frame(connection, frame)
    }
}

impl<'h> From<&'h Connection> for Witness<'h> {
    fn from(connection: &'h Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'h> From<&'h Expectation> for Witness<'h> {
    fn from(expectation: &'h Expectation) -> Self {
        Self::Expectation(expectation)
    }
}

/// Something that is not as it should be.
#[derive(Debug)]
pub struct Breach<'h> {
    cause: String,
    expected: String,
    actual: String,
    witnesses: Vec<Witness<'h>>,
}

impl<'h> Breach<'h> {
    /// A breach, with what tells its cause from others of the same requirement.
    pub fn new(
        cause: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self {
            cause: cause.into(),
            expected: expected.into(),
            actual: actual.into(),
            witnesses: Vec::new(),
        }
    }

    /// Adds an event that shows it; the cause first, the effect last.
    #[must_use]
    pub fn seen_in(mut self, witness: impl Into<Witness<'h>>) -> Self {
        self.witnesses.push(witness.into());
        self
    }
}

/// What one rule has seen so far.
#[derive(Debug, Default)]
pub struct Examination<'h> {
    observations: u64,
    breaches: IndexMap<String, (u64, Breach<'h>)>,
    unclear: Option<String>,
}

impl<'h> Examination<'h> {
    /// Counts an observation that holds.
    pub fn held(&mut self) {
        self.observations += 1;
    }

    /// Counts an observation; `breach` is asked for if it does not hold.
    pub fn check(&mut self, holds: bool, breach: impl FnOnce() -> Breach<'h>) {
        self.observations += 1;
        if !holds {
            let breach = breach();
            // One cause is one finding: the first is kept, later ones are counted.
            self.breaches.entry(breach.cause.clone()).or_insert((0, breach)).0 += 1;
        }
    }

    /// Counts what scenarios expected of `requirement` as observations of it.
    pub(crate) fn take_expectations(&mut self, requirement: RequirementId, history: &'h History) {
        let all = history.expectations.iter();
        for expectation in all.filter(|all| all.expected.requirement == Some(requirement)) {
            let expected = &expectation.expected;
            self.check(expected.holds, || {
                let cause = format!("{}: {}", expected.place, expected.subject);
                let actual = expected.actual.as_deref().unwrap_or("nothing");
                Breach::new(cause, expected.expected.as_str(), actual).seen_in(expectation)
            });
        }
    }

    /// Notes that something could have been looked at but cannot be judged.
    pub fn unclear(&mut self, reason: impl Into<String>) {
        if self.unclear.is_none() {
            self.unclear = Some(reason.into());
        }
    }

    /// The verdict, before other requirements are taken into account.
    pub(crate) fn verdict(self, requirement: RequirementId, history: &History) -> Verdict {
        let (state, reason) = if !self.breaches.is_empty() {
            (State::Broken, None)
        } else if self.observations > 0 {
            (State::Held, None)
        } else if let Some(reason) = self.unclear {
            (State::Undecided, Some(reason))
        } else {
            let told = history.not_exercised.iter().find(|(id, _)| *id == requirement);
            let reason = told.map_or("nothing in this run shows it", |(_, reason)| reason);
            (State::NotExercised, Some(reason.to_owned()))
        };
        let findings = self
            .breaches
            .into_values()
            .map(|(count, breach)| {
                let reproduction = history.reproductions.iter().find(|reproduction| {
                    reproduction.requirement == requirement && reproduction.cause == breach.cause
                });
                Finding {
                    count,
                    script: (breach.witnesses.last())
                        .map(|witness| witness.script())
                        .unwrap_or_default(),
                    witnesses: breach.witnesses.iter().map(|witness| witness.seq()).collect(),
                    reproduce: match reproduction {
                        Some(reproduction) => reproduction::again(history, reproduction),
                        None => reproduction::lines(history, &breach.witnesses),
                    },
                    reproduction: reproduction.cloned(),
                    cause: breach.cause,
                    expected: breach.expected,
                    actual: breach.actual,
                }
            })
            .collect();
        Verdict { requirement, state, observations: self.observations, findings, reason }
    }
}
