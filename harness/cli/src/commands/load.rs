//! `hearback load`: how fast does a backend fan messages out under load?

use hearback_loadtests::Profile;

use super::{report, reports};
use crate::arguments::Load;
use crate::exit::Failure;
use crate::load::{self, TargetUnderLoad};
use crate::runtime;

pub(crate) fn run(options: Load) -> Result<u8, Failure> {
    let profile = Profile::find(&options.profile).map_err(Failure::file)?;
    let profile = profile.scaled(options.duration_scale).at_rate(options.rate_scale);
    let reports = reports(&options.report)?;
    // Before the server is started, which inherits it.
    hearback_loadtests::machine::raise_descriptors();
    let target = TargetUnderLoad::prepare(&options, &profile)?;
    let aside = hearback_loadtests::machine::OutputAside::begin();
    let record = runtime()?.block_on(load::record(&options, profile, &target))?;
    drop(aside);
    report(&record, options.verbose, &reports, true)?;
    Ok(record.exit_code())
}
