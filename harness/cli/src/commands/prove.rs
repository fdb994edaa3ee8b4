//! `hearback prove`.

use hearback_results::ExitStatus;
use hearback_runner::Context;
use hearback_runner::prove::{Fate, Matrix, Row, prove};
use serde_json::json;

use crate::arguments::{ListFormat, Prove};
use crate::failure::Failure;
use crate::progress::CheckProgress;
use crate::table::markdown_row;
use crate::{interrupt, output, runtime};

pub(crate) fn run(options: &Prove) -> Result<ExitStatus, Failure> {
    let progress = CheckProgress::of_cases(None, options.quiet);
    let interrupt = interrupt()?;
    let context = Context { cancellation: interrupt.token(), observer: progress.observer() };
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
    let width = matrix.rows.iter().map(|row| row.fault.id.as_str().len()).max().unwrap_or(0);
    let line = |row: &Row| {
        let others = match &row.others()[..] {
            [] => String::new(),
            others => format!("  (also {})", others.join(", ")),
        };
        let fate = match row.fate() {
            Fate::Killed => String::new(),
            fate => format!("  {}", fate.as_str().to_uppercase()),
        };
        format!("{:width$}  {}{fate}{others}\n", row.fault.id, row.fault.breaks)
    };
    let lines: String = matrix.rows.iter().map(line).collect();
    format!("{lines}\n{}\n", summary(matrix))
}

fn markdown(matrix: &Matrix) -> String {
    let rows = matrix.rows.iter().map(|row| {
        let (fault, breaks) = (row.fault.id.to_string(), row.fault.breaks.to_string());
        markdown_row([fault, breaks, row.fate().as_str().to_owned(), row.others().join(", ")])
    });
    format!(
        "{}\n\n| fault | breaks | fate | also broken |\n| --- | --- | --- | --- |\n{}",
        summary(matrix),
        rows.collect::<String>()
    )
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
