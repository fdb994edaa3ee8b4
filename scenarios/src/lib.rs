//! Scripted scenarios: stimuli for the target, written in YAML.
//!
//! A scenario says who does what, in what order, and which requirements it speaks to. It decides
//! nothing: what it caused is in the record, and the judge's rules speak of every record alike. The
//! files lie in folders by family beside this crate's source and are embedded in the binary.

pub mod file;
pub mod interpreter;
pub mod library;
pub mod scenario;
pub mod step;
pub mod suite;
pub mod template;

pub use file::ScenarioError;
pub use interpreter::{Cast, Interpreter, ScriptEnd};
pub use library::embedded;
pub use scenario::{RoomKind, Scenario};
pub use step::Step;
