//! Bounds on what hearback sends and waits for: throttling by the target and the circuit breaker.

pub(crate) mod circuit_breaker;
pub(crate) mod throttle;
mod throttle_notifications;

pub use circuit_breaker::{Asked, Permit};
pub use throttle_notifications::ThrottleNotifications;
