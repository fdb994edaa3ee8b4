//! Users and their passwords.

use aws_lc_rs::hmac;
use serde::Serialize;
use uuid::Uuid;

/// Number of a user.
pub type UserId = i64;

/// A user as others see them. Section *UserBrief*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Number, assigned in order from 1.
    pub id: UserId,
    /// Unique login name.
    pub username: String,
    /// Display name.
    pub full_name: String,
    /// E-mail address.
    pub email: String,
}

/// A salted digest of a password.
///
/// The digest is one HMAC-SHA-256, not a slow password hash: passwords of this development server
/// are public, and thousands of accounts must be ready within seconds.
pub struct Credentials {
    pub(crate) salt: Vec<u8>,
    pub(crate) digest: Vec<u8>,
}

impl Credentials {
    /// Digests a password with a new salt.
    pub(crate) fn of(password: &str) -> Self {
        let salt = Uuid::new_v4().into_bytes().to_vec();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &salt);
        let digest = hmac::sign(&key, password.as_bytes()).as_ref().to_vec();
        Self { salt, digest }
    }

    /// Compares a password with the digest, in constant time.
    pub fn matches(&self, password: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.salt);
        hmac::verify(&key, password.as_bytes(), &self.digest).is_ok()
    }
}
