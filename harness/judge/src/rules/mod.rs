//! The rules, a file or a folder a family.

pub mod auth;
pub mod message;
pub mod page;
pub mod room;
pub mod schema;
pub mod socket;
pub mod status;

#[cfg(test)]
mod testing;
