//! `hearback list`.

use hearback_reports::registry;
use hearback_results::ExitStatus;

use crate::arguments::{List, Listing};
use crate::configuration::configuration;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(list: &List) -> Result<ExitStatus, Failure> {
    let registry = match list.what {
        Listing::Requirements => registry::requirements(),
        Listing::Operations => registry::operations(),
        Listing::Events => registry::events(),
        Listing::Scenarios => registry::scenarios(),
        Listing::Faults => registry::faults(),
        Listing::Weather => registry::weather(),
        Listing::Ambiguities => registry::ambiguities(),
        Listing::NotTestable => registry::not_testable(),
        Listing::Profiles => registry::profiles().map_err(Failure::invalid_file)?,
        Listing::Metrics => registry::metrics(),
        Listing::LiveMetrics => registry::live_metrics(),
        Listing::Options => registry::options(configuration().documented()),
    };
    output::print(&list.format.render(&registry));
    Ok(ExitStatus::Passed)
}
