//! Weather: what networks, gateways and operations do to a correct server.
//!
//! A kind of weather is a row of a table in `kinds`, one file per subject: its id, its description,
//! its parameter, and a function that changes a `Setup`. A [`Deployment`] starts a server with the
//! setup of a [`WeatherSet`]: layers around its routes for gateways, throttles and tokens, a relay
//! in front of it for the network, and copies of it for stale reads.

mod deployment;
mod gateway;
mod interruption;
mod kind;
mod kinds;
mod relay;
mod replica;
mod sessions;
mod setup;
mod sockets;
mod weather_set;
mod weather_wire;

pub use deployment::Deployment;
pub use kind::{Parameter, WeatherId, WeatherKind};
pub use kinds::WEATHER;
pub use weather_set::{WeatherError, WeatherSet};
