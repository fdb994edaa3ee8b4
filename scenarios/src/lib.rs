//! Scripted scenarios: stimuli for the target and expectations of it, written in YAML.
//!
//! A scenario says who does what, in what order, and which requirements it speaks to. It decides
//! nothing: what it caused is in the record, what it expected stands beside it, and the judge speaks of
//! every record alike. The files lie in folders by family beside this crate's source and are embedded in
//! the binary; other files are read and carried out the same way.

pub mod diagnostic;
pub mod grammar;
pub mod interpreter;
pub mod library;
pub mod matcher;
pub mod parser;
mod payload;
pub mod scenario;
pub mod schema;
mod scope;
pub mod step;
pub mod suite;
mod syntax;
pub mod template;
pub mod writer;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use interpreter::{Actors, Interpreter};
pub use library::embedded;
pub use parser::{Parsed, read};
pub use scenario::{RoomKind, Scenario};
pub use schema::SCENARIO_SCHEMA;
pub use step::{Action, Step};
pub use syntax::Place;
pub use writer::write;
