//! The binary as its users meet it.

mod bad_input;
mod check;
mod clean;
mod compare;
mod config;
mod connection;
mod doctor;
mod durability;
mod ending;
mod faults;
mod hostile;
#[cfg(unix)]
mod interruption;
mod load;
mod log;
mod metrics;
mod registries;
mod scenario;
mod secrets;
mod sequences;
#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod signals;
mod support;
mod tls;
mod unstarted;
