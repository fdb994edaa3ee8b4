//! The server over real HTTP and sockets.

mod access;
mod durability;
mod examples;
mod messages;
mod participants;
mod rooms;
mod sockets;
mod support;
mod unread;
