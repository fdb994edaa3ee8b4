//! What happened: an append-only record of a run, on one clock.
//!
//! The drive emits [`Event`]s through a [`Recorder`], which redacts secrets and hands each event to its
//! sinks: the [`journal`] on disk, the progress display, memory. A [`History`] is a finished or broken-off
//! run folded into calls and connections, ready to be judged.

mod builder;
pub mod call;
pub mod connection;
pub mod event;
pub mod history;
pub mod journal;
mod naming;
pub mod orphaned_rooms;
pub mod payload;
pub mod recorder;
pub mod redaction;
pub mod synthetic_ids;

pub use call::{Call, Interval, Outcome};
pub use connection::{Body, Closing, Connection, Frame, FrameDirection, Handshake};
pub use event::{
    ActorName, CallId, CloseOrigin, ConnectionId, Credential, CredentialKind, Event, EventKind,
    Expected, Invocation, Nanoseconds, Reproduction, RunEnd, RunStart, ScenarioName, TargetKind,
};
pub use history::{Actor, Expectation, History};
pub use journal::{Journal, JournalError};
pub use orphaned_rooms::OrphanedRoom;
pub use payload::Payload;
pub use recorder::{Recorder, Sink};
pub use redaction::Redactor;
