//! The kill matrix and the tolerance matrix of `hearback prove`.

use hearback_runner::prove::{Fate, Matrix, Row as ProveRow, WeatherRow};
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
pub fn weather_text(rows: &[WeatherRow]) -> String {
    let table = weather_table(rows).text(Style::default(), Layout::LIST);
    format!("{table}\n{}\n", weather_summary(rows))
}

/// Renders a tolerance matrix as a Markdown table.
pub fn weather_markdown(rows: &[WeatherRow]) -> String {
    format!("{}\n\n{}", weather_summary(rows), weather_table(rows).markdown(usize::MAX))
}

/// Renders a tolerance matrix as a JSON document.
pub fn weather_json(rows: &[WeatherRow]) -> String {
    let holds = rows.iter().all(WeatherRow::holds);
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
    format!("{:#}", json!({ "weather": rows, "holds": holds }))
}

fn weather_summary(rows: &[WeatherRow]) -> String {
    let blamed = rows.iter().filter(|row| !row.holds()).count();
    format!("{} runs in weather: {blamed} report a must as broken", rows.len())
}

fn weather_table(rows: &[WeatherRow]) -> Table {
    let cells = |row: &WeatherRow| {
        let broken: Vec<_> = row.broken.iter().map(|id| id.as_str()).collect();
        Row::plain([
            row.weather.to_string().into(),
            format!("{:.1}", row.duration.as_secs_f64()).into(),
            row.held.to_string().into(),
            row.open.to_string().into(),
            broken.join(", ").into(),
        ])
    };
    let columns = ["weather", "seconds", "held", "undecided or not exercised", "broken"];
    Table::new("", &columns, rows.iter().map(cells).collect())
}
