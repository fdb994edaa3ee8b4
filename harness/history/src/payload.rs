//! Content of bodies and frames.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json_extent::{self, JsonExtent};

/// The bytes of a request body, a response body, or a frame; clones share them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Valid UTF-8, unchanged.
    Text(Arc<str>),
    /// Anything else, as base64.
    Base64(Arc<str>),
}

impl Payload {
    /// A payload of `bytes`, as text if they are UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(error) => Self::Base64(STANDARD.encode(error.as_bytes()).into()),
        }
    }

    /// A payload of `bytes` in base64, even if they are UTF-8: for binary frames and files.
    pub fn binary(bytes: &[u8]) -> Self {
        Self::Base64(STANDARD.encode(bytes).into())
    }

    /// The text; `None` for base64.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Base64(_) => None,
        }
    }

    /// The text parsed as JSON; `None` if it is not JSON, or [unbounded](Self::is_unbounded).
    pub fn to_json(&self) -> Option<Value> {
        json_extent::parse(self.as_text()?.as_bytes())
    }

    /// Returns whether the text, if it is JSON, is too deep or too large to be parsed and checked.
    pub fn is_unbounded(&self) -> bool {
        self.as_text().is_some_and(|text| !JsonExtent::of(text.as_bytes()).is_bounded())
    }

    /// The bytes as sent, except that secrets stay redacted.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Base64(text) => STANDARD.decode(text.as_bytes()).unwrap_or_default(),
        }
    }

    /// Returns whether the payload has no bytes.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) | Self::Base64(text) => text.is_empty(),
        }
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}
