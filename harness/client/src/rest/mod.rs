//! REST: requests, responses, and recording both.

pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod send;
mod token_bodies;

pub use request::{Body, FormFile, Request};
pub use response::Response;
