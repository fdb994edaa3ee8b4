//! `hearback load`: how fast does a backend fan messages out under load?

use hearback_loadtests::Profile;
use hearback_results::ExitStatus;

use super::{report, reports};
use crate::arguments::Load;
use crate::exit::{self, Failure};
use crate::load::{self, TargetUnderLoad};
use crate::output;
use crate::plots::Plots;

pub(crate) fn run(options: Load) -> Result<u8, Failure> {
    let profile = Profile::find(&options.profile).map_err(Failure::file)?;
    let profile = profile.scaled(options.duration_scale).at_rate(options.rate_scale);
    let reports = reports(&options.telling.report)?;
    let plots = Plots::asked(&options.telling.plots)?;
    // Before the server is started, which inherits it.
    let descriptors = hearback_loadtests::machine::raise_descriptors();
    if options.dry_run {
        let dry_run = load::dry_run(&options, &profile, descriptors)?;
        output::print(&dry_run.text);
        return Ok(if dry_run.is_possible { exit::HOLDS } else { exit::USAGE });
    }
    let target = TargetUnderLoad::prepare(&options, &profile)?;
    if let Some(unsigned) = target.unsigned(profile.accounts) {
        eprintln!("warning: {unsigned}");
    }
    let aside = hearback_loadtests::machine::OutputAside::begin();
    let runtime = hearback_loadtests::machine::runtime()
        .map_err(|error| Failure::unfinished(error.into()))?;
    let record = runtime.block_on(async {
        let run = load::Run::new(&options, &target, &profile).await?;
        match options.find_capacity {
            None => run.once(profile).await,
            Some(of) => run.capacity(profile, of).await,
        }
    })?;
    drop(aside);
    report(&record, options.telling.verbose, &reports, true)?;
    plots.iter().try_for_each(|plots| plots.write(&record))?;
    Ok(ExitStatus::from(&record).code())
}
