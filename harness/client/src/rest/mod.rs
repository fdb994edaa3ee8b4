//! REST: requests and responses, and recording both.

mod request;
mod response;
mod send;
mod token_bodies;

pub use request::{Body, FormFile, Request};
pub use response::Response;
pub(crate) use send::OutgoingRequest;
