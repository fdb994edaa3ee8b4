//! The rules, a file or a folder a family.

mod answer;
pub mod auth;
pub mod message;
pub mod page;
pub mod room;
pub mod schema;
pub mod socket;
pub mod status;
mod text;

#[cfg(test)]
mod testing;
