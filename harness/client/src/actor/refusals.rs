//! Refusals that may be throttles: 403 in the format of the application.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_history::{Attempt, Credential, CredentialKind, Excuse, ScenarioName};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::Actor;
use crate::client::ProvenLogin;
use crate::limits::failed_logins::is_lockout;
use crate::limits::refusal_shapes::{Meaning, Shape};
use crate::limits::throttle::Scope;
use crate::rest::{Body, OutgoingRequest, Request, Response};

/// Maximum number of attempts for a request that is refused for a while.
const ATTEMPTS: u32 = 6;

/// Delay before a request with a bad credential is repeated, once: only time tells whether it was throttled.
const SECOND_LOOK: Duration = Duration::from_millis(1_200);

/// Maximum number of times that a request is repeated because the list of rooms did not tell.
const MAX_INQUIRIES: u32 = 2;

/// The attempts of one request.
#[derive(Default)]
pub(super) struct Refusals {
    refused: u32,
    /// Number of times that the list of rooms did not tell whether the refusal is a throttle.
    untold: u32,
    /// The shape of a refusal that may be a throttle that has ended; the request was repeated.
    doubted: Option<Shape>,
}

impl Actor {
    /// Excuses a refusal that may be a throttle, and closes the gate of its scope; `true` if the request is to be
    /// repeated.
    ///
    /// A refusal is a throttle if the list of rooms, which the actor could read before, is refused alike.
    pub(super) async fn is_throttled(
        &self,
        scenario: &ScenarioName,
        request: &Request,
        response: &Response,
        refusals: &mut Refusals,
    ) -> bool {
        let shapes = &self.client().refusals;
        let shape = response.status.map(|status| Shape::of(status, &response.body));
        let is_login = request.operation == Operation::TokenObtain;
        let is_own = request.credential == CredentialKind::Access;
        let budget = self.client().limits().failed_logins.as_ref();
        if let (Some(doubted), Some(_)) = (refusals.doubted, response.status) {
            let is_same = shape == Some(doubted);
            shapes.learn(doubted, if is_same { Meaning::Refusal } else { Meaning::Throttle });
            // The first refusal was a failed login as well.
            if let Some(budget) = budget.filter(|_| is_login && is_own && is_same) {
                budget.note();
            }
        }
        let (Some(403), Some(shape), Some(call)) = (response.status, shape, response.call) else {
            return false;
        };
        if is_login && is_lockout(403, response.has_retry_after, &response.body) {
            return false;
        }
        let known = shapes.meaning(shape);
        if known == Some(Meaning::Refusal) || refusals.refused >= ATTEMPTS {
            return false;
        }
        let is_throttled = if is_login {
            match self.is_login_throttled(scenario, request, shape).await {
                // A throttle may have ended just now. A wrong password in the accounts file fails twice at most.
                Some(false) if is_own && refusals.doubted.replace(shape).is_none() => {
                    self.client().excuse(Attempt::Call(call), Excuse::Throttled);
                    self.client().throttle.pause(SECOND_LOOK).await;
                    return true;
                }
                result => result == Some(true),
            }
        } else if is_own && request.operation.spec().authenticated {
            match self.refuses_everything(scenario, shape).await {
                Some(true) => true,
                // A throttle may have ended just now: the refused request itself tells, once for each shape.
                Some(false) if refusals.doubted.replace(shape).is_none() => {
                    self.client().excuse(Attempt::Call(call), Excuse::Throttled);
                    return true;
                }
                Some(false) => false,
                // Another login may have ended the session just now, or the response was lost.
                None if self.inner.session.lock().accepted => {
                    refusals.untold += 1;
                    self.client().excuse(Attempt::Call(call), Excuse::Throttled);
                    return refusals.untold <= MAX_INQUIRIES;
                }
                None => false,
            }
        } else {
            let is_first = refusals.doubted.replace(shape).is_none();
            if is_first && known.is_none() {
                self.client().throttle.pause(SECOND_LOOK).await;
            }
            is_first || known == Some(Meaning::Throttle)
        };
        if !is_throttled {
            // A throttle may have ended before the right password was tried, so 403 is not evidence that a bad
            // credential was rejected.
            if is_login && self.client().proven_login.lock().is_some() {
                self.client().excuse(Attempt::Call(call), Excuse::Throttled);
            }
            return false;
        }
        refusals.refused += 1;
        if let Some(budget) = budget.filter(|_| is_login && !is_own) {
            budget.give_back(request.body.as_ref().map(Body::text).as_deref());
        }
        self.client().excuse(Attempt::Call(call), Excuse::Throttled);
        let scope = match request.operation {
            Operation::TokenObtain => Scope::Logins,
            _ => Scope::Actor(self.name().clone()),
        };
        let throttle = &self.client().throttle;
        throttle.close(&scope, throttle.backoff(refusals.refused));
        true
    }

