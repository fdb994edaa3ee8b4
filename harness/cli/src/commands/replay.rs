//! `hearback replay`.

use hearback_reports::replay as replay_report;
use hearback_results::ExitStatus;
use hearback_runner::replay::{Replay as Finding, script};

use crate::arguments::Replay;
use crate::config_file::is_flag;
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::output;
use crate::progress::CheckProgress;

pub(crate) fn run(options: &Replay) -> Result<ExitStatus, Failure> {
    if options.script {
        output::print(&script(&options.run, &options.finding)?);
        return Ok(ExitStatus::Passed);
    }
    let replay = Finding::find(&options.run, &options.finding)?;
    let target = replay.target(options.target.spec(), !is_flag("target.url"))?;
    let run = options.execution.run(vec![replay.requirement]);
    let times = options.times;
    let progress = CheckProgress::of_scenarios(usize::from(times), options.execution.quiet);
    let interrupt = interrupt()?;
    let context = context(&interrupt, progress.observer());
    let replayed = runtime()?.block_on(async {
        let target = target.open().await?;
        replay.run(&run, target, times, &context).await
    })?;
    output::print(&replay_report::render(&replayed));
    Ok(ExitStatus::from(replayed.outcome()))
}
