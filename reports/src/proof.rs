//! The kill, attribution and tolerance matrices of `hearback prove`.

use hearback_runner::prove::{Fate, Matrix, PairRow, ReadingRow, Row as ProveRow, ToleranceRow};
use serde_json::json;

use crate::style::Style;
use crate::table::{Layout, Row, Table};

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

/// Renders a kill matrix as aligned columns.
pub fn text(matrix: &Matrix) -> String {
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

/// Renders a kill matrix as a Markdown table.
pub fn markdown(matrix: &Matrix) -> String {
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

/// Renders a kill matrix as a JSON document.
pub fn json(matrix: &Matrix) -> String {
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

/// Renders a tolerance matrix as aligned columns.
pub fn tolerance_text(rows: &[ToleranceRow]) -> String {
    let table = tolerance_table(rows).text(Style::default(), Layout::LIST);
    format!("{table}\n{}\n", tolerance_summary(rows))
}

/// Renders a tolerance matrix as a Markdown table.
pub fn tolerance_markdown(rows: &[ToleranceRow]) -> String {
    format!("{}\n\n{}", tolerance_summary(rows), tolerance_table(rows).markdown(usize::MAX))
}

/// Renders a tolerance matrix as a JSON document.
pub fn tolerance_json(rows: &[ToleranceRow]) -> String {
    let holds = rows.iter().all(ToleranceRow::holds);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "switches": row.combination.to_string(),
                "seconds": row.duration.as_secs_f64(),
                "memory": row.memory,
                "held": row.held,
                "open": row.open,
                "broken": row.broken,
                "failure": row.failure,
                "smallest": row.smallest.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    format!("{:#}", json!({ "combinations": rows, "holds": holds }))
}

fn tolerance_summary(rows: &[ToleranceRow]) -> String {
    let failed = rows.iter().filter(|row| row.failure.is_some()).count();
    let blamed = rows.iter().filter(|row| !row.holds()).count() - failed;
    let longest = rows.iter().map(|row| row.duration).max().unwrap_or_default().as_secs_f64();
    let memory = rows.iter().filter_map(|row| row.memory).max();
    let memory = memory.map_or_else(String::new, |it| format!(", at most {} MiB", it >> 20));
    format!(
        "{} runs: {blamed} report a must as broken, {failed} could not finish; at most {longest:.1} s{memory}",
        rows.len()
    )
}

/// Renders an attribution matrix as aligned columns; of the pairs, only those that blame falsely.
pub fn pairs_text(rows: &[PairRow]) -> String {
    let blaming = rows.iter().filter(|row| !row.holds());
    let table = pairs_table(blaming).text(Style::default(), Layout::LIST);
    format!("{table}\n{}\n", pairs_summary(rows))
}

/// Renders an attribution matrix as a Markdown table.
pub fn pairs_markdown(rows: &[PairRow]) -> String {
    format!("{}\n\n{}", pairs_summary(rows), pairs_table(rows.iter()).markdown(usize::MAX))
}

/// Renders an attribution matrix as a JSON document.
pub fn pairs_json(rows: &[PairRow]) -> String {
    let holds = rows.iter().all(PairRow::holds);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let faults = row.faults.map(|fault| fault.id.as_str());
            json!({ "faults": faults, "broken": row.broken, "blamed": row.blamed })
        })
        .collect();
    format!("{:#}", json!({ "pairs": rows, "holds": holds }))
}

fn pairs_summary(rows: &[PairRow]) -> String {
    let blaming = rows.iter().filter(|row| !row.holds()).count();
    format!(
        "{} pairs of faults: {blaming} break a requirement that neither fault breaks alone",
        rows.len()
    )
}

fn pairs_table<'a>(rows: impl Iterator<Item = &'a PairRow>) -> Table {
    let cells = |row: &PairRow| {
        let [one, other] = row.faults.map(|fault| fault.id.as_str());
        let blamed: Vec<_> = row.blamed.iter().map(|id| id.as_str()).collect();
        Row::plain([one.into(), other.into(), blamed.join(", ").into()])
    };
    Table::new("", &["fault", "fault", "broken by neither alone"], rows.map(cells).collect())
}

fn tolerance_table(rows: &[ToleranceRow]) -> Table {
    let cells = |row: &ToleranceRow| {
        let broken: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
        let smallest = row.smallest.as_ref().map(|it| format!("smallest: {it}"));
        let notes = [Some(broken.join(", ")), row.failure.clone(), smallest];
        let notes: Vec<_> = notes.into_iter().flatten().filter(|it| !it.is_empty()).collect();
        Row::plain([
            row.combination.to_string().into(),
            format!("{:.1}", row.duration.as_secs_f64()).into(),
            row.memory.map_or_else(String::new, |it| (it >> 20).to_string()).into(),
            row.held.to_string().into(),
            row.open.to_string().into(),
            notes.join("; ").into(),
        ])
    };
    let columns = ["switches", "seconds", "MiB", "held", "undecided or not exercised", "broken"];
    Table::new("", &columns, rows.iter().map(cells).collect())
}

/// Renders the tolerance matrix of readings as aligned columns.
pub fn readings_text(rows: &[ReadingRow]) -> String {
    let table = readings_table(rows).text(Style::default(), Layout::LIST);
    format!("{table}\n{}\n", readings_summary(rows))
}

/// Renders the tolerance matrix of readings as a Markdown table.
pub fn readings_markdown(rows: &[ReadingRow]) -> String {
    format!("{}\n\n{}", readings_summary(rows), readings_table(rows).markdown(usize::MAX))
}

/// Renders the tolerance matrix of readings as a JSON document.
pub fn readings_json(rows: &[ReadingRow]) -> String {
    let holds = rows.iter().all(ReadingRow::holds);
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "readings": row.readings.iter().collect::<Vec<_>>(),
                "seconds": row.duration.as_secs_f64(),
                "broken": row.broken,
                "undecided": row.opened,
                "failed": row.failed,
            })
        })
        .collect();
    format!("{:#}", json!({ "readings": rows, "holds": holds }))
}

fn readings_summary(rows: &[ReadingRow]) -> String {
    let blamed = rows.iter().filter(|row| !row.holds()).count();
    format!(
        "{} runs with readings: {blamed} with a false alarm or an undecided requirement",
        rows.len()
    )
}

fn readings_table(rows: &[ReadingRow]) -> Table {
    let cells = |row: &ReadingRow| {
        let broken: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
        let opened = row.opened.iter().map(|(id, reason)| format!("{id} ({reason})"));
        let opened: Vec<_> = opened.collect();
        Row::plain([
            if row.readings.is_empty() {
                "documented".into()
            } else {
                row.readings.to_string().into()
            },
            format!("{:.1}", row.duration.as_secs_f64()).into(),
            broken.join(", ").into(),
            opened.join(", ").into(),
            row.failed.join("; ").into(),
        ])
    };
    let columns = ["readings", "seconds", "broken", "no longer decided", "failed expectations"];
    Table::new("", &columns, rows.iter().map(cells).collect())
}
