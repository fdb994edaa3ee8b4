//! `hearback doctor`: checks before the first run whether a target can be tested, with advice if not.
//!
//! Each account logs in once, nothing logs in with a wrong password, and rooms that are created are archived. The
//! advice is that of the errors with which a run would end.

mod check;
mod clock;
mod direct_rooms;
mod examination;
mod finding;
mod gateway;
mod handshake;
mod identity;
mod login;
mod milliseconds;
mod reachability;
mod rest;
mod round_trip;
mod throttles;
mod tls;

use std::collections::HashSet;
use std::time::Duration;

use hearback_results::{Diagnosed, Diagnosis};

use crate::context::Context;
use crate::error::RunError;
use crate::target::TargetUnderTest;
use check::CHECKS;
use examination::Examination;
use finding::Finding;

/// Performs all checks of a target.
///
/// # Errors
/// If the client cannot be built, or the examination is interrupted.
pub async fn diagnose(
    target: TargetUnderTest,
    timeout: Duration,
    context: &Context,
) -> Result<Diagnosis, RunError> {
    let description = target.description();
    let mut examination = Examination::new(target, timeout, context)?;
    let mut sufficient: HashSet<&str> = HashSet::new();
    let mut checks = Vec::with_capacity(CHECKS.len());
    for check in CHECKS {
        if context.is_cancelled() {
            examination.target.stop().await;
            return Err(RunError::Interrupted);
        }
        let finding = match check.needs.filter(|needed| !sufficient.contains(needed)) {
            Some(needed) => Finding::skipped(format!("depends on `{needed}`")),
            None => (check.perform)(&mut examination).await,
        };
        if finding.state.is_sufficient() {
            sufficient.insert(check.id);
        }
        checks.push(Diagnosed {
            id: check.id,
            title: check.title,
            state: finding.state,
            found: examination.client.recorder().redacted(&finding.found),
            advice: finding.advice,
        });
    }
    examination.target.stop().await;
    Ok(Diagnosis { target: description, checks })
}
