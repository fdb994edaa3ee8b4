//! The execution of steps.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join_all};
use hearback_client::UnusualHandshake;
use hearback_contract::Operation;
use hearback_history::CredentialKind;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::context::{ScenarioContext, Stop};
use super::expectations::{observed, require_whole};
use crate::step::{Action, Call, Step};

/// The maximum number of pages of a walk: links may form a cycle.
const MAX_PAGES: usize = 100;

impl ScenarioContext {
    /// Runs steps in order, except that several users open their sockets at the same time.
    ///
    /// # Errors
    /// If a step cannot run; a best-effort scenario skips steps whose preconditions are not met.
    pub(super) fn run<'a>(&'a self, steps: &'a [Step]) -> BoxFuture<'a, Result<(), Stop>> {
        Box::pin(async move {
            let mut rest = steps;
            while !rest.is_empty() {
                let (together, later) = rest.split_at(simultaneous(rest));
                try_join_all(together.iter().map(|step| self.attempt_step(step))).await?;
                rest = later;
            }
            Ok(())
        })
    }

    async fn attempt_step(&self, step: &Step) -> Result<(), Stop> {
        self.renew_unique();
        match self.run_step(step).await {
            Err(stop) if self.best_effort && stop.is_of_step() => Ok(()),
            result => result.map_err(|stop| stop.at(&step.number)),
        }
    }

    async fn run_step(&self, step: &Step) -> Result<(), Stop> {
        match &step.action {
            Action::Call(call) if is_plain_refresh(call) => {
                let actor = self.actor(&call.actor);
                actor.token_request(Operation::TokenRefresh, CredentialKind::Access)?;
                // The actor keeps the new token for later steps; the checker reports a missing one.
                let _refreshed = actor.refresh(&self.scenario).await;
                Ok(())
            }
            Action::Call(call) if self.best_effort && self.would_wait(call) => {
                Err(Stop::failed("logins are throttled"))
            }
            Action::Call(call) => {
                let response = self.call_as_expected(step, call).await?;
                match &call.save {
                    Some(name) if response.is_success() => {
                        self.save_response(name, call, response).await
                    }
                    _ => Ok(()),
                }
            }
            Action::Walk { call, between } => self.walk(call, between).await,
            Action::Fetch { actor, url, credential, expect } => {
                let url = self.text(url)?;
                let kind = self.credential(credential.as_deref())?;
                let kind = kind.unwrap_or(CredentialKind::Access);
                self.actor(actor).can_present(kind)?;
                let response = self.actor(actor).fetch(&self.scenario, &url, kind).await;
                if expect.is_some() {
                    require_whole(&response)?;
                }
                self.check(step, (actor, "fetch"), expect.as_ref(), &observed(&response))
            }
            Action::Request { actor, method, operation, at, query } => {
                let mut call = Call::new(actor, *operation);
                call.at = at.clone();
                call.query = query.clone();
                let request = self.request(&call)?;
                let actor = self.actor(actor);
                let response = actor.call_with_method(&self.scenario, method, request).await;
                response.failure.as_ref().and_then(Stop::not_sent).map_or(Ok(()), Err)
            }
            Action::Connect {
                actor,
                socket,
                room,
                credential,
                origin,
                offers_compression,
                expect,
            } => {
                let room = self.text(room)?.into();
                let kind = credential.as_deref();
                let unusual = UnusualHandshake {
                    origin: origin.clone(),
                    offers_compression: *offers_compression,
                };
                let result = self.connect(actor, socket, room, kind, unusual).await?;
                self.check(step, (actor, "connect"), expect.as_ref(), &result)
            }
            Action::Reconnect { socket, credential, expect } => {
                let open = self.socket(socket)?;
                self.disconnect(socket).await;
                let result = self
                    .connect(
                        &open.actor,
                        socket,
                        open.room,
                        credential.as_deref(),
                        UnusualHandshake::default(),
                    )
                    .await?;
                self.check(step, (&open.actor, "reconnect"), expect.as_ref(), &result)
            }
            Action::Disconnect { socket } => {
                self.disconnect(socket).await;
                Ok(())
            }
            Action::Probe { socket, probe } => self.probe(socket, *probe).await,
            Action::Pause(duration) => {
                tokio::time::sleep(*duration).await;
                Ok(())
            }
            Action::Until { time, within } => {
                let time = self.text(time)?;
                let until: Timestamp =
                    time.parse().map_err(|_| Stop::failed(format!("`{time}` is not a time")))?;
                let left = Duration::try_from(until.duration_since(Timestamp::now()));
                tokio::time::sleep(left.unwrap_or_default().min(*within)).await;
                Ok(())
            }
            Action::Fence { socket } => self.fence(socket).await,
            Action::Expect { socket, event, expectation, save } => {
                let event = self.expect(step, socket, *event, expectation).await?;
                if let Some((name, event)) = save.as_ref().zip(event) {
                    self.save(name, event);
                }
                Ok(())
            }
            Action::ExpectNothing { socket, event, expectation } => {
                self.expect_nothing(step, socket, *event, expectation).await
            }
            Action::Send { socket, frame } => self.send(socket, frame).await,
            Action::Say { socket, text, reply_to, save } => {
                let text = self.text(text)?;
                let reply_to = reply_to.as_deref().map(|id| self.text(id)).transpose()?;
                let message = self.say(socket, &text, reply_to).await?;
                if let Some(name) = save {
                    self.save(name, message);
                }
                Ok(())
            }
            Action::Await { socket, event, fields } => self.wait(socket, *event, fields).await,
            Action::For { variable, values, steps } => {
                let Value::Array(values) = self.resolve(values)? else {
                    return Err(Stop::failed(format!("the values of `{variable}` are not a list")));
                };
                for value in values {
                    self.save(variable, value);
                    self.run(steps).await?;
                }
                Ok(())
            }
            Action::Repeat { count, steps } => {
                for index in 1..=*count {
                    self.save("index", json!(index));
                    self.run(steps).await?;
                }
                Ok(())
            }
            Action::Parallel(branches) => {
                let contexts: Vec<_> = branches.iter().map(|_| self.branch()).collect();
                let branches = contexts.iter().zip(branches);
                try_join_all(branches.map(|(context, steps)| context.run(steps))).await?;
                contexts.into_iter().for_each(|context| self.merge(context));
                Ok(())
            }
            Action::AnyOf(steps) => {
                let chosen = self.choices.lock().choice(steps);
                match self.run(chosen.map_or(&[], std::slice::from_ref)).await {
                    // Preconditions depend on earlier random choices.
                    Err(Stop::Failed { .. }) => Ok(()),
                    other => other,
                }
            }
        }
    }

