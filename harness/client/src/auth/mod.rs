//! Tokens: requesting, keeping, renewing and forging them; and the users that they belong to. Section
//! *Authentication*.

mod identity;
pub(crate) mod issue;
pub mod jwt_forgery;
pub(crate) mod session;
pub(crate) mod signing;
mod statement;
pub(crate) mod token_request;

pub use identity::{Identity, UnknownUser};
pub use jwt_forgery::JwtForgeryError;
pub use session::CredentialError;
pub use statement::{Source, Statement};
