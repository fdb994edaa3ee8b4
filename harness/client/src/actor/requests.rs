//! Requests of actors.

use hearback_contract::{Method, Operation};
use hearback_history::{CredentialKind, ScenarioName};
use secrecy::SecretString;

use super::Actor;
use super::refusals::Refusals;
use super::renewal::Rejected;
use crate::ownership::guard::GuardedRequest;
use crate::rest::{OutgoingRequest, Request, Response};

impl Actor {
    /// Sends a request and reads the response.
    ///
    /// An access token that expires soon is renewed first. If the token was rejected because it has stopped
    /// working, it is replaced and the request repeated, a few times; if the request was refused because
    /// of a throttle, it is repeated later. If the actor has no token of the requested kind, nothing is sent or recorded.
    pub async fn call(&self, scenario: &ScenarioName, request: Request) -> Response {
        if !request.operation.spec().authenticated {
            return self.call_with_secret(scenario, request).await;
        }
        if matches!(request.credential, CredentialKind::Access) {
            self.keep_fresh(scenario).await;
        }
        let (mut refusals, mut renewals) = (Refusals::default(), 0);
        loop {
            let token = match self.token(request.credential) {
                Ok(token) => token,
                Err(error) => return Response::unsent(error),
            };
            let response = self.call_with(scenario, request.clone(), token.clone()).await;
            if self.is_throttled(scenario, &request, &response, &mut refusals).await {
                continue;
            }
            let rejected = Rejected::by(&response, request.credential, token.as_ref());
            let Some(rejected) = rejected else { return response };
            if !self.is_renewed(scenario, rejected, &mut renewals).await {
                return response;
            }
        }
    }

    /// Sends a request of a token operation; the actor keeps the tokens of its own login, since it may have ended
    /// the session before.
    async fn call_with_secret(&self, scenario: &ScenarioName, request: Request) -> Response {
        let is_login = request.operation == Operation::TokenObtain
            && request.credential == CredentialKind::Access;
        if !is_login {
            return self.call_token_operation(scenario, request).await;
        }
        let _one_at_a_time = self.inner.login.lock().await;
        let response = self.call_token_operation(scenario, request).await;
        // The checker reports a response without tokens.
        let _kept = self.accept_login(&response);
        response
    }

    /// Sends a request of a token operation; logins are paced, and repeated while the target throttles them.
    pub(super) async fn call_token_operation(
        &self,
        scenario: &ScenarioName,
        request: Request,
    ) -> Response {
        let client = self.client();
        let mut refusals = Refusals::default();
        loop {
            if request.operation == Operation::TokenObtain {
                client.throttle.pause(client.login_pacer.delay()).await;
            }
            self.inner.session.lock().issues.begin_request();
            let response = self.call_once(scenario, request.clone()).await;
            self.inner.session.lock().issues.end_request();
            if !self.is_throttled(scenario, &request, &response, &mut refusals).await {
                return response;
            }
        }
    }

    /// Fetches an attachment by its URL, absolute or relative to the host of the target.
    ///
    /// Nothing is sent to another origin. Ambiguity `attachment-url`. A token that has stopped working is replaced, as by
    /// [`call`](Self::call).
    pub async fn fetch(
        &self,
        scenario: &ScenarioName,
        url: &str,
        kind: CredentialKind,
    ) -> Response {
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
        let mut renewals = 0;
        loop {
            let token = match self.token(kind) {
                Ok(token) => token,
                Err(error) => return Response::unsent(error),
            };
            let response = client
                .send(OutgoingRequest {
                    scenario,
                    actor: self.name(),
                    operation: None,
                    method: reqwest::Method::GET,
                    path: url.to_string(),
                    url: url.clone(),
                    path_parameters: Vec::new(),
                    query: Vec::new(),
                    body: None,
                    credential: self.credential(kind),
                    token: token.clone(),
                })
                .await;
            let Some(rejected) = Rejected::by(&response, kind, token.as_ref()) else {
                return response;
            };
            if !self.is_renewed(scenario, rejected, &mut renewals).await {
                return response;
            }
        }
    }

    /// Sends the request of an operation with another method, without a body. It is recorded without an operation.
    ///
    /// # Errors
    /// [`FailureKind::NotOurs`](crate::FailureKind) in the response, if the operation would change what the run did not
    /// create.
    pub async fn call_with_method(
        &self,
        scenario: &ScenarioName,
        method: &str,
        request: Request,
    ) -> Response {
        let client = self.client();
        let Request { operation, path_parameters, query, .. } = request;
        let guarded = GuardedRequest {
            operation: Some(operation),
            path_parameters: &path_parameters,
            query: &query,
            body: None,
        };
        if let Err(failure) = guarded.check(client.ownership()) {
            return Response::failed(failure);
        }
        let Ok(method) = method.parse() else { return Response::unsent("invalid method") };
        self.keep_fresh(scenario).await;
        let token = match self.token(CredentialKind::Access) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        let parameters: Vec<&str> = path_parameters.iter().map(String::as_str).collect();
        client
            .send(OutgoingRequest {
                scenario,
                actor: self.name(),
                operation: None,
                method,
                path: operation.spec().path_with(&parameters),
                url: client.target.operation_url(operation, &path_parameters, &query),
                path_parameters,
                query,
                body: None,
                credential: self.credential(CredentialKind::Access),
                token,
            })
            .await
    }

    /// Sends a request without replacing the access token, and without repeating it after a refusal.
    pub(crate) async fn call_once(&self, scenario: &ScenarioName, request: Request) -> Response {
        let spec = request.operation.spec();
        // The credential of the token operations is in the body.
        let kind = if spec.authenticated { request.credential } else { CredentialKind::Anonymous };
        let token = match self.token(kind) {
            Ok(token) => token,
            Err(error) => return Response::unsent(error),
        };
        self.call_with(scenario, request, token).await
    }

    /// Sends a request with this token.
    pub(super) async fn call_with(
        &self,
        scenario: &ScenarioName,
        request: Request,
        token: Option<SecretString>,
    ) -> Response {
        let client = self.client();
        let spec = request.operation.spec();
        let kind = request.credential;
        let parameters: Vec<&str> = request.path_parameters.iter().map(String::as_str).collect();
        let response = client
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
                credential: self.credential(kind),
                token: token.clone(),
                path_parameters: request.path_parameters,
                query: request.query,
                body: request.body,
            })
            .await;
        if let (Some(token), true) = (&token, kind.is_valid())
            && response.status.is_some_and(|status| !matches!(status, 401 | 403 | 500..))
        {
            self.inner.session.lock().accept(token);
        }
        response
    }
}
