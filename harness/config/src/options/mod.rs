//! `hearback.toml`, whose keys are the options of the command line.
//!
//! Nothing here names an option: keys, environment variables, types and the schema are derived from the definition of
//! the command line. Configured values become arguments of the command line, so that one parser checks all of them.

mod acceptance;
mod configuration;
mod effective;
mod file;
mod ignored;
mod key;
mod kind;
mod listing;
mod lookup;
mod paths;
mod registry;
mod resolution;
mod schema;
mod selecting;
mod selection;
mod table;
mod validation;
mod value;

pub use configuration::{Configuration, OptionsError, Resolved};
pub use effective::Effective;
pub use file::FILE_NAME;
pub use listing::Documented;
pub use selection::{NO_CONFIG, with_options};
pub use table::TypedTable;
pub use value::Origin;
