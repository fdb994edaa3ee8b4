//! `hearback load`.

mod dry_run;
mod unsigned;

use anyhow::anyhow;
use hearback_history::RunEnd;
use hearback_loadtests::{Profile, machine};
use hearback_results::ExitStatus;
use hearback_runner::load::{LoadRun, Metrics, Options, ServerProcess};
use hearback_runner::run::{Identity, default_load_journal, default_record};
use hearback_runner::{Event, Observer, RemoteTarget};
use hearback_stats::LoadRecord;
use hearback_stats::record::FORMAT;

use crate::arguments::{Capacity, Load};
use crate::execution::{context, interrupt};
use crate::failure::Failure;
use crate::output;
use crate::plots::Plots;
use crate::progress::LoadProgress;
use crate::reporting::{Report, or_report, report};
use unsigned::unsigned_warning;

/// Factor by which a search for the highest number of members can exceed the accounts of the profile.
const GROWTH: usize = 16;

/// Maximum number of accounts of the embedded server.
const MAXIMUM_ACCOUNTS: usize = 20_000;

pub(crate) fn run(options: &Load) -> Result<ExitStatus, Failure> {
    let schedule = &options.schedule;
    let profile = Profile::find(&schedule.profile).map_err(Failure::invalid_file)?;
    let profile = profile.scaled(schedule.duration_scale).at_rate(schedule.rate_scale);
    let reports = Report::parse(&options.reporting.report)?;
    let plots = Plots::parse(&options.reporting.plots)?;
    // Before the server is started, which inherits the limit.
    let descriptors = machine::raise_descriptors();
    let remote = options.target.remote();
    if let Some(remote) = &remote {
        ensure_allowed(remote, &options.allow_load)?;
    }
    if options.execution.dry_run {
        let dry_run = dry_run::dry_run(options, &profile, descriptors)?;
        output::print(&dry_run.text);
        return Ok(if dry_run.is_possible { ExitStatus::Passed } else { ExitStatus::Usage });
    }
    Report::prepare(&reports)?;
    let identity = Identity::new(options.execution.seed);
    let result = perform(options, profile.clone(), remote.as_ref(), identity.clone());
    options.execution.runs.prune(&identity.name);
    let record =
        or_report(result, &reports, |failure| failed(options, &profile, &identity, failure))?;
    report(&record, options.reporting.verbose, &reports)?;
    plots.iter().try_for_each(|plots| plots.write(&record))?;
    Ok(ExitStatus::from(&record))
}

/// Runs the load, and returns its record.
fn perform(
    options: &Load,
    profile: Profile,
    remote: Option<&RemoteTarget>,
    identity: Identity,
) -> Result<LoadRecord, Failure> {
    let (target, _server) = match remote {
        Some(remote) => (remote.open()?, None),
        None => {
            let accounts = embedded_accounts(options, &profile);
            let server = ServerProcess::start(
                &options.target.fault,
                &options.target.weather.clone().unwrap_or_default(),
                accounts,
            )?;
            (server.target()?, Some(server))
        }
    };
    if target.jwt_secret().is_some()
        && let Some(warning) = unsigned_warning(target.accounts(), profile.accounts)
    {
        eprintln!("warning: {warning}");
    }
    if !options.execution.quiet {
        eprintln!("Run {} against {}", identity.name, target.description());
    }
    let labels = [
        ("run", identity.name.clone()),
        ("profile", profile.name.clone()),
        ("target", target.target().rest().to_string()),
    ];
    let load_options = Options {
        timeout: options.execution.timeout,
        goose_report: options.goose_report.clone(),
        journal: Some(default_load_journal(&identity.name)),
        record: Some(options.record.clone().unwrap_or_else(|| default_record(&identity.name))),
        identity,
    };
    // Before goose installs its handler.
    let interrupt = interrupt()?;
    let progress = LoadProgress::start(options.execution.quiet);
    let set_aside = machine::SilencedOutput::start();
    let runtime = machine::runtime().map_err(Failure::incomplete)?;
    let result = runtime.block_on(async {
        let metrics = match options.metrics_listen {
            None => None,
            Some(address) => Some(Metrics::listen(address, &labels).await?),
        };
        let observer = observer(&progress, metrics.as_ref());
        let context = context(&interrupt, observer);
        let run = LoadRun::new(load_options, target, context)?;
        let record = match options.capacity.find_capacity {
            None => run.once(profile).await?,
            Some(of) => {
                let confirmations = usize::from(options.capacity.confirmations);
                run.find_capacity(profile, of.into(), confirmations).await?
            }
        };
        Ok::<_, Failure>(record)
    });
    progress.finish();
    drop((set_aside, interrupt));
    result
}

/// The record of a run that measured nothing; its reports say why.
fn failed(options: &Load, profile: &Profile, identity: &Identity, failure: &Failure) -> LoadRecord {
    let mut record = LoadRecord {
        format: FORMAT,
        hearback_version: env!("CARGO_PKG_VERSION").to_owned(),
        run: identity.name.clone(),
        target: options.target.url(),
        seed: identity.seed,
        started_at: format!("{:.3}", jiff::Timestamp::now()),
        end: RunEnd::Aborted { reason: failure.reason() },
        ..LoadRecord::default()
    };
    record.profile.name.clone_from(&profile.name);
    record
}

/// Passes events to the progress and the page of metrics.
fn observer(progress: &LoadProgress, metrics: Option<&Metrics>) -> Observer {
    let progress = progress.observer();
    let Some(metrics) = metrics else { return progress };
    eprintln!("Serving metrics at {}", metrics.url());
    let exposition = metrics.exposition();
    Observer::new(move |event| {
        if let Event::Load(progress) = event {
            exposition.lock().observe(progress);
        }
        progress.observe(event);
    })
}

/// Remote hosts must be allowed explicitly: a load run can put them out of service.
fn ensure_allowed(remote: &RemoteTarget, allowed: &[String]) -> Result<(), Failure> {
    let target = remote.target()?;
    let is_allowed = |host: &str| allowed.iter().any(|it| it.eq_ignore_ascii_case(host));
    let hosts: Vec<_> =
        target.remote_hosts().into_iter().filter(|host| !is_allowed(host)).collect();
    if hosts.is_empty() {
        return Ok(());
    }
    let options: Vec<_> = hosts.iter().map(|host| format!("--allow-load {host}")).collect();
    let (verb, them) = if hosts.len() == 1 { ("is", "it") } else { ("are", "them") };
    Err(Failure::usage(anyhow!(
        "{} {verb} not this machine, and a load run can put {them} out of service; if you may do that, add {}",
        hosts.join(" and "),
        options.join(" ")
    )))
}

/// Accounts of the embedded server: those of the profile, and room for a search to grow into.
fn embedded_accounts(options: &Load, profile: &Profile) -> usize {
    match options.capacity.find_capacity {
        Some(Capacity::Members) => (profile.accounts * GROWTH).min(MAXIMUM_ACCOUNTS),
        _ => profile.accounts,
    }
}
