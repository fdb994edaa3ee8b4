//! The kill, attribution and tolerance matrices of `hearback prove`.

use hearback_runner::prove::{
    Fate, Matrix, PairRow, ReadingRow, Row as ProveRow, Rows, ToleranceRow,
};
use serde_json::{Value, json};

use crate::style::Style;
use crate::table::{Layout, Row, Table};
use crate::words::counted;

/// Maximum number of missing runs that the summary names.
const MOST_MISSING: usize = 20;

/// A matrix as it is rendered.
pub struct Proof {
    summary: String,
    /// The table of the text, which may be shorter than the whole one.
    brief: Table,
    table: Table,
    document: Value,
}

impl Proof {
    fn new<T>(rows: &Rows<T>, summary: String, table: Table, mut document: Value) -> Self {
        let summary = summary + &missing(rows);
        document["missing"] = json!(rows.missing);
        Self { summary, brief: table.clone(), table, document }
    }

    /// Renders aligned columns, and the summary last.
    pub fn text(&self) -> String {
        format!("{}\n{}\n", self.brief.text(Style::default(), Layout::LIST), self.summary)
    }

    /// Renders the summary and a Markdown table.
    pub fn markdown(&self) -> String {
        format!("{}\n\n{}", self.summary, self.table.markdown(usize::MAX))
    }

    /// Renders a JSON document.
    pub fn json(&self) -> String {
        format!("{:#}", self.document)
    }
}

impl From<&Matrix> for Proof {
    fn from(matrix: &Matrix) -> Self {
        let rows = &matrix.rows.finished;
        let faults: Vec<_> = rows.iter().map(kill_json).collect();
        let document = json!({ "clean": matrix.clean, "faults": faults, "holds": matrix.holds() });
        let columns = ["fault", "breaks", "fate", "also broken"];
        let table = Table::new("", &columns, rows.iter().map(kill_cells).collect());
        let brief = rows.iter().map(brief_kill_cells).collect();
        let brief = Table::new("", &["", "", ""], brief);
        Self { brief, ..Self::new(&matrix.rows, kill_summary(matrix), table, document) }
    }
}

impl From<&Rows<ToleranceRow>> for Proof {
    fn from(all: &Rows<ToleranceRow>) -> Self {
        let rows = &all.finished;
        let holds = rows.iter().all(ToleranceRow::holds);
        let combinations: Vec<_> = rows.iter().map(tolerance_json).collect();
        let document = json!({ "combinations": combinations, "holds": holds });
        let columns =
            ["switches", "seconds", "MiB", "held", "undecided or not exercised", "broken"];
        let table = Table::new("", &columns, rows.iter().map(tolerance_cells).collect());
        Self::new(all, tolerance_summary(rows), table, document)
    }
}

impl From<&Rows<PairRow>> for Proof {
    fn from(all: &Rows<PairRow>) -> Self {
        let rows = &all.finished;
        let blaming: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
        let summary = format!(
            "{} of faults: {} with a broken requirement that neither fault breaks alone",
            counted(rows.len() as u64, "pair"),
            blaming.len()
        );
        let pairs: Vec<_> = rows.iter().map(pair_json).collect();
        let document = json!({ "pairs": pairs, "holds": blaming.is_empty() });
        let columns = ["fault", "fault", "broken by neither alone"];
        let table = Table::new("", &columns, rows.iter().map(pair_cells).collect());
        let brief = Table::new("", &columns, blaming.into_iter().map(pair_cells).collect());
        Self { brief, ..Self::new(all, summary, table, document) }
    }
}

impl From<&Rows<ReadingRow>> for Proof {
    fn from(all: &Rows<ReadingRow>) -> Self {
        let rows = &all.finished;
        let blamed = rows.iter().filter(|row| !row.holds()).count();
        let summary = format!(
            "{} with readings: {blamed} with a false alarm, an undecided requirement or a mistaken reading",
            counted(rows.len() as u64, "run")
        );
        let readings: Vec<_> = rows.iter().map(reading_json).collect();
        let document = json!({ "readings": readings, "holds": blamed == 0 });
        let columns = [
            "readings",
            "seconds",
            "broken",
            "no longer decided",
            "failed expectations",
            "not recognized",
        ];
        let table = Table::new("", &columns, rows.iter().map(reading_cells).collect());
        Self::new(all, summary, table, document)
    }
}

/// The runs that an interruption left out, to be appended to a summary.
fn missing<T>(rows: &Rows<T>) -> String {
    if rows.is_complete() {
        return String::new();
    }
    let named = rows.missing.iter().take(MOST_MISSING).map(String::as_str);
    let more = rows.missing.len().saturating_sub(MOST_MISSING);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!(
        "\ninterrupted; {} missing: {}{more}",
        counted(rows.missing.len() as u64, "run"),
        named.collect::<Vec<_>>().join(", "),
    )
}

fn kill_summary(matrix: &Matrix) -> String {
    let clean = match &matrix.clean[..] {
        [] => "the server without faults breaks no requirement".to_owned(),
        broken => format!("the server WITHOUT faults breaks {broken:?}"),
    };
    format!(
        "{}: {} killed by the requirement that they break, {} only by another, {} survived; {clean}",
        counted(matrix.rows.finished.len() as u64, "fault"),
        matrix.count(Fate::Killed),
        matrix.count(Fate::KilledByOther),
        matrix.count(Fate::Survived),
    )
}

