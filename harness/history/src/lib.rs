//! History: the append-only record of a run, on one monotonic clock.
//!
//! The client records [`Event`]s through a [`Recorder`], which redacts secrets and passes each event to its
//! sinks: the [`journal`] on disk, the progress display, memory. A [`History`] is a run, complete or cut off,
//! assembled into calls and connections for the checker.

mod builder;
pub mod call;
pub mod connection;
mod connection_options;
mod credential;
pub mod escape;
pub mod event;
mod excuse;
mod expectation;
mod history;
pub mod journal;
pub mod json_extent;
mod lag;
mod names;
mod nanoseconds;
mod obstacle;
mod orphaned_rooms;
pub mod oversized;
mod payload;
mod probe;
mod recorder;
pub mod redaction;
mod repetition;
mod reproduction;
mod room_creation;
mod run;
mod shard;
pub mod shell;
pub mod storage;
pub mod synthetic_ids;
mod target_options;

pub use call::{Call, Interval, Outcome};
pub use connection::{Body, Closing, Compression, Connection, Frame, FrameDirection, Handshake};
pub use connection_options::{ConnectionOptions, RecordedHeader, RecordedProxy, user_argument};
pub use credential::{Credential, CredentialKind, UNKNOWN_USER};
pub use event::{CloseOrigin, Event, EventKind, Invocation};
pub use excuse::{Attempt, Excuse};
pub use expectation::{ExpectationResult, RecordedExpectation};
pub use history::{Actor, History, ScenarioTime};
pub use journal::{Journal, JournalError};
pub use lag::MeasuredLag;
pub use names::{ActorName, CallId, ConnectionId, ScenarioName};
pub use nanoseconds::Nanoseconds;
pub use obstacle::{Fixture, Obstacle};
pub use payload::Payload;
pub use probe::{Probe, ProbeOutcome, RecordedProbe};
pub use recorder::{Recorder, Sink};
pub use redaction::Redactor;
pub use repetition::{Repetitions, Unrepeated};
pub use reproduction::Reproduction;
pub use room_creation::{OrphanedRoom, RoomCreation};
pub use run::{RunDepth, RunEnd, RunStart, ScenarioEnd};
pub use shard::{Shard, ShardError};
pub use storage::Storage;
pub use target_options::TargetOptions;
