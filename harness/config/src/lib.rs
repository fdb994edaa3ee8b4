//! Files that users write in TOML, and `hearback.toml`, whose keys are the options of the command line.
//!
//! Every error names the file, the line and the remedy, and never shows a secret.

pub mod contract;
mod deserializer;
mod document;
pub mod edit;
mod excerpt;
mod file_error;
pub mod options;
mod problem;
pub mod variable;

pub use document::{Document, Source};
pub use excerpt::Excerpt;
pub use file_error::FileError;
pub use problem::Problem;
pub use toml::Spanned;
