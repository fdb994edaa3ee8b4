//! Telling people: the record of a finished run and its formats.
//!
//! A [`RunRecord`] is made of a history and what was judged of it, and is the JSON report as it stands; so
//! is the `LoadRecord` of a load run. Each [`Format`] is a function from such a record to text. Nothing here has a clock or does I/O, and no text of
//! a target reaches a terminal unescaped.

pub mod authorization;
mod diagram;
pub mod escape;
#[cfg(test)]
mod fixtures;
pub mod format;
mod html;
mod json;
mod junit;
pub mod load;
mod markdown;
#[cfg(test)]
mod markup;
pub mod outcome;
mod page;
pub mod record;
mod requirement;
pub mod sequence;
mod text;
pub mod waiver;
mod words;

pub use authorization::Authorization;
pub use format::{FORMATS, Format, Reported, Style, UnknownFormat};
pub use json::REPORT_SCHEMA;
pub use load::{
    CALIBRATION_SCHEMA, COMPARISON_SCHEMA, LOAD_SCHEMA, Picture, PictureFormat, Pictured,
};
pub use outcome::Outcome;
pub use record::RunRecord;
pub use waiver::{Gate, Waiver};
pub use words::orphaned_room;
