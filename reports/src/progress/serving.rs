//! The embedded server.

use hearback_runner::Event;

use crate::words::counted;

/// Number of user names that are listed.
const LISTED: usize = 3;

/// The addresses and accounts of the embedded server once it accepts connections.
pub fn serving(event: &Event) -> Option<String> {
    let Event::Serving { url, address, accounts } = event else { return None };
    let listed = &accounts[..accounts.len().min(LISTED)];
    Some(format!(
        "Serving the AriStay Chat API at {url}, sockets at ws://{address}/ws\n{}: {}{}; stop with Ctrl-C",
        counted(accounts.len() as u64, "account"),
        listed.join(", "),
        if accounts.len() > listed.len() { ", …" } else { "" },
    ))
}
