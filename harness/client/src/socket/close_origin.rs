//! The side on which a connection broke.

use hearback_history::CloseOrigin;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::inflater::InvalidCompression;

/// The reason that the library gives to a close frame whose code is not allowed.
const FORBIDDEN_CODE: &str = "Protocol violation";

/// The origin of the end of a connection that an error ended.
pub fn close_origin(error: &Error) -> CloseOrigin {
    match error {
        Error::Utf8(_) => CloseOrigin::InvalidText,
        // The network, or hearback itself, ended the connection.
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::HandshakeIncomplete
            | ProtocolError::SendAfterClosing
            | ProtocolError::ReceivedAfterClosing,
        ) => CloseOrigin::Broken,
        Error::Protocol(_) => CloseOrigin::InvalidFrame,
        Error::Io(error) if error.get_ref().is_some_and(|it| it.is::<InvalidCompression>()) => {
            CloseOrigin::InvalidFrame
        }
        _ => CloseOrigin::Broken,
    }
}

/// Returns whether the library replaced a close code that RFC 6455 forbids.
pub(super) fn has_forbidden_code(frame: &CloseFrame) -> bool {
    frame.code == CloseCode::Protocol && frame.reason.as_str() == FORBIDDEN_CODE
}

/// Returns whether the response to a handshake is one that RFC 6455 forbids.
pub(super) fn is_invalid_handshake(error: &Error) -> bool {
    matches!(
        error,
        Error::Protocol(
            ProtocolError::MissingUpgradeWebSocketHeader
                | ProtocolError::MissingConnectionUpgradeHeader
                | ProtocolError::SecWebSocketAcceptKeyMismatch
                | ProtocolError::SecWebSocketSubProtocolError(_)
        )
    )
}
