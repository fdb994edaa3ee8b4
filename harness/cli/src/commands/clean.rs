//! `hearback clean`.

use anyhow::anyhow;
use hearback_client::RoomStatus;
use hearback_reports::{counted, orphaned_room, shown};
use hearback_results::ExitStatus;
use hearback_runner::clean::{Cleaned, LeftBehind};
use hearback_runner::{Observer, TargetUnderTest};

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
        runs.iter().for_each(print_plan);
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
            if !is_same(run, &target) {
                let other = shown(run.target());
                output::print(&format!("Run {}: skipped, since it tested {other}", run.run()));
                is_clean = false;
                continue;
            }
            let cleaned = run.clean(&target, options.timeout, &context).await?;
            print_result(&cleaned);
            is_clean &= cleaned.left.is_empty();
        }
        Ok(if is_clean { ExitStatus::Passed } else { ExitStatus::Incomplete })
    })
}

/// Returns whether a run tested the target; its rooms cannot be at another one.
fn is_same(run: &LeftBehind, target: &TargetUnderTest) -> bool {
    run.target() == target.target().rest().as_str()
}

fn print_plan(run: &LeftBehind) {
    let rooms = run.rooms();
    let head = format!(
        "Run {} at {} may have left {} behind ({}):",
        run.run(),
        shown(run.target()),
        counted(rooms.len() as u64, "room"),
        run.journal().display()
    );
    let rooms = rooms.iter().map(|room| format!("\n  {}", orphaned_room(room, shown)));
    output::print(&format!("{head}{}", rooms.collect::<String>()));
}

fn print_result(cleaned: &Cleaned) {
    let settled = cleaned.settled.iter().map(|(id, status)| {
        let status = match status {
            RoomStatus::Archived => "archived",
            RoomStatus::Gone => "gone",
            RoomStatus::Active => "still active",
        };
        format!("\n  room {}: {status}", shown(id.as_str()))
    });
    let left = cleaned.left.iter().map(|room| format!("\n  {}", orphaned_room(room, shown)));
    let rooms: String = settled.chain(left).collect();
    output::print(&format!("Run {}:{rooms}", cleaned.run));
}
