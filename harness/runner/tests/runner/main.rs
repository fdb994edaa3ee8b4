//! The runner in process, against the embedded reference server.

mod capacity;
mod check;
mod interrupt;
mod load;
mod replay;
mod rooms;
mod support;
