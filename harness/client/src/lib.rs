//! Doing things: actors that talk to the target over REST and sockets, recording every call and frame.
//!
//! A [`Driver`] stands for one target: it owns the HTTP client, the [`Limits`], and the gate at which
//! everybody waits while the target throttles. An [`Actor`] is one account at that target; it logs in,
//! makes [`Request`]s, fetches attachments, and opens [`Socket`]s. Each request is recorded before it is
//! sent and each response after it was read, so that the order of the record never contradicts the order
//! of causes. Secrets are registered with the recorder before anything that holds them is recorded.
//!
//! The target is not trusted: bodies, frames, waits and error texts are bounded, redirects are not
//! followed, and a token is shown to the target's own origin only. This crate knows nothing of rules.

pub mod accounts;
pub mod actor;
pub mod circuit_breaker;
pub mod client;
mod connect;
pub mod escape;
pub mod failure;
pub mod forge;
mod identity;
pub mod preflight;
mod raw_socket;
pub mod request;
pub mod response;
mod rest;
mod secrets;
pub mod session;
mod signing;
pub mod socket;
pub mod target;
mod throttle;
mod throttle_notifications;
mod token_request;

pub use accounts::{Account, AccountSecret, Accounts, AccountsError, Fixtures};
pub use actor::{Actor, LogInError};
pub use circuit_breaker::{Asked, Permit};
pub use client::{Client, ClientError, Limits};
pub use failure::{Failure, FailureKind};
pub use forge::ForgeError;
pub use identity::stated_id;
pub use preflight::{PreflightError, preflight, socket_preflight};
pub use raw_socket::RawSocket;
pub use request::{Body, FormFile, Request};
pub use response::Response;
pub use session::CredentialError;
pub use socket::{Refused, SendError, Socket};
pub use target::{Target, TargetError};
pub use throttle_notifications::ThrottleNotifications;
