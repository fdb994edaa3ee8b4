//! Credentials of requests and handshakes.

use serde::{Deserialize, Serialize};

use crate::names::ActorName;

/// User name of the login that must be rejected because the user does not exist.
pub const UNKNOWN_USER: &str = "hearback-unknown-user";

/// Kind of the token that a request carries.
///
/// For token.obtain the credentials are a user name and a password: [`Access`](Self::Access) is the account's
/// own, [`Garbage`](Self::Garbage) a wrong password, [`Anonymous`](Self::Anonymous) a user that does not exist.
/// For token.refresh they are the refresh token: `Access` is a valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A valid access token.
    Access,
    /// A valid access token obtained with a refresh token.
    Refreshed,
    /// The access token of the login before the last one, which a server may have ended.
    Earlier,
    /// No token.
    Anonymous,
    /// Text that is not a token.
    Garbage,
    /// An access token with an altered signature.
    Tampered,
    /// An access token re-encoded with the algorithm `none` and without a signature.
    AlgNone,
    /// A correctly signed access token that has expired.
    Expired,
    /// A correctly signed access token that expires two seconds later; sockets only.
    Expiring,
    /// A refresh token in place of an access token.
    RefreshAsAccess,
    /// An access token in place of a refresh token; token.refresh only.
    AccessAsRefresh,
    /// A refresh token that a later response to token.refresh has replaced; token.refresh only.
    Superseded,
}

impl CredentialKind {
    /// Returns whether the specification grants access with such a token.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Access | Self::Refreshed)
    }
}

/// Kind and owner of the token of a request or handshake; never its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Kind of the token.
    pub kind: CredentialKind,
    /// Owner of the token, or of the token that it was made from.
    pub owner: ActorName,
}
