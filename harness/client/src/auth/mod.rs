//! Tokens: requesting, keeping, renewing and forging them. Section *Authentication*.

pub mod jwt_forgery;
pub(crate) mod session;
pub(crate) mod signing;
mod stated_user_id;
pub(crate) mod token_request;

pub use jwt_forgery::JwtForgeryError;
pub use session::CredentialError;
pub use stated_user_id::stated_user_id;
