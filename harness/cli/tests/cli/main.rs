//! The binary as its users meet it.

mod adopt;
mod bad_input;
mod baseline;
mod check;
mod clean;
mod compare;
mod config;
mod connection;
mod contract;
mod doctor;
mod durability;
mod ending;
mod events;
mod examples;
mod faults;
mod github;
mod groups;
mod hostile;
#[cfg(unix)]
mod interruption;
mod language;
mod live_load;
mod load;
mod log;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
mod otlp;
mod profiles;
mod readings;
mod registries;
mod runs;
mod scenario;
mod secrets;
mod sequences;
mod shards;
mod shared_rooms;
#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod streams;
mod support;
mod tls;
#[cfg(unix)]
mod token_cache;
mod unstarted;
mod version;
mod weather;
#[cfg(unix)]
mod worker_states;
#[cfg(unix)]
mod workers;
