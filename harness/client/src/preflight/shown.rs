//! URLs and bounds in errors.

use hearback_contract::Operation;

use crate::client::Client;

/// Maximum length of a response body in an error, in characters.
pub(super) const LONGEST_BODY: usize = 80;

/// The URL that is requested.
pub(super) fn url(client: &Client) -> String {
    client.target().operation_url(Operation::RoomsList, &[], &[]).to_string()
}

/// The base URL of the target.
pub(super) fn base(client: &Client) -> String {
    client.target().rest().to_string()
}
