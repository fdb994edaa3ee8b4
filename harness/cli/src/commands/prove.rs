//! `hearback prove`.

use hearback_reports::proof;
use hearback_results::ExitStatus;
use hearback_runner::prove::{
    Combination, PairRow, ReadingRow, Switch, ToleranceRow, combinations, prove, prove_pairs,
    prove_readings, prove_tolerance, reading_combinations, reading_sets,
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
    if options.weather {
        let prove = options.options();
        let switches = Switch::all();
        let random = combinations(&switches, options.combinations, prove.seed);
        let all = switches.into_iter().map(Combination::from).chain(random).collect();
        let scenarios = embedded();
        let rows = prove_tolerance(&prove, all, &scenarios, &context);
        let rows = runtime()?.block_on(rows)?;
        output::print(&match options.format {
            ListFormat::Text => proof::tolerance_text(&rows),
            ListFormat::Markdown => proof::tolerance_markdown(&rows),
            ListFormat::Json => proof::tolerance_json(&rows),
        });
        let holds = rows.iter().all(ToleranceRow::holds);
        return Ok(if holds { ExitStatus::Passed } else { ExitStatus::Failed });
    }
    if let Some(pairs) = options.pairs {
        let rows = runtime()?.block_on(prove_pairs(&options.options(), pairs, &context))?;
        output::print(&match options.format {
            ListFormat::Text => proof::pairs_text(&rows),
            ListFormat::Markdown => proof::pairs_markdown(&rows),
            ListFormat::Json => proof::pairs_json(&rows),
        });
        let holds = rows.iter().all(PairRow::holds);
        return Ok(if holds { ExitStatus::Passed } else { ExitStatus::Failed });
    }
    if options.tolerance {
        let prove = options.options();
        let sets = reading_sets(&options.reading, options.sample, prove.seed);
        let mut sets = sets.map_err(Failure::usage)?;
        sets.extend(reading_combinations(options.combinations, prove.seed));
        let rows = runtime()?.block_on(prove_readings(&prove, sets, &context))?;
        output::print(&match options.format {
            ListFormat::Text => proof::readings_text(&rows),
            ListFormat::Markdown => proof::readings_markdown(&rows),
            ListFormat::Json => proof::readings_json(&rows),
        });
        let holds = rows.iter().all(ReadingRow::holds);
        return Ok(if holds { ExitStatus::Passed } else { ExitStatus::Failed });
    }
    let matrix = runtime()?.block_on(prove(&options.options(), &context))?;
    output::print(&match options.format {
        ListFormat::Text => proof::text(&matrix),
        ListFormat::Markdown => proof::markdown(&matrix),
        ListFormat::Json => proof::json(&matrix),
    });
    Ok(if matrix.holds() { ExitStatus::Passed } else { ExitStatus::Failed })
}
