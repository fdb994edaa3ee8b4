//! Requests of actors.

use hearback_contract::Method;
use hearback_history::{CredentialKind, ScenarioName};

use super::Actor;
use crate::rest::{OutgoingRequest, Request, Response};

impl Actor {
    /// Sends a request and reads the response.
    ///
    /// If an access token of some age is rejected, it is refreshed and the request repeated, once. If the actor
    /// has no token of the requested kind, nothing is sent or recorded.
    pub async fn call(&self, scenario: &ScenarioName, request: Request) -> Response {
        let repeated = (request.credential == CredentialKind::Access
            && request.operation.spec().authenticated)
            .then(|| request.clone());
        let sent = self.access();
        let response = self.call_once(scenario, request).await;
        match repeated {
            Some(request) if response.status == Some(401) && self.renew(scenario, sent).await => {
                self.call_once(scenario, request).await
            }
            _ => response,
        }
    }

    /// Fetches an attachment by its URL, absolute or relative to the host of the target.
    ///
    /// Nothing is sent to another origin. Ambiguity `attachment-url`.
    pub async fn fetch(&self, scenario: &ScenarioName, url: &str) -> Response {
        let client = self.client();
        let Ok(url) = client.target.rest().join(url) else {
            return Response::unsent("the URL of the attachment is invalid");
        };
        if !client.target.same_origin(&url)
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Response::unsent("the URL of the attachment is not of the target's own origin");
        }
        let token = match self.token(CredentialKind::Access) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        client
            .send(OutgoingRequest {
                scenario,
                actor: self.name(),
                operation: None,
                method: reqwest::Method::GET,
                path: url.to_string(),
                url,
                path_parameters: Vec::new(),
                query: Vec::new(),
                body: None,
                credential: self.credential(CredentialKind::Access),
                token,
            })
            .await
    }

    /// Sends a request without refreshing the access token.
    pub(super) async fn call_once(&self, scenario: &ScenarioName, request: Request) -> Response {
        let client = self.client();
        let spec = request.operation.spec();
        // The credential of the token operations is in the body.
        let kind = if spec.authenticated { request.credential } else { CredentialKind::Anonymous };
        let token = match self.token(kind) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        let parameters: Vec<&str> = request.path_parameters.iter().map(String::as_str).collect();
        client
            .send(OutgoingRequest {
                scenario,
                actor: self.name(),
                operation: Some(request.operation),
                method: match spec.method {
                    Method::Get => reqwest::Method::GET,
                    Method::Post => reqwest::Method::POST,
                    Method::Patch => reqwest::Method::PATCH,
                    Method::Delete => reqwest::Method::DELETE,
                },
                path: spec.path_with(&parameters),
                url: client.target.operation_url(
                    request.operation,
                    &request.path_parameters,
                    &request.query,
                ),
                credential: self.credential(request.credential),
                token,
                path_parameters: request.path_parameters,
                query: request.query,
                body: request.body,
            })
            .await
    }
}
