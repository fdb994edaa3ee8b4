//! Tests that the generator measures correctly, against a small chat server with known delays and defects.

mod counted;
mod refused;
mod server;
mod support;
mod timed;
