//! Carrying out a load run: from the profile and the accounts to the record.

mod live;
mod metrics;
mod progress;
mod sample;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use hearback_history::RunEnd;
use hearback_loadtests::{LoadRecord, Options, Profile, prepare};
use hearback_measure::record::End;
use tokio::sync::watch;

use crate::arguments::Load;
use crate::exit::Failure;

pub(crate) use target::TargetUnderLoad;

/// Carries a profile out against a target and gives the record, which is kept in a file as well.
pub(crate) async fn record(
    options: &Load,
    profile: Profile,
    target: &TargetUnderLoad,
) -> Result<LoadRecord, Failure> {
    let random = uuid::Uuid::new_v4().as_u64_pair().0;
    let run = format!("{:06x}", random >> 40);
    let path = options
        .record
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("hearback-runs/load-{run}.json")));
    // A place that cannot be written is better known before the run than after it.
    keep(&path, "")?;
    let interrupted = interruption()?;
    let slos = profile.slos.clone();
    let events = (profile.sample_rooms > 0).then(sample::Events::default);
    let metrics = match options.metrics_listen {
        None => None,
        Some(address) => {
            let labels = [
                ("run", run.clone()),
                ("profile", profile.name.clone()),
                ("target", target.target().rest().to_string()),
            ];
            let metrics = metrics::Metrics::listen(address, &labels).await?;
            eprintln!("metrics are at {}", metrics.url());
            Some(metrics)
        }
    };
    let listeners = progress::teller(options.quiet, target, &run);
    let listeners = listeners.into_iter().chain(metrics.as_ref().map(metrics::Metrics::listener));
    let stage = prepare(
        profile,
        Options {
            target: target.target().clone(),
            accounts: target.accounts().to_vec(),
            jwt_secret: target.jwt_secret(),
            run: run.clone(),
            seed: options.seed.unwrap_or(random & 0xffff_ffff),
            embedded: target.is_embedded(),
            server: target.process(),
            patience: options.patience,
            sample: events.clone().map(|events| Box::new(events) as _),
            interrupted,
            progress: progress::all(listeners.collect()),
            goose_report: options.goose_report.clone(),
        },
    )
    .await
    .map_err(Failure::unreachable)?;
    let sampled = stage.plan().rooms.iter().filter(|room| room.sampled).count();
    let finished = stage.run().await;
    let end = match &finished {
        Ok(finished) => match &finished.record.end {
            End::Completed => RunEnd::Completed,
            End::Interrupted => RunEnd::Interrupted,
            End::Aborted { reason } => RunEnd::Aborted { reason: reason.clone() },
        },
        Err(error) => RunEnd::Aborted { reason: error.to_string() },
    };
    stage.clear(end).await;
    let finished = finished.map_err(Failure::unreachable)?;
    if let Err(reason) = &finished.goose {
        eprintln!("warning: goose's own figures are missing: {reason}");
    }
    let mut record = finished.record;
    if let Some(events) = events {
        record.sample = Some(events.judge(sampled as u64));
    }
    record.evaluate(&slos);
    let text = serde_json::to_string(&record).context("the record cannot be written as JSON");
    keep(&path, &text.map_err(Failure::unfinished)?)?;
    if !options.quiet {
        eprintln!("the record is {}", path.display());
    }
    Ok(record)
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(path, text))
        .with_context(|| format!("the record cannot be written to {}", path.display()))
        .map_err(Failure::usage)
}

/// Turns true at the first Ctrl-C; the second one ends the process.
///
/// Installed before goose installs its own handler, which would end it without a record.
fn interruption() -> Result<watch::Receiver<bool>, Failure> {
    let (interrupt, interrupted) = watch::channel(false);
    let once = Arc::new(AtomicBool::new(false));
    ctrlc::set_handler(move || {
        if once.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping: what was measured is told, and what was made is put away; Ctrl-C again to leave it");
        interrupt.send_replace(true);
    })
    .context("Ctrl-C cannot be caught")
    .map_err(Failure::unfinished)?;
    Ok(interrupted)
}
