//! What checks and loads have in common: reading what was named, and who the embedded server knows.

use anyhow::{Context as _, anyhow};
use hearback_client::{Account, Accounts, Target};
use hearback_reference::seeded;
use secrecy::SecretString;

use crate::arguments::TargetOptions;
use crate::exit::Failure;

/// A target that was named on the command line.
pub(crate) struct NamedTarget {
    /// Where it is.
    pub(crate) target: Target,
    /// Who can be acted as, and what exists beside them.
    pub(crate) accounts: Accounts,
    /// The key that its tokens are signed with, where it is known.
    pub(crate) jwt_secret: Option<SecretString>,
}

impl NamedTarget {
    /// Reads what was named; nothing is sent. `None` if no target was named; one that is not `allowed` is
    /// not read further.
    pub(crate) fn read(
        whom: &TargetOptions,
        allowed: impl FnOnce(&Target) -> Result<(), Failure>,
    ) -> Result<Option<Self>, Failure> {
        let Some(url) = &whom.target else { return Ok(None) };
        let target = Target::new(url, whom.socket_url.as_deref())?;
        allowed(&target)?;
        let path = whom.accounts.as_ref().ok_or_else(|| anyhow!("--target needs --accounts"));
        let accounts = Accounts::read(path.map_err(Failure::usage)?).map_err(Failure::file)?;
        let jwt_secret = whom.jwt_secret_env.as_deref().map(environment).transpose()?;
        Ok(Some(Self { target, accounts, jwt_secret: jwt_secret.map(Into::into) }))
    }
}

/// The accounts of an embedded server that has so many; its ids count from 1.
pub(crate) fn embedded_accounts(count: usize) -> Vec<Account> {
    seeded(count)
        .into_iter()
        .zip(1..)
        .map(|(person, id)| Account {
            id: Some(id.into()),
            full_name: Some(person.full_name),
            ..Account::with_password(person.username, person.password)
        })
        .collect()
}

/// That the target has everybody wait for so many seconds.
pub(crate) fn throttled(wait_s: f64) -> String {
    format!("the target throttles, and asks to wait {wait_s:.0} s")
}

/// The value of an environment variable that was named on the command line.
pub(crate) fn environment(name: &str) -> Result<String, Failure> {
    std::env::var(name)
        .with_context(|| format!("the environment variable {name} is not set"))
        .map_err(Failure::usage)
}
