//! Input from clients, read by name and type.

mod fields;
mod uuid;

pub(crate) use fields::{Fields, required};
pub use uuid::parse_uuid;
