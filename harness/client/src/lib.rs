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
pub mod auth;
pub mod client;
pub mod escape;
pub mod failure;
pub mod limits;
pub mod preflight;
pub mod rest;
pub mod rooms;
pub mod socket;
pub mod target;

pub use accounts::{Account, AccountSecret, Accounts, AccountsError, Fixtures};
pub use actor::{Actor, LogInError};
pub use auth::{CredentialError, ForgeError, stated_user_id};
pub use client::{Client, ClientError, Limits};
pub use failure::{Failure, FailureKind};
pub use limits::{Asked, Permit, ThrottleNotifications};
pub use preflight::{PreflightError, preflight, socket_preflight};
pub use rest::{Body, FormFile, Request, Response};
pub use rooms::{CreatedRoom, RoomRegistry};
pub use socket::{RawSocket, Refused, SendError, Socket};
pub use target::{Target, TargetError};
