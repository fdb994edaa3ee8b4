//! Requests that are ready to be sent.

use hearback_contract::Operation;
use hearback_history::oversized::is_long_address;
use hearback_history::{ActorName, Credential, ScenarioName};
use secrecy::SecretString;
use url::Url;

use super::request::Body;
use crate::limits::throttle::Scope;

/// A request that is ready to be sent.
pub(crate) struct OutgoingRequest<'a> {
    pub(crate) scenario: &'a ScenarioName,
    pub(crate) actor: &'a ActorName,
    pub(crate) operation: Option<Operation>,
    pub(crate) method: reqwest::Method,
    pub(crate) url: Url,
    /// The path to record: below the base URL, or the whole URL of other requests.
    pub(crate) path: String,
    pub(crate) path_parameters: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) credential: Credential,
    pub(crate) token: Option<SecretString>,
}

impl OutgoingRequest<'_> {
    /// The scope of throttles that concern the request.
    pub(super) fn scope(&self) -> Scope {
        match self.operation {
            Some(Operation::TokenObtain) => Scope::Logins,
            _ => Scope::Actor(self.actor.clone()),
        }
    }

    /// Returns whether servers and gateways may reject the request for the length of its address.
    pub(super) fn has_long_address(&self) -> bool {
        is_long_address(&self.path, &self.query)
    }

    /// Returns whether the request may be repeated although the target may have processed it.
    pub(super) fn is_safe(&self) -> bool {
        self.method.is_safe() || self.operation == Some(Operation::TokenObtain)
    }
}
