//! Renderers of the results of a run: text, JSON, JUnit, Markdown, HTML and pictures.
//!
//! Each [`Format`] is a function from `Results` or from the `LoadRecord` of a load run to text. This crate
//! decides nothing, performs no I/O and has no clock, and text from a target is escaped before it is shown.

pub mod adoption;
#[cfg(test)]
mod agreement;
mod authorization;
mod change_report;
mod changes;
pub mod clean;
mod code_quality;
pub mod configuration;
pub mod contract;
mod diagram;
pub mod doctor;
mod excuse;
mod explanation;
#[cfg(test)]
mod fixtures;
pub mod format;
mod github;
mod group;
mod har;
mod html;
mod issue;
mod json;
mod junit;
pub mod links;
pub mod load;
mod markdown;
#[cfg(test)]
mod markup;
mod page;
pub mod progress;
pub mod proof;
mod readings;
pub mod registry;
pub mod replay;
mod requirement;
pub mod runs;
mod sarif;
pub mod scenarios;
mod sentences;
mod shown;
pub mod stream;
mod style;
pub mod table;
mod template;
mod text;
mod trace;
mod words;

pub use explanation::explain;
pub use format::{FORMATS, Format, Reported};
pub use har::har;
pub use json::REPORT_SCHEMA;
pub use load::{
    CALIBRATION_SCHEMA, COMPARISON_SCHEMA, LOAD_SCHEMA, Picture, PictureFormat, Pictured,
};
pub use shown::shown;
pub use style::Style;
pub use trace::Trace;
pub use words::{counted, orphaned_room};