    /// Returns whether a call is a login that would wait until the target accepts logins again.
    fn would_wait(&self, call: &Call) -> bool {
        call.operation == Operation::TokenObtain
            && !self.actor(&call.actor).client().logins_are_free()
    }

    /// Lists messages page by page, following `next` at the target unless it leads to another operation.
    async fn walk(&self, call: &Call, between: &[Step]) -> Result<(), Stop> {
        let mut request = self.request(call)?;
        for _ in 0..MAX_PAGES {
            let response = self.call(&call.actor, request.clone()).await?;
            self.run(between).await?;
            let target = self.actor(&call.actor).client().target();
            let next = response.text_at("/next");
            match next.and_then(|next| target.query_of(call.operation, next)) {
                Some(query) => request.query = query,
                None => break,
            }
        }
        Ok(())
    }
}

/// Number of steps at the beginning that run at the same time: handshakes of different users, since a distant target
/// takes long for each. Otherwise one.
fn simultaneous(steps: &[Step]) -> usize {
    let mut actors = HashSet::new();
    let of_others = steps.iter().take_while(|step| match &step.action {
        Action::Connect { actor, .. } => actors.insert(actor),
        _ => false,
    });
    of_others.count().max(1)
}

/// True for an ordinary refresh of the actor's own token.
fn is_plain_refresh(call: &Call) -> bool {
    call.operation == Operation::TokenRefresh
        && call.body.is_none()
        && call.raw.is_none()
        && call.credential.is_none()
        && call.expect.is_none()
}
