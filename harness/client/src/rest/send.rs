//! Sending requests, with retries after throttling and after errors of gateways.

use hearback_contract::Operation;
use hearback_history::{Attempt, CredentialKind, EventKind, Excuse};
use tokio::time::Instant;

use super::attempt::Attempted;
use super::outgoing::OutgoingRequest;
use super::request::Body;
use super::response::Response;
use crate::client::Client;
use crate::failure::{Failure, FailureKind};
use crate::limits::failed_logins::Reservation;
use crate::limits::gateway_errors;
use crate::limits::throttle::Scope;
use crate::ownership::guard::GuardedRequest;

/// Maximum number of attempts for a throttled login; usually its budget ends first.
const LOGIN_ATTEMPTS: u32 = 40;

/// Maximum number of times in a row that a server may end the connection without processing a request.
const UNPROCESSED_ATTEMPTS: u32 = 8;

/// Maximum number of times that a read waits for the writes of its scenario to become visible.
const SETTLING_ROUNDS: usize = 3;

impl Client {
    /// Sends a request, and again while the target throttles it, or a gateway or the connection fails and it is
    /// safe to repeat; each attempt is recorded.
    ///
    /// A request that the guard or the budget of failed logins refuses is not sent.
    pub(crate) async fn send(&self, outgoing: OutgoingRequest<'_>) -> Response {
        let guarded = GuardedRequest {
            operation: outgoing.operation,
            path_parameters: &outgoing.path_parameters,
            query: &outgoing.query,
            body: outgoing.body.as_ref().map(Body::text),
        };
        if let Err(failure) = guarded.check(&self.ownership) {
            return Response::failed(failure);
        }
        let mut login = self.reservation(&outgoing, guarded.body.as_deref());
        if !login.take() {
            return Response::failed(Failure {
                kind: FailureKind::LoginBudget,
                text: "not sent: the budget of failed logins is used up".to_owned(),
                maybe_done: false,
            });
        }
        let response = if outgoing.method == reqwest::Method::GET {
            self.read(&outgoing, &guarded, &mut login).await
        } else {
            let response = self.send_repeatedly(&outgoing, &guarded, &mut login).await;
            self.settling.wrote(outgoing.scenario);
            response
        };
        login.give_back();
        response
    }

