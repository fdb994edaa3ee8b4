//! Events of the history that show violations.

use hearback_history::{Call, Connection, Frame, History, RecordedExpectation, ScenarioName};

/// An event of the history that shows a violation.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'h> {
    /// A request and its response.
    Call(&'h Call),
    /// A frame of a connection.
    Frame(&'h Connection, &'h Frame),
    /// A handshake, or the whole connection.
    Connection(&'h Connection),
    /// An expectation of a scenario.
    Expectation(&'h RecordedExpectation),
}

impl<'h> Evidence<'h> {
    /// The event at a position in the journal, if it can be evidence.
    pub fn find(history: &'h History, seq: u64) -> Option<Self> {
        let call = history.calls.binary_search_by_key(&seq, |call| call.seq);
        if let Ok(index) = call {
            return Some(Self::Call(&history.calls[index]));
        }
        let expectation = history.expectations.binary_search_by_key(&seq, |it| it.seq);
        if let Ok(index) = expectation {
            return Some(Self::Expectation(&history.expectations[index]));
        }
        history.connections.iter().find_map(|connection| {
            if connection.seq == seq {
                return Some(Self::Connection(connection));
            }
            let frame = connection.frames.binary_search_by_key(&seq, |frame| frame.seq).ok()?;
            Some(Self::Frame(connection, &connection.frames[frame]))
        })
    }

    /// Position in the journal.
    pub fn seq(self) -> u64 {
        match self {
            Self::Call(call) => call.seq,
            Self::Frame(_, frame) => frame.seq,
            Self::Connection(connection) => connection.seq,
            Self::Expectation(expectation) => expectation.seq,
        }
    }

    /// The scenario that sent or received it.
    pub fn scenario(self) -> &'h ScenarioName {
        match self {
            Self::Call(call) => &call.invocation.scenario,
            Self::Frame(connection, _) | Self::Connection(connection) => &connection.scenario,
            Self::Expectation(expectation) => &expectation.result.scenario,
        }
    }
}

impl<'h> From<&'h Call> for Evidence<'h> {
    fn from(call: &'h Call) -> Self {
        Self::Call(call)
    }
}

impl<'h> From<(&'h Connection, &'h Frame)> for Evidence<'h> {
    fn from((connection, frame): (&'h Connection, &'h Frame)) -> Self {
        Self::Frame(connection, frame)
    }
}

impl<'h> From<&'h Connection> for Evidence<'h> {
    fn from(connection: &'h Connection) -> Self {
        Self::Connection(connection)
    }
}

impl<'h> From<&'h RecordedExpectation> for Evidence<'h> {
    fn from(expectation: &'h RecordedExpectation) -> Self {
        Self::Expectation(expectation)
    }
}
