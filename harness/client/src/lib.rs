//! The client: actors that talk to the target over REST and sockets, and record every call and frame.
//!
//! A [`Client`] belongs to one target. It owns the HTTP client, the [`Limits`], the circuit breaker, and the gate
//! at which all requests wait while the target throttles. An [`Actor`] is one account at that target: it logs in,
//! sends [`Request`]s, fetches attachments, and opens [`Socket`]s. Each request is recorded before it is sent and
//! each response after it was read, so the order of the history never contradicts causality. Secrets are
//! registered with the recorder before anything that contains them is recorded.
//!
//! The target is not trusted: bodies, frames, delays and error messages are bounded, redirects are not followed,
//! and tokens are sent to the origin of the target only.
//!
//! From low to high, each module depends on those before it only: [`failure`], [`connection`] and [`target`],
//! [`limits`] and [`ownership`], [`client`], [`rest`] and [`socket`], [`accounts`], [`auth`], [`actor`], [`rooms`],
//! [`measure_lag()`] and [`preflight()`].

pub mod accounts;
pub mod actor;
pub mod auth;
pub mod client;
pub mod connection;
pub mod failure;
mod lag;
pub mod limits;
pub mod ownership;
mod preflight;
mod probe;
pub mod rest;
pub mod rooms;
pub mod socket;
pub mod target;

pub use accounts::{Account, AccountSecret, Accounts, Fixtures, ListedAccount};
pub use actor::{Actor, LoginError, UnusualHandshake};
pub use auth::{CredentialError, Identity, JwtForgeryError, Source, Statement, UnknownUser};
pub use client::{Client, ClientError};
pub use connection::{Connection, ConnectionError, ConnectionSettings, PemFile};
pub use failure::{Failure, FailureKind};
pub use lag::measure_lag;
pub use limits::{
    Absence, Awaited, AwaitedEvent, Circuit, FailedLogins, Limits, Permit, ThrottleNotifications,
    ThrottleRule, TokenCache, TokenCacheError,
};
pub use ownership::{Ledger, OwnedRoom, RoomStatus, UnansweredCreation};
pub use preflight::{PreflightError, authenticate, explain, preflight, reach, socket_preflight};
pub use probe::{Probe, TlsProbe};
pub use rest::{Body, FormFile, Request, Response};
pub use rooms::{CreatedRoom, Creation, NotOurs, RoomRegistry, list_earlier_rooms, list_rooms};
pub use socket::{HandshakeError, RawSocket, SendError, Socket, close_origin};
pub use target::{Target, TargetError};
