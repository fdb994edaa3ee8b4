//! Does the generator tell the truth? A small chat server whose delays and mistakes are known, and what is measured
//! of it.

mod counted;
mod refused;
mod server;
mod support;
mod timed;
