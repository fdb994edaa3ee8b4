//! Carrying out a load run: from the profile and the accounts to the record.

mod capacity;
mod dry_run;
mod live;
mod metrics;
mod progress;
mod sample;
mod stored;
mod target;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Context as _;
use hearback_client::Accounts;
use hearback_history::RunEnd;
use hearback_loadtests::{
    AccountsUnusable, Finished, LoadError, LoadRecord, Options, Profile, Stage, prepare,
};
use hearback_stats::record::End;
use tokio::sync::watch;

use crate::arguments::Load;
use crate::exit::Failure;

pub(crate) use dry_run::dry_run;
pub(crate) use stored::read;
pub(crate) use target::TargetUnderLoad;

/// A load run that is about to be carried out.
pub(crate) struct Run<'a> {
    options: &'a Load,
    target: &'a TargetUnderLoad,
    /// Its name; the rooms that it makes carry it.
    name: String,
    seed: u64,
    path: PathBuf,
    interrupted: watch::Receiver<bool>,
    metrics: Option<metrics::Metrics>,
    /// The ids of so many accounts are known to be right: an earlier trial has seen them, or they are ours.
    ids_known: AtomicUsize,
}

impl<'a> Run<'a> {
    /// Gives the run its name, and its seed if none was asked for; from now on Ctrl-C ends it in order.
    pub(crate) async fn new(
        options: &'a Load,
        target: &'a TargetUnderLoad,
        profile: &Profile,
    ) -> Result<Self, Failure> {
        let random = uuid::Uuid::new_v4().as_u64_pair().0;
        let name = format!("{:06x}", random >> 40);
        let usual = || PathBuf::from(format!("hearback-runs/load-{name}.json"));
        let path = options.record.clone().unwrap_or_else(usual);
        // A place that cannot be written is better known before the run than after it.
        is_writable(&path)?;
        let seed = options.seed.unwrap_or(random & 0xffff_ffff);
        let interrupted = interruption()?;
        let metrics = match options.metrics_listen {
            None => None,
            Some(address) => {
                let labels = [
                    ("run", name.clone()),
                    ("profile", profile.name.clone()),
                    ("target", target.target().rest().to_string()),
                ];
                let metrics = metrics::Metrics::listen(address, &labels).await?;
                eprintln!("metrics are at {}", metrics.url());
                Some(metrics)
            }
        };
        let ids_known = AtomicUsize::new(if target.is_embedded() { usize::MAX } else { 0 });
        Ok(Self { options, target, name, seed, path, interrupted, metrics, ids_known })
    }

    /// Carries a profile out once and gives the record.
    pub(crate) async fn once(&self, profile: Profile) -> Result<LoadRecord, Failure> {
        let events = (profile.sample_rooms > 0).then(sample::Events::default);
        let slos = profile.slos.clone();
        let stage =
            self.prepare(profile, events.clone()).await.map_err(|error| self.failure(error))?;
        let sampled = stage.plan().rooms.iter().filter(|room| room.sampled).count();
        let finished = stage.run().await;
        stage.clear(end_of(&finished)).await;
        let finished = finished.map_err(|error| self.failure(error))?;
        if let Err(reason) = &finished.goose {
            eprintln!("warning: goose's own figures are missing: {reason}");
        }
        let mut record = finished.record;
        if let Some(events) = events {
            record.sample = Some(events.check_history(sampled as u64));
        }
        record.evaluate(&slos);
        self.keep(&record)?;
        Ok(record)
    }

    /// Lets everybody in and makes the rooms.
    async fn prepare(
        &self,
        profile: Profile,
        sample: Option<sample::Events>,
    ) -> Result<Stage, LoadError> {
        let tellers = progress::teller(self.options.quiet, self.target, &self.name).into_iter();
        let listeners = tellers.chain(self.metrics.as_ref().map(metrics::Metrics::listener));
        let options = Options {
            target: self.target.target().clone(),
            accounts: self.target.accounts().to_vec(),
            ids_known: self.ids_known.load(Ordering::Relaxed),
            jwt_secret: self.target.jwt_secret(),
            run: self.name.clone(),
            seed: self.seed,
            embedded: self.target.is_embedded(),
            server: self.target.process(),
            timeout: self.options.timeout,
            sample: sample.map(|events| Box::new(events) as _),
            interrupted: self.interrupted.clone(),
            progress: progress::all(listeners.collect()),
            goose_report: self.options.goose_report.clone(),
        };
        let stage = prepare(profile, options).await?;
        self.ids_known.fetch_max(stage.plan().accounts, Ordering::Relaxed);
        Ok(stage)
    }

    /// Why no run came about, by whose doing that is.
    fn failure(&self, error: LoadError) -> Failure {
        match (error, &self.options.whom.accounts) {
            (LoadError::Accounts(AccountsUnusable::AnotherId { account, stated }), Some(path)) => {
                Failure::file(Accounts::another_id(path, &account, stated))
            }
            // Of what was asked for, not of the target.
            (error @ (LoadError::Plan(_) | LoadError::Descriptors { .. }), _) => {
                Failure::file(error)
            }
            (error, _) => Failure::unreachable(error),
        }
    }

    fn keep(&self, record: &LoadRecord) -> Result<(), Failure> {
        let text = serde_json::to_string(record).context("the record cannot be written as JSON");
        keep(&self.path, &text.map_err(Failure::unfinished)?)?;
        if !self.options.quiet {
            eprintln!("the record is {}", self.path.display());
        }
        Ok(())
    }
}

fn end_of(finished: &Result<Finished, LoadError>) -> RunEnd {
    match finished {
        Ok(finished) => match &finished.record.end {
            End::Completed => RunEnd::Completed,
            End::Interrupted => RunEnd::Interrupted,
            End::Aborted { reason } => RunEnd::Aborted { reason: reason.clone() },
        },
        Err(error) => RunEnd::Aborted { reason: error.to_string() },
    }
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    written(path, std::fs::write(path, text))
}

/// Makes the folder and tries to write; what was there stays, and what was not is not left behind.
fn is_writable(path: &Path) -> Result<(), Failure> {
    let was_there = path.exists();
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let opened = folder.and_then(|()| OpenOptions::new().append(true).create(true).open(path));
    if opened.is_ok() && !was_there {
        std::fs::remove_file(path).ok();
    }
    written(path, opened.map(drop))
}

fn written(path: &Path, outcome: std::io::Result<()>) -> Result<(), Failure> {
    outcome
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
