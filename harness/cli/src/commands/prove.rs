//! `hearback prove`.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use hearback_mutants::{Proofs, Proven};
use hearback_reports::proof::Proof;
use hearback_results::ExitStatus;
use hearback_runner::prove::{
    Combination, PairRow, ReadingRow, Switch, ToleranceRow, combinations, correct_servers, prove,
    prove_pairs, prove_readings, prove_tolerance, proven_faults, proven_readings, proven_weather,
    reading_combinations, reading_sets,
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
    let (proof, proven, holds, is_complete) = if let Some(all) = correct {
        let scenarios = embedded();
        let rows = prove_tolerance(&prove_options, all, &scenarios, &context);
        let rows = runtime()?.block_on(rows)?;
        let holds = rows.finished.iter().all(ToleranceRow::holds);
        (Proof::from(&rows), proven_weather(&rows), holds, rows.is_complete())
    } else if let Some(pairs) = options.pairs {
        let rows = runtime()?.block_on(prove_pairs(&prove_options, pairs, &context))?;
        let holds = rows.finished.iter().all(PairRow::holds);
        (Proof::from(&rows), Vec::new(), holds, rows.is_complete())
    } else if options.tolerance {
        let sets = reading_sets(&options.reading, options.sample, prove_options.seed);
        let mut sets = sets.map_err(Failure::usage)?;
        sets.extend(reading_combinations(options.combinations, prove_options.seed));
        let rows = runtime()?.block_on(prove_readings(&prove_options, sets, &context))?;
        let holds = rows.finished.iter().all(ReadingRow::holds);
        (Proof::from(&rows), proven_readings(&rows), holds, rows.is_complete())
    } else {
        let matrix = runtime()?.block_on(prove(&prove_options, &context))?;
        (Proof::from(&matrix), proven_faults(&matrix), matrix.holds(), matrix.rows.is_complete())
    };
    if let Some(file) = &options.record {
        record(file, &proven, prove_options.seed)?;
    }
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

/// Adds what a run proved to the proofs in a file.
fn record(file: &Path, proven: &[Proven], seed: u64) -> Result<(), Failure> {
    let name = || format!("cannot record proofs in {}", file.display());
    let mut proofs: Proofs = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(name).map_err(Failure::usage)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Proofs::default(),
        Err(error) => return Err(Failure::usage(anyhow::Error::from(error).context(name()))),
    };
    let date = jiff::Zoned::now().date();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    for switch in proven {
        proofs.record(*switch, hearback_mutants::Proof { date, version: version.clone(), seed });
    }
    proofs.retain_known();
    let text =
        serde_json::to_string_pretty(&proofs).with_context(name).map_err(Failure::incomplete)?;
    std::fs::write(file, text + "\n").with_context(name).map_err(Failure::incomplete)
}
