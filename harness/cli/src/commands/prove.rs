//! `hearback prove`.

use hearback_reports::proof::Proof;
use hearback_results::ExitStatus;
use hearback_runner::prove::{
    Combination, PairRow, ReadingRow, Switch, ToleranceRow, combinations, correct_servers, prove,
    prove_pairs, prove_readings, prove_tolerance, reading_combinations, reading_sets,
};
use hearback_scenarios::embedded;

use crate::arguments::{ListFormat, Prove};
use crate::execution::{context, interrupt, runtime};
use crate::failure::Failure;
use crate::output;
use crate::progress::CheckProgress;

pub(crate) fn run(options: &Prove) -> Result<ExitStatus, Failure> {
    let progress = CheckProgress::of_cases(None, options.quiet);
    let interrupt = interrupt()?;
    let context = context(&interrupt, progress.observer());
    let prove_options = options.options();
    let correct = if options.weather {
        let switches = Switch::weather();
        let random = combinations(&switches, options.combinations, prove_options.seed);
        Some(switches.into_iter().map(Combination::from).chain(random).collect())
    } else {
        options.correct_servers.map(|count| correct_servers(count, prove_options.seed))
    };
    let (proof, holds, is_complete) = if let Some(all) = correct {
        let scenarios = embedded();
        let rows = prove_tolerance(&prove_options, all, &scenarios, &context);
        let rows = runtime()?.block_on(rows)?;
        (Proof::from(&rows), rows.finished.iter().all(ToleranceRow::holds), rows.is_complete())
    } else if let Some(pairs) = options.pairs {
        let rows = runtime()?.block_on(prove_pairs(&prove_options, pairs, &context))?;
        (Proof::from(&rows), rows.finished.iter().all(PairRow::holds), rows.is_complete())
    } else if options.tolerance {
        let sets = reading_sets(&options.reading, options.sample, prove_options.seed);
        let mut sets = sets.map_err(Failure::usage)?;
        sets.extend(reading_combinations(options.combinations, prove_options.seed));
        let rows = runtime()?.block_on(prove_readings(&prove_options, sets, &context))?;
        (Proof::from(&rows), rows.finished.iter().all(ReadingRow::holds), rows.is_complete())
    } else {
        let matrix = runtime()?.block_on(prove(&prove_options, &context))?;
        (Proof::from(&matrix), matrix.holds(), matrix.rows.is_complete())
    };
    output::print(&match options.format {
        ListFormat::Text => proof.text(),
        ListFormat::Markdown => proof.markdown(),
        ListFormat::Json => proof.json(),
    });
    Ok(match (holds, is_complete) {
        (false, _) => ExitStatus::Failed,
        (true, false) => ExitStatus::Unfinished,
        (true, true) => ExitStatus::Passed,
    })
}
