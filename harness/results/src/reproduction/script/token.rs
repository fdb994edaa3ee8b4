//! Tokens and passwords in a script.

use std::collections::BTreeSet;

use hearback_history::shell::variable_name;
use hearback_history::{Credential, CredentialKind};

/// The header of a JWT with the algorithm `none`, in base64.
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

/// The variables of an account are named after it.
pub(super) fn variable(owner: &str, suffix: &str) -> String {
    format!("{}_{suffix}", variable_name(owner))
}

/// The word for the token of a request or handshake.
pub(super) fn word(credential: &Credential) -> String {
    let owner = credential.owner.as_str();
    let token = variable(owner, "TOKEN");
    match credential.kind {
        CredentialKind::Anonymous => "''".to_owned(),
        CredentialKind::Access | CredentialKind::AccessAsRefresh => format!("\"${token}\""),
        CredentialKind::Garbage => "not-a-token".to_owned(),
        CredentialKind::Tampered => format!("\"${{{token}%.*}}.x${{{token}##*.}}\""),
        CredentialKind::AlgNone => {
            format!("\"{UNSIGNED}.$(printf %s \"${token}\" | cut -d. -f2).\"")
        }
        CredentialKind::Refreshed => format!("\"${}\"", variable(owner, "REFRESHED_TOKEN")),
        CredentialKind::Earlier => format!("\"${}\"", variable(owner, "EARLIER_TOKEN")),
        CredentialKind::RefreshAsAccess => format!("\"${}\"", variable(owner, "REFRESH_TOKEN")),
        CredentialKind::Superseded => format!("\"${}\"", variable(owner, "OLD_REFRESH_TOKEN")),
        CredentialKind::Expired | CredentialKind::Expiring => {
            let variable = variable(owner, "EXPIRED_TOKEN");
            format!("\"${{{variable}:?an expired access token of {}}}\"", variable_name(owner))
        }
    }
}

/// The expansion for the refresh token in the body of a request.
pub(super) fn refresh_token(credential: &Credential) -> String {
    let suffix = match credential.kind {
        CredentialKind::Superseded => "OLD_REFRESH_TOKEN",
        CredentialKind::AccessAsRefresh => "TOKEN",
        _ => "REFRESH_TOKEN",
    };
    format!("${}", variable(credential.owner.as_str(), suffix))
}

/// The line that keeps the tokens of a login.
pub(super) fn kept(owner: &str) -> String {
    let [token, refresh] = ["TOKEN", "REFRESH_TOKEN"].map(|suffix| variable(owner, suffix));
    format!("{token}=$(value .access) && {refresh}=$(value .refresh) || exit")
}

/// Accounts that a script logs in, by the tokens that it needs of each.
#[derive(Default)]
pub(super) struct Accounts<'h> {
    owners: BTreeSet<&'h str>,
    refreshed: BTreeSet<&'h str>,
    earlier: BTreeSet<&'h str>,
}

impl<'h> Accounts<'h> {
    /// Collects the owners of the credentials of a script.
    pub(super) fn of(credentials: impl Iterator<Item = &'h Credential>) -> Self {
        let mut accounts = Self::default();
        for credential in credentials {
            let owner = credential.owner.as_str();
            match credential.kind {
                CredentialKind::Anonymous
                | CredentialKind::Garbage
                | CredentialKind::Expired
                | CredentialKind::Expiring => continue,
                CredentialKind::Refreshed | CredentialKind::Superseded => {
                    accounts.refreshed.insert(owner);
                }
                CredentialKind::Earlier => {
                    accounts.earlier.insert(owner);
                }
                _ => {}
            }
            accounts.owners.insert(owner);
        }
        accounts
    }

    /// The lines that log the accounts in. The passwords of the embedded server, which are known, are made of the name
    /// and the variable `end`: whole ones would be redacted.
    pub(super) fn lines(&self, is_embedded: bool, quoted: impl Fn(&str) -> String) -> Vec<String> {
        let mut lines = Vec::new();
        for owner in &self.owners {
            let [token, refresh, password] =
                ["TOKEN", "REFRESH_TOKEN", "PASSWORD"].map(|suffix| variable(owner, suffix));
            let is_plain = owner.bytes().all(|it| it.is_ascii_alphanumeric());
            let otherwise = match is_embedded && is_plain {
                true => format!(":={owner}$end"),
                false => format!(":?the password of {}, or else {token}", variable_name(owner)),
            };
            lines.push(format!("if [ -z \"${token}\" ]; then"));
            lines.push(format!("  login {} \"${{{password}{otherwise}}}\"", quoted(owner)));
            lines.push(format!("  {}", kept(owner)));
            lines.push("fi".to_owned());
            if self.earlier.contains(owner) {
                lines.push(format!("{}=${token}", variable(owner, "EARLIER_TOKEN")));
            }
            if self.refreshed.contains(owner) {
                lines.push(format!("refresh \"${refresh}\""));
                let refreshed = variable(owner, "REFRESHED_TOKEN");
                lines.push(format!("{refreshed}=$(value .access) || exit"));
                lines.push(format!("{}=${refresh}", variable(owner, "OLD_REFRESH_TOKEN")));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_valid_names() {
        assert_eq!(variable("alice", "TOKEN"), "ALICE_TOKEN");
        assert_eq!(variable("7-up $(x)", "TOKEN"), "_7_UP___X__TOKEN");
    }
}
