//! `hearback prove`.

use hearback_reports::proof;
use hearback_results::ExitStatus;
use hearback_runner::prove::{WeatherRow, prove, prove_weather, weather_sets};
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
        let sets = weather_sets(options.combinations, prove.seed);
        let scenarios = embedded();
        let rows = prove_weather(&prove, sets, &scenarios, &context);
        let rows = runtime()?.block_on(rows)?;
        output::print(&match options.format {
            ListFormat::Text => proof::weather_text(&rows),
            ListFormat::Markdown => proof::weather_markdown(&rows),
            ListFormat::Json => proof::weather_json(&rows),
        });
        let holds = rows.iter().all(WeatherRow::holds);
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
