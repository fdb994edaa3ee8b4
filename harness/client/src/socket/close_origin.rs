//! The side on which a connection broke.

use hearback_history::CloseOrigin;
use tokio_tungstenite::tungstenite::Error;

/// The origin of the end of a connection that an error ended.
pub fn close_origin(error: &Error) -> CloseOrigin {
    match error {
        Error::Utf8(_) => CloseOrigin::InvalidText,
        _ => CloseOrigin::Broken,
    }
}
