//! `hearback load`.

use hearback_loadtests::{Profile, machine};
use hearback_reports::load::plan;
use hearback_results::ExitStatus;
use hearback_runner::load::Specification;
use hearback_stats::LoadRecord;
use hearback_workers::{Pool, coordinate};

use crate::arguments::Load;
use crate::execution::{context, interrupt};
use crate::failure::Failure;
use crate::output;
use crate::plots::Plots;
use crate::progress::LoadProgress;
use crate::reporting::{Report, or_report, report, write_reports};
use crate::stream::Stream;

pub(crate) fn run(options: &Load) -> Result<ExitStatus, Failure> {
    let profile = Profile::find(&options.schedule.profile).map_err(Failure::invalid_file)?;
    let profile = profile.with(&options.schedule.overrides()).map_err(Failure::invalid_file)?;
    let reports = Report::parse(&options.reporting.report)?;
    let plots = Plots::parse(&options.reporting.plots)?;
    let load = options.specification(profile)?;
    // Before the server is started, which inherits the limit.
    let descriptors = machine::raise_descriptors();
    if options.execution.dry_run {
        let plan = load.plan(descriptors, options.workers())?;
        output::print(&plan::render(&plan));
        return Ok(if plan.is_possible() { ExitStatus::Passed } else { ExitStatus::Usage });
    }
    if let Some((platform, deployment)) = options.deployment(&load, descriptors)? {
        output::print(&deployment.manifests(platform).map_err(Failure::workers)?);
        return Ok(ExitStatus::Passed);
    }
    load.ensure_allowed()?;
    Report::prepare(&reports)?;
    let stream = options.stream.as_deref().map(Stream::open).transpose()?;
    let result = perform(&load, options.pool()?, options.execution.quiet, stream);
    options.execution.runs.prune(load.options.identity.name.as_str());
    let record = or_report(result, &reports, |failure| load.aborted(failure.reason()))?;
    match options.stream.as_deref() {
        Some(stream) if stream.as_os_str() == "-" => write_reports(&record, false, &reports)?,
        _ => report(&record, options.reporting.verbose, &reports)?,
    }
    plots.iter().try_for_each(|plots| plots.write(&record))?;
    Ok(ExitStatus::from(&record))
}

/// Performs the run with progress on standard error.
fn perform(
    load: &Specification,
    pool: Option<Pool>,
    is_quiet: bool,
    stream: Option<Stream>,
) -> Result<LoadRecord, Failure> {
    // Before goose installs its handler.
    let interrupt = interrupt()?;
    let progress = LoadProgress::start(is_quiet);
    let silenced = machine::SilencedOutput::start();
    let observer = match &stream {
        None => progress.observer(),
        Some(stream) => stream.observed_by(progress.observer()),
    };
    let context = context(&interrupt, observer);
    let runtime = machine::runtime().map_err(Failure::incomplete)?;
    let result = runtime.block_on(async {
        match &pool {
            None => Ok(load.perform(&context).await?),
            Some(pool) => coordinate(load, pool, &context).await.map_err(Failure::workers),
        }
    });
    progress.finish();
    stream.into_iter().for_each(Stream::finish);
    drop((silenced, interrupt));
    result
}
