//! Accounts whose tokens cannot be signed.

use hearback_client::Account;

use crate::target::TargetUnderTest;

/// Accounts that log in although the key of the target is known, because their ids are not.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned {
    /// Number of these accounts.
    pub count: usize,
    /// Number of accounts of the run.
    pub of: usize,
}

impl Unsigned {
    /// Those of the first `used` accounts; `None` if there are none or nothing is signed.
    pub(crate) fn find(target: &TargetUnderTest, used: usize) -> Option<Self> {
        target.jwt_secret()?;
        let accounts = target.accounts();
        let used = &accounts[..used.min(accounts.len())];
        Some(Self { count: unsigned(used), of: used.len() }).filter(|found| found.count > 0)
    }
}

/// Number of accounts that log in although the target's key is known, because a token can only be signed for an
/// account of known id. The first creator, which always logs in, does not count.
pub(crate) fn unsigned(accounts: &[Account]) -> usize {
    let first = accounts.iter().position(|account| account.creates_rooms);
    let others = accounts.iter().enumerate().filter(|(position, _)| Some(*position) != first);
    others.filter(|(_, account)| account.id.is_none()).count()
}

#[cfg(test)]
mod tests {
    use hearback_contract::UserId;

    use super::*;

    #[test]
    fn accounts_without_id_are_unsigned() {
        let account = |id, creates_rooms| Account {
            id,
            creates_rooms,
            ..Account::with_password("alice", "password")
        };
        let creator = account(None, true);
        assert_eq!(unsigned(&[account(Some(UserId::new(1)), false), creator.clone()]), 0);
        assert_eq!(unsigned(&[creator.clone(), account(None, true), account(None, false)]), 2);
        assert_eq!(unsigned(&[account(None, false), creator]), 1);
    }
}
