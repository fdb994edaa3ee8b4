//! `hearback explain`.

use hearback_reports::explain;
use hearback_results::ExitStatus;

use crate::arguments::Explain;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Explain) -> Result<ExitStatus, Failure> {
    let texts = options.ids.iter().map(|id| explain(id)).collect::<Result<Vec<_>, _>>();
    output::print(&texts.map_err(Failure::usage)?.join("\n"));
    Ok(ExitStatus::Passed)
}
