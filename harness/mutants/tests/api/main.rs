//! Servers with faults, over real HTTP and sockets.

mod conversation;
mod races;
mod support;
mod weather;
