//! The rules, a file or a folder a family.

mod answer;
pub mod auth;
pub mod message;
mod moment;
pub mod page;
pub mod receipts;
pub mod room;
pub mod schema;
pub mod socket;
pub mod status;
mod text;
pub mod unread;

#[cfg(test)]
mod testing;
