//! State that the checks share.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hearback_client::{Actor, Client, Limits, Response};
use hearback_contract::Operation;
use hearback_history::{Event, History, Outcome, Recorder, ScenarioName, Sink};
use parking_lot::Mutex;

use crate::context::Context;
use crate::error::RunError;
use crate::onboarding::SCENARIO;
use crate::run::Identity;
use crate::target::TargetUnderTest;

/// A target under examination, and what earlier checks learned about it.
pub(super) struct Examination {
    pub(super) target: TargetUnderTest,
    pub(super) client: Arc<Client>,
    pub(super) context: Context,
    /// Name of the examination, for its rooms.
    pub(super) name: String,
    /// Everything that was sent and received.
    pub(super) events: Arc<Mutex<Vec<Event>>>,
    /// The TLS handshake with the target, if its URL begins with `https`.
    pub(super) tls: Option<Result<hearback_client::TlsProbe, hearback_client::Failure>>,
    /// The response to a request without a token, and the time halfway between both.
    pub(super) first: Option<(Response, SystemTime)>,
    /// The accounts that logged in.
    pub(super) actors: Vec<Actor>,
}

impl Examination {
    /// An examination of a target; nothing is sent yet.
    ///
    /// # Errors
    /// If the client cannot be built.
    pub(super) fn new(
        target: TargetUnderTest,
        timeout: Duration,
        context: &Context,
    ) -> Result<Self, RunError> {
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sinks: Vec<Box<dyn Sink>> = vec![Box::new(events.clone())];
        let recorder = Arc::new(Recorder::new(sinks));
        context.redaction.add(&recorder);
        let limits = Limits { failed_logins: None, ..target.limits(timeout) };
        let client = Client::new(target.target().clone(), recorder, limits, target.jwt_secret())?;
        Ok(Self {
            target,
            client,
            context: context.clone(),
            name: Identity::new(None).name,
            events,
            tls: None,
            first: None,
            actors: Vec::new(),
        })
    }

    /// The account that creates rooms, if one that logged in may.
    pub(super) fn creator(&self) -> Option<usize> {
        self.actors.iter().position(|actor| actor.account().creates_rooms)
    }

    /// Duration of the slowest login by password, without delays that the target demanded before it.
    pub(super) fn slowest_login(&self) -> Option<Duration> {
        let history = History::from_events(self.events.lock().clone());
        let logins = history.calls.iter().filter_map(|call| match call.outcome {
            Outcome::Response { returned, status: 200, .. }
                if call.operation() == Some(Operation::TokenObtain) =>
            {
                Some(Duration::from_nanos((returned - call.invoked).get()))
            }
            _ => None,
        });
        logins.max()
    }

    /// The scenario under which the examination is recorded.
    pub(super) fn scenario() -> ScenarioName {
        SCENARIO.into()
    }
}
