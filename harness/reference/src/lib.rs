//! The embedded reference server: the whole AriStay Chat API on axum and SQLite.
//!
//! Where the specification is silent, the server takes the readings that the contract's register of
//! ambiguities marks with `reference`.
//!
//! # A message from POST to every socket
//!
//! 1. `rest` routes `POST /api/chat/messages/` to its handler. The handler's extractors
//!    authenticate the caller (`rest::caller`, with [`rules::Authentication`]) and read the body
//!    into a draft (`rest::draft`).
//! 2. `Chat::send` (`chat::messages`) checks membership ([`rules::Permissions`]) and input
//!    ([`rules::Validation`]), takes the time from the [`clock`], and writes the row
//!    ([`rules::Storage`], on top of [`store`]).
//! 3. Under the same lock it passes a `chat_message` to [`rules::Delivery`], which decides the
//!    audience; the hub ([`delivery::Hub`]) serializes the event once and queues it for each
//!    connection.
//! 4. The task of each connection (`socket::session`) writes its queue to the WebSocket.
//! 5. The handler renders the message for the caller (`views::message`, with
//!    [`rules::Rendering`]) and responds with 201.
//!
//! # Extension points
//!
//! [`Seams`] gathers the decisions that another crate may replace: one trait per subject in
//! [`rules`], whose provided methods are the documented behavior, and [`Wire`] for whatever
//! surrounds the server. The default is the documented server.

pub mod accounts;
pub mod app;
mod chat;
pub mod clock;
mod closed_set;
pub mod delivery;
pub mod directory;
pub mod examples;
pub mod input;
pub mod membership;
mod message_type;
mod options;
mod refusal;
mod rest;
mod room_type;
pub mod rules;
mod seams;
mod server;
mod socket;
pub mod store;
pub mod timestamp;
pub mod tokens;
pub mod users;
pub mod views;
mod wire;

pub use accounts::{Account, seeded};
pub use app::App;
pub use chat::Chat;
pub use message_type::MessageType;
pub use options::Options;
pub use refusal::Refusal;
pub use room_type::RoomType;
pub use rules::Rules;
pub use seams::Seams;
pub use server::{Server, StartError};
pub use wire::Wire;
