//! What happened: an append-only record of a run, on one clock.
//!
//! The drive emits [`Event`]s through a [`Recorder`], which redacts secrets and hands each event to its
//! sinks: the [`journal`] on disk, the progress display, memory. A [`History`] is a finished or broken-off
//! run folded into calls and connections, ready to be judged.

pub mod call;
pub mod connection;
pub mod event;
mod folding;
pub mod history;
pub mod journal;
pub mod leftover;
pub mod made_up;
mod naming;
pub mod notation;
pub mod payload;
pub mod recorder;
pub mod redaction;

pub use call::{Call, Interval, Outcome};
pub use connection::{Body, Closing, Connection, Frame, FrameDirection, Handshake};
pub use event::{
    ActorName, CallId, CloseOrigin, ConnectionId, Credential, CredentialKind, Event, EventKind,
    Expected, Invocation, Nanoseconds, Reproduction, RunEnd, RunStart, ScriptName, Whom,
};
pub use history::{Actor, Expectation, History};
pub use journal::{Journal, JournalError};
pub use leftover::LeftRoom;
pub use payload::Payload;
pub use recorder::{Recorder, Sink};
pub use redaction::Redactor;
