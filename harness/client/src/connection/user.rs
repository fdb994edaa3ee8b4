//! Basic authentication at a gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_history::Recorder;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::settings::ConnectionError;

/// A user at the gateway.
#[derive(Clone)]
pub(super) struct User {
    name: String,
    password: SecretString,
    header: HeaderValue,
}

impl User {
    /// Parses `NAME:PASSWORD`.
    pub(super) fn parse(text: &SecretString) -> Result<Self, ConnectionError> {
        let text = text.expose_secret();
        let (name, password) = text.split_once(':').ok_or(ConnectionError::User)?;
        let mut header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(text)))
            .map_err(|_| ConnectionError::User)?;
        header.set_sensitive(true);
        Ok(Self { name: name.to_owned(), password: password.into(), header })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The `Authorization` header.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(super) fn register(&self, recorder: &Recorder) {
        recorder.register_secret(self.password.expose_secret(), "password of --user");
        let encoded = self.header.to_str().unwrap_or_default().trim_start_matches("Basic ");
        recorder.register_secret(encoded, "password of --user");
    }
}
