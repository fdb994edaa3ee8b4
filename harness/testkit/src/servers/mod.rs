//! Servers on loopback: hostile ones, which write arbitrary bytes instead of valid HTTP, and those in front of
//! real ones: gateways, proxies, certificates.
//!
//! They need no runtime of the test.

mod certificates;
mod connect_proxy;
mod echo;
mod gateway;
pub mod hostile;
mod http;
mod interference;
mod listener;
mod recorded_api;
mod websocket;

pub use certificates::Authority;
pub use connect_proxy::ConnectProxy;
pub use echo::Echo;
pub use gateway::Gateway;
pub use http::{RequestHead, read_request, respond};
pub use interference::{Interference, Treatment};
pub use listener::{serve, serve_api};
pub use recorded_api::RecordedApi;
pub use websocket::accept_handshake;
