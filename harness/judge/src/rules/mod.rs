//! The rules, a file or a folder a family.

mod answer;
pub mod auth;
pub mod authorization;
pub mod deletion;
pub mod delivery;
pub mod message;
mod moment;
pub mod order;
pub mod page;
pub mod participant;
pub mod receipts;
pub mod room;
pub mod schema;
pub mod socket;
pub mod status;
mod text;
pub mod unread;

#[cfg(test)]
mod testing;