    /// The failed login that a request may be. Credentials of an account are right until the target refuses them.
    fn reservation<'a>(
        &'a self,
        outgoing: &OutgoingRequest<'_>,
        body: Option<&'a str>,
    ) -> Reservation<'a> {
        let is_bad = outgoing.operation == Some(Operation::TokenObtain)
            && outgoing.credential.kind != CredentialKind::Access;
        Reservation::new(self.limits.failed_logins.as_deref().filter(|_| is_bad), body)
    }

    /// Sends a request that reads, once the writes of its scenario are visible.
    async fn read(
        &self,
        outgoing: &OutgoingRequest<'_>,
        guarded: &GuardedRequest<'_>,
        login: &mut Reservation<'_>,
    ) -> Response {
        let (scenario, operation) = (outgoing.scenario, outgoing.operation);
        // Others of the scenario may write meanwhile.
        for _ in 0..SETTLING_ROUNDS {
            let lag = self.settling.delay(scenario, operation);
            if lag.is_zero() {
                break;
            }
            self.throttle.pause(lag).await;
        }
        let began = Instant::now();
        // Only its own scenario writes to a room.
        let is_limited =
            outgoing.query.iter().any(|(name, room)| name == "room" && !room.is_empty());
        let response = self.send_repeatedly(outgoing, guarded, login).await;
        if let Some(call) = response.call
            && !self.settling.is_settled(scenario, operation, is_limited, began)
        {
            match operation {
                // It shows rooms of other scenarios, which write all the time.
                Some(Operation::RoomsList) => {
                    let by = self.settling.staleness(self.limits.longest_lag).into();
                    self.recorder.record(EventKind::MayBeStale { call, by });
                }
                _ => self.excuse(Attempt::Call(call), Excuse::Lag),
            }
        }
        response
    }

    async fn send_repeatedly(
        &self,
        outgoing: &OutgoingRequest<'_>,
        guarded: &GuardedRequest<'_>,
        login: &mut Reservation<'_>,
    ) -> Response {
        let scope = outgoing.scope();
        let attempts = match scope {
            Scope::Logins => LOGIN_ATTEMPTS,
            Scope::Actor(_) => self.limits.attempts,
        };
        let (mut throttled, mut broken, mut refused, mut unprocessed) = (0, 0, 0, 0);
        for attempt in 1.. {
            let (call, failed) = match self.send_once(outgoing, guarded, &scope, attempt).await {
                Attempted::Final(response) => {
                    if response.status.is_some() {
                        login.spend();
                    }
                    return response;
                }
                Attempted::Throttled => {
                    throttled += 1;
                    if throttled >= attempts {
                        break;
                    }
                    continue;
                }
                Attempted::Failed(call, failure) if failure.kind == FailureKind::Unprocessed => {
                    self.excuse(Attempt::Call(call), Excuse::Unprocessed);
                    unprocessed += 1;
                    if unprocessed < UNPROCESSED_ATTEMPTS {
                        continue;
                    }
                    return Response::failed(failure);
                }
                Attempted::Failed(call, failure) => {
                    if failure.maybe_done {
                        login.spend();
                    }
                    let is_unsent = failure.kind == FailureKind::Refused && !failure.maybe_done;
                    let text = self.recorder.redacted(&failure.text);
                    let is_broken = gateway_errors::is_broken(&failure);
                    let is_safe = outgoing.is_safe() && is_broken;
                    let is_rejected = is_broken && !is_unsent && outgoing.has_long_address();
                    let failure = if is_rejected { failure.of_long_address() } else { failure };
                    let response = Response { error: Some(text), ..Response::failed(failure) };
                    // The address may be the reason, and the same one would be rejected again.
                    if is_rejected {
                        self.excuse(Attempt::Call(call), Excuse::LongAddress);
                        return response;
                    }
                    if is_unsent {
                        refused += 1;
                        if let Some(delay) = self.outage.refused(refused) {
                            self.excuse(Attempt::Call(call), Excuse::Gateway);
                            if self.throttle.pause(delay).await {
                                continue;
                            }
                            return response;
                        }
                    }
                    if !is_safe {
                        return response;
                    }
                    (call, response)
                }
                Attempted::Gateway(call, response) => {
                    login.spend();
                    if outgoing.has_long_address() {
                        self.excuse(Attempt::Call(call), Excuse::LongAddress);
                        let failure = Failure::of_gateway(response.status);
                        return Response::failed(failure.of_long_address());
                    }
                    if !outgoing.is_safe() {
                        if !self.gateway_errors.failed(outgoing.operation) {
                            return response;
                        }
                        self.excuse(Attempt::Call(call), Excuse::Gateway);
                        return Response::failed(Failure::of_gateway(response.status));
                    }
                    (call, response)
                }
            };
            broken += 1;
            // A login that may have failed at the target already is one more when repeated.
            if broken >= gateway_errors::ATTEMPTS.min(self.limits.attempts) || !login.take() {
                // An error of one operation in a row of successes is the gateway's, however often it is repeated. A login
                // without which an actor can do nothing is reported as it is.
                let is_login =
                    scope == Scope::Logins && outgoing.credential.kind == CredentialKind::Access;
                let status = failed
                    .status
                    .filter(|_| !is_login && self.gateway_errors.failed(outgoing.operation));
                let Some(status) = status else { return failed };
                self.excuse(Attempt::Call(call), Excuse::Gateway);
                return Response::failed(Failure::of_gateway(Some(status)));
            }
            self.excuse(Attempt::Call(call), Excuse::Gateway);
            self.throttle.pause(gateway_errors::delay(broken)).await;
        }
        Response::failed(Failure {
            kind: FailureKind::Throttled,
            text: format!("throttled: the target refused {throttled} attempts in a row"),
            maybe_done: false,
        })
    }
}
