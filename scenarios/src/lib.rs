//! Scripted scenarios: what actors do to the target, and what they expect of it, written in YAML.
//!
//! A scenario lists the steps of its actors, in order, and the requirements that it covers. It decides
//! nothing: the history records what it caused and whether its expectations held, and the checker reaches
//! the verdicts. The files are in one folder per family beside this crate's source and are embedded in the
//! binary; other files are parsed and run in the same way.

mod characters;
pub mod concurrent;
pub mod diagnostic;
pub mod files;
pub mod grammar;
pub mod interpreter;
pub mod library;
pub mod matcher;
pub mod parser;
mod payload;
pub mod scenario;
pub mod scenario_id;
pub mod schema;
mod scope;
pub mod step;
mod syntax;
pub mod template;
pub mod writer;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use interpreter::{Actors, Interpreter};
pub use library::embedded;
pub use parser::{Parsed, parse};
pub use scenario::{RoomKind, Scenario};
pub use scenario_id::ScenarioId;
pub use schema::SCENARIO_SCHEMA;
pub use step::{Action, Step};
pub use syntax::Span;
pub use writer::write;