fn brief_kill_cells(row: &ProveRow) -> Row {
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
}

fn kill_cells(row: &ProveRow) -> Row {
    let others = row.others().join(", ");
    let fate = row.fate().as_str();
    Row::plain([
        row.fault.id.as_str().into(),
        row.fault.breaks.as_str().into(),
        fate.into(),
        others.into(),
    ])
}

fn kill_json(row: &ProveRow) -> Value {
    json!({
        "fault": row.fault.id.as_str(),
        "breaks": row.fault.breaks,
        "fate": row.fate().as_str(),
        "broken": row.broken,
    })
}

fn tolerance_summary(rows: &[ToleranceRow]) -> String {
    let failed = rows.iter().filter(|row| row.failure.is_some()).count();
    let blamed = rows.iter().filter(|row| !row.holds()).count() - failed;
    let longest = rows.iter().map(|row| row.duration).max().unwrap_or_default().as_secs_f64();
    let memory = rows.iter().filter_map(|row| row.memory).max();
    let memory = memory.map_or_else(String::new, |it| format!(", at most {} MiB", it >> 20));
    format!(
        "{}: {blamed} with a must reported as broken, {failed} could not finish; at most {longest:.1} s{memory}",
        counted(rows.len() as u64, "run")
    )
}

fn tolerance_cells(row: &ToleranceRow) -> Row {
    let broken: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
    let smallest = row.smallest.as_ref().map(|it| format!("smallest: {it}"));
    let chance = (row.is_repeated == Some(false)).then(|| "not repeated".to_owned());
    let notes = [Some(broken.join(", ")), row.failure.clone(), chance, smallest];
    let notes: Vec<_> = notes.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    Row::plain([
        row.combination.to_string().into(),
        format!("{:.1}", row.duration.as_secs_f64()).into(),
        row.memory.map_or_else(String::new, |it| (it >> 20).to_string()).into(),
        row.held.to_string().into(),
        row.open.to_string().into(),
        notes.join("; ").into(),
    ])
}

fn tolerance_json(row: &ToleranceRow) -> Value {
    json!({
        "switches": row.combination.to_string(),
        "seconds": row.duration.as_secs_f64(),
        "memory": row.memory,
        "held": row.held,
        "open": row.open,
        "broken": row.broken,
        "failure": row.failure,
        "repeated": row.is_repeated,
        "smallest": row.smallest.as_ref().map(ToString::to_string),
    })
}

fn pair_cells(row: &PairRow) -> Row {
    let [one, other] = row.faults.map(|fault| fault.id.as_str());
    let blamed: Vec<_> = row.blamed.iter().map(|id| id.as_str()).collect();
    let not_repeated = row.not_repeated.iter().map(|id| format!("{id} (not repeated)"));
    let notes: Vec<_> = blamed.into_iter().map(str::to_owned).chain(not_repeated).collect();
    Row::plain([one.into(), other.into(), notes.join(", ").into()])
}

fn pair_json(row: &PairRow) -> Value {
    let faults = row.faults.map(|fault| fault.id.as_str());
    json!({ "faults": faults, "broken": row.broken, "blamed": row.blamed, "not_repeated": row.not_repeated })
}

fn reading_cells(row: &ReadingRow) -> Row {
    let broken: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
    let opened = row.opened.iter().map(|(id, reason)| format!("{id} ({reason})"));
    let opened: Vec<_> = opened.collect();
    Row::plain([
        if row.readings.is_empty() { "documented".into() } else { row.readings.to_string().into() },
        format!("{:.1}", row.duration.as_secs_f64()).into(),
        broken.join(", ").into(),
        opened.join(", ").into(),
        row.failed.join("; ").into(),
        unrecognized(row).into(),
    ])
}

/// Readings that were not observed, and those that were observed in place of others.
fn unrecognized(row: &ReadingRow) -> String {
    let unobserved = row.unobserved.iter().map(|id| format!("{id} not observed"));
    let mistaken = row.mistaken.iter().map(|id| format!("{id} observed"));
    unobserved.chain(mistaken).collect::<Vec<_>>().join(", ")
}

fn reading_json(row: &ReadingRow) -> Value {
    json!({
        "readings": row.readings.iter().collect::<Vec<_>>(),
        "seconds": row.duration.as_secs_f64(),
        "broken": row.broken,
        "undecided": row.opened,
        "failed": row.failed,
        "unobserved": row.unobserved,
        "mistaken": row.mistaken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_runs_are_named() {
        let missing: Vec<_> = (1..=22).map(|index| format!("latency={index}s")).collect();
        let rows = Rows::<ToleranceRow> { finished: Vec::new(), missing };
        let proof = Proof::from(&rows);
        let text = proof.text();
        let expected = "\ninterrupted; 22 runs missing: latency=1s, latency=2s, ";
        assert!(text.contains(expected) && text.ends_with("latency=20s, and 2 more\n"), "{text}");
        assert_eq!(proof.document["missing"].as_array().unwrap().len(), 22);
        let complete = Rows::<ToleranceRow> { finished: Vec::new(), missing: Vec::new() };
        assert!(!Proof::from(&complete).text().contains("interrupted"));
    }
}
