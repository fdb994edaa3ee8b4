//! A warning about accounts without ids.

use hearback_client::Account;
use hearback_runner::load::unsigned;

/// The warning for accounts that log in although the key of the target is known.
pub(super) fn unsigned_warning(accounts: &[Account], used: usize) -> Option<String> {
    let used = &accounts[..used.min(accounts.len())];
    match unsigned(used) {
        0 => None,
        count => Some(format!(
            "{count} of {} accounts log in despite --jwt-secret-env: signing a token requires the `id` of the \
             account in the accounts file",
            used.len()
        )),
    }
}
