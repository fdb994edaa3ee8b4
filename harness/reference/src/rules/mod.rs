//! Extension points: the decisions of the chat.
//!
//! Each trait is one subject. The bodies of its methods are the documented behavior, and each
//! method is one decision: it never depends on another method of the traits, so that an
//! implementation may replace any of them alone.

mod authentication;
mod delivery;
mod listing;
mod origin;
mod permissions;
mod rendering;
mod storage;
mod validation;

use std::sync::Arc;

pub use authentication::Authentication;
pub use delivery::{Delivery, Departure, Frame, Peer};
pub use listing::Listing;
pub use permissions::{Download, Management, Permissions};
pub use rendering::Rendering;
pub use storage::Storage;
pub use validation::{Content, Occasion, Validation};

/// One implementation of each subject; the default is the documented behavior.
#[derive(Clone)]
pub struct Rules {
    /// Logins and tokens.
    pub authentication: Arc<dyn Authentication>,
    /// Permissions of users.
    pub permissions: Arc<dyn Permissions>,
    /// Validation of input.
    pub validation: Arc<dyn Validation>,
    /// Changes of the database.
    pub storage: Arc<dyn Storage>,
    /// Delivery of events.
    pub delivery: Arc<dyn Delivery>,
    /// Contents of lists.
    pub listing: Arc<dyn Listing>,
    /// Contents of responses.
    pub rendering: Arc<dyn Rendering>,
}

/// The documented behavior.
struct Documented;

impl Authentication for Documented {}
impl Permissions for Documented {}
impl Validation for Documented {}
impl Storage for Documented {}
impl Delivery for Documented {}
impl Listing for Documented {}
impl Rendering for Documented {}

impl Default for Rules {
    fn default() -> Self {
        Self {
            authentication: Arc::new(Documented),
            permissions: Arc::new(Documented),
            validation: Arc::new(Documented),
            storage: Arc::new(Documented),
            delivery: Arc::new(Documented),
            listing: Arc::new(Documented),
            rendering: Arc::new(Documented),
        }
    }
}
