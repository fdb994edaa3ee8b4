//! Preflight and concurrent login.

use hearback_client::{Actor, preflight};
use tokio::task::JoinSet;

use super::options::{CONCURRENCY, Onboarding, SCENARIO};
use crate::error::RunError;
use crate::event::Event;

/// Logs in every account. The first login, of the account at `creator`, is part of the preflight, so that a wrong
/// password is tried once.
pub(super) async fn log_in(
    onboarding: &Onboarding<'_>,
    creator: usize,
) -> Result<Vec<Actor>, RunError> {
    let first = onboarding.client.actor(onboarding.accounts[creator].clone());
    preflight(onboarding.client, &first).await?;
    let mut actors = Vec::with_capacity(onboarding.accounts.len());
    for (position, account) in onboarding.accounts.iter().enumerate() {
        actors.push(match (position == creator, onboarding.signing_key, account.id) {
            (true, ..) => first.clone(),
            (false, Some(key), Some(_)) => {
                first.impersonate(account.clone(), key).map_err(|error| RunError::Signing {
                    actor: account.username.clone(),
                    reason: error.to_string(),
                })?
            }
            _ => onboarding.client.actor(account.clone()),
        });
    }
    let mut waiting = actors.clone().into_iter();
    let mut working = JoinSet::new();
    let mut done = 0;
    loop {
        while working.len() < CONCURRENCY
            && let Some(actor) = waiting.next()
        {
            working.spawn(async move { actor.log_in(&SCENARIO.into()).await });
        }
        match working.join_next().await {
            None => return Ok(actors),
            Some(Ok(logged_in)) => logged_in?,
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
        done += 1;
        onboarding.context.emit(Event::LoggingIn { done, all: actors.len() });
    }
}
