//! REST: requests and responses, and recording both.

mod attempt;
mod encoding;
mod outgoing;
mod received;
mod request;
mod response;
mod send;
mod token_bodies;

pub(crate) use outgoing::OutgoingRequest;
pub use request::{Body, FormFile, Request};
pub use response::Response;