    /// Returns whether the target refuses the list of rooms alike; `None` if that says nothing. Learns the shape.
    async fn refuses_everything(&self, scenario: &ScenarioName, shape: Shape) -> Option<bool> {
        if !self.inner.session.lock().accepted {
            return None;
        }
        let probe = self.call_once(scenario, Request::new(Operation::RoomsList)).await;
        let is_same = probe.status == Some(403) && Shape::of(403, &probe.body) == shape;
        let shapes = &self.client().refusals;
        if is_same {
            shapes.learn(shape, Meaning::Throttle);
            if let Some(call) = probe.call {
                self.client().excuse(Attempt::Call(call), Excuse::Throttled);
            }
        } else if !probe.is_success() {
            return None;
        }
        Some(is_same)
    }

    /// Returns whether a login is refused because there were too many: a password that is right is refused alike;
    /// `None` if no password is known to be right. Learns the shape.
    async fn is_login_throttled(
        &self,
        scenario: &ScenarioName,
        request: &Request,
        shape: Shape,
    ) -> Option<bool> {
        let proven = self.client().proven_login.lock().clone()?;
        let shapes = &self.client().refusals;
        let is_own = request.credential == CredentialKind::Access;
        if (is_own && self.is_proven()) || shapes.meaning(shape) == Some(Meaning::Throttle) {
            return Some(true);
        }
        let control = if is_own {
            self.log_in_again(scenario, proven).await
        } else {
            let right = self.token_request(Operation::TokenObtain, CredentialKind::Access);
            self.call_once(scenario, right.ok()?).await
        };
        let is_same = control.status == Some(403) && Shape::of(403, &control.body) == shape;
        if is_same {
            shapes.learn(shape, Meaning::Throttle);
            if let Some(call) = control.call {
                self.client().excuse(Attempt::Call(call), Excuse::Throttled);
            }
        } else if control.is_success() && !is_own {
            // The login may have ended the session of the actor.
            let _kept = self.accept_login(&control);
        }
        Some(is_same)
    }

    /// Repeats a login of any account that succeeded before. If it ends the session of that account, the account
    /// renews its token.
    async fn log_in_again(&self, scenario: &ScenarioName, proven: ProvenLogin) -> Response {
        let client = self.client();
        let ProvenLogin { actor, password } = proven;
        let operation = Operation::TokenObtain;
        let body = json!({"username": actor, "password": password.expose_secret()});
        client
            .send(OutgoingRequest {
                scenario,
                actor: &actor,
                operation: Some(operation),
                method: reqwest::Method::POST,
                path: operation.spec().path_with(&[]),
                url: client.target.operation_url(operation, &[], &[]),
                path_parameters: Vec::new(),
                query: Vec::new(),
                body: Some(Body::Json(body)),
                credential: Credential { kind: CredentialKind::Access, owner: actor.clone() },
                token: None,
            })
            .await
    }
}
