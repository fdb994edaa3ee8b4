//! Tokens: obtaining, refreshing, signing and forging them. Section *Authentication*.

pub mod jwt_forgery;
pub(crate) mod session;
pub(crate) mod signing;
mod stated_user_id;
mod token_request;

pub use jwt_forgery::ForgeError;
pub use session::CredentialError;
pub use stated_user_id::stated_user_id;
