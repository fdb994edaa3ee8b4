//! `hearback prove`.

use hearback_reports::Style;
use hearback_reports::table::{Layout, Row, Table};
use hearback_results::ExitStatus;
use hearback_runner::prove::{
    Fate, Matrix, Row as ProveRow, WeatherRow, prove, prove_weather, weather_sets,
};
use hearback_scenarios::embedded;
use serde_json::json;

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
        output::print(&weather(&rows, options.format));
        let holds = rows.iter().all(WeatherRow::holds);
        return Ok(if holds { ExitStatus::Passed } else { ExitStatus::Failed });
    }
    let matrix = runtime()?.block_on(prove(&options.options(), &context))?;
    output::print(&match options.format {
        ListFormat::Text => text(&matrix),
        ListFormat::Markdown => markdown(&matrix),
        ListFormat::Json => json(&matrix),
    });
    Ok(if matrix.holds() { ExitStatus::Passed } else { ExitStatus::Failed })
}

fn summary(matrix: &Matrix) -> String {
    let clean = match &matrix.clean[..] {
        [] => "the server without faults breaks no requirement".to_owned(),
        broken => format!("the server WITHOUT faults breaks {broken:?}"),
    };
    format!(
        "{} faults: {} killed by the requirement that they break, {} only by another, {} survived; {clean}",
        matrix.rows.len(),
        matrix.count(Fate::Killed),
        matrix.count(Fate::KilledByOther),
        matrix.count(Fate::Survived),
    )
}

fn text(matrix: &Matrix) -> String {
    let row = |row: &ProveRow| {
        let fate = match row.fate() {
            Fate::Killed => String::new(),
            fate => fate.as_str().to_uppercase(),
        };
        let others = match &row.others()[..] {
            [] => String::new(),
            others => format!("(also {})", others.join(", ")),
        };
        let notes: Vec<_> = [fate, others].into_iter().filter(|note| !note.is_empty()).collect();
        Row::plain([
            row.fault.id.as_str().into(),
            row.fault.breaks.as_str().into(),
            notes.join("  ").into(),
        ])
    };
    let table = Table::new("", &["", "", ""], matrix.rows.iter().map(row).collect());
    format!("{}\n{}\n", table.text(Style::default(), Layout::LIST), summary(matrix))
}

fn markdown(matrix: &Matrix) -> String {
    let row = |row: &ProveRow| {
        let others = row.others().join(", ");
        let fate = row.fate().as_str();
        Row::plain([
            row.fault.id.as_str().into(),
            row.fault.breaks.as_str().into(),
            fate.into(),
            others.into(),
        ])
    };
    let columns = ["fault", "breaks", "fate", "also broken"];
    let table = Table::new("", &columns, matrix.rows.iter().map(row).collect());
    format!("{}\n\n{}", summary(matrix), table.markdown(usize::MAX))
}

fn json(matrix: &Matrix) -> String {
    let rows: Vec<_> = matrix
        .rows
        .iter()
        .map(|row| {
            json!({
                "fault": row.fault.id.as_str(),
                "breaks": row.fault.breaks,
                "fate": row.fate().as_str(),
                "broken": row.broken,
            })
        })
        .collect();
    let document = json!({ "clean": matrix.clean, "faults": rows, "holds": matrix.holds() });
    format!("{document:#}")
}

/// The tolerance matrix.
fn weather(rows: &[WeatherRow], format: ListFormat) -> String {
    let broken = |row: &WeatherRow| {
        let ids: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
        ids.join(", ")
    };
    let blamed = rows.iter().filter(|row| !row.holds()).count();
    let summary = format!("{} runs in weather: {blamed} report a must as broken", rows.len());
    if let ListFormat::Json = format {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "weather": row.weather.to_string(),
                    "seconds": row.duration.as_secs_f64(),
                    "held": row.held,
                    "open": row.open,
                    "broken": row.broken,
                })
            })
            .collect();
        return format!("{:#}", json!({ "weather": rows, "holds": blamed == 0 }));
    }
    let cells = |row: &WeatherRow| {
        Row::plain([
            row.weather.to_string().into(),
            format!("{:.1}", row.duration.as_secs_f64()).into(),
            row.held.to_string().into(),
            row.open.to_string().into(),
            broken(row).into(),
        ])
    };
    let columns = ["weather", "seconds", "held", "undecided or not exercised", "broken"];
    let table = Table::new("", &columns, rows.iter().map(cells).collect());
    match format {
        ListFormat::Markdown => format!("{summary}\n\n{}", table.markdown(usize::MAX)),
        _ => format!("{}\n{summary}\n", table.text(Style::default(), Layout::LIST)),
    }
}
