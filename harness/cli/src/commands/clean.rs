//! `hearback clean`.

use anyhow::anyhow;
use hearback_reports::{clean, shown};
use hearback_results::ExitStatus;
use hearback_runner::Observer;
use hearback_runner::clean::LeftBehind;

use crate::arguments::Clean;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Clean) -> Result<ExitStatus, Failure> {
    let runs = LeftBehind::find(options.run.as_deref())?;
    if runs.is_empty() {
        output::print("No run left a room behind.");
        return Ok(ExitStatus::Passed);
    }
    if options.dry_run {
        runs.iter().for_each(|run| output::print(&clean::plan(run)));
        return Ok(ExitStatus::Passed);
    }
    let Some(remote) = options.target.remote() else {
        return Err(Failure::usage(anyhow!(
            "name the target with --target and --accounts; run {} tested {}",
            runs[0].run(),
            shown(runs[0].target())
        )));
    };
    let target = remote.open()?;
    let interrupt = interrupt()?;
    let context = context(&interrupt, Observer::default());
    runtime()?.block_on(async {
        let mut is_clean = true;
        for run in &runs {
            let cleaned = run.clean(&target, options.timeout, &context).await?;
            output::print(&clean::result(&cleaned));
            is_clean &= cleaned.is_complete();
        }
        Ok(if is_clean { ExitStatus::Passed } else { ExitStatus::Unfinished })
    })
}
