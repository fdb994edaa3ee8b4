//! Latencies over time, as densities.

use std::collections::BTreeMap;

use hearback_measure::{Distribution, LoadRecord, Second};

use super::axis::Axis;
use super::canvas::{Ink, canvas};
use super::{Key, Plot, over_time};

/// Rows a power of ten.
const DENSITY: f64 = 12.0;
/// What a cell with one delivery is drawn with at least, so that it is seen.
const FAINTEST: f64 = 0.10;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    let columns: Vec<_> = over_time::groups(record)
        .map(|group| (over_time::span(group), merged(group, |second| &second.delivery)))
        .collect();
    let cells: Vec<_> = columns.iter().flat_map(|(span, of)| cells(*span, of)).collect();
    let most = cells.iter().map(|cell| cell.count).max()?;
    let lowest = cells.iter().map(|cell| cell.from).fold(f64::MAX, f64::min);
    let highest = cells.iter().map(|cell| cell.to).fold(0.0, f64::max);
    let last = over_time::points(record, |group| {
        merged(group, |second| &second.last).quantile(0.99).value()
    });
    let highest = highest.max(over_time::highest(&last));
    let drawing = canvas(340, |area| {
        let y = Axis::latencies(lowest, highest);
        over_time::panel(area, "latency from the intended send", record, y, |panel| {
            panel.boxes(
                Ink::First,
                cells.iter().map(|cell| {
                    let corners = [(cell.span.0, cell.from), (cell.span.1, cell.to)];
                    let weight = (cell.count as f64).ln_1p() / (most as f64).ln_1p();
                    (corners, FAINTEST + (1.0 - FAINTEST) * weight)
                }),
            )?;
            panel.line(Ink::Second, &last)
        })
    });
    Some(Plot {
        id: "heatmap",
        title: "Latency over time",
        caption: "The stronger the colour, the more deliveries, on a logarithmic scale. A stall of the target is a \
                  slope: messages due early in it wait longest. Shaded: not counted for the latencies.",
        legend: vec![
            Key::line(Ink::First, "deliveries to each recipient"),
            Key::line(Ink::Second, "last recipient, 99th percentile"),
        ],
        drawing,
    })
}

struct Cell {
    span: (f64, f64),
    from: f64,
    to: f64,
    count: u64,
}

fn merged(group: &[Second], of: impl Fn(&Second) -> &hearback_measure::Packed) -> Distribution {
    let mut all = Distribution::default();
    // A histogram that was altered by hand is left out of the picture.
    group.iter().filter_map(|second| of(second).unpack().ok()).for_each(|one| all.merge(&one));
    all
}

fn cells(span: (f64, f64), of: &Distribution) -> Vec<Cell> {
    let mut rows: BTreeMap<i64, u64> = BTreeMap::new();
    for (milliseconds, count) in of.counts() {
        let row = (milliseconds.max(0.001).log10() * DENSITY).floor();
        *rows.entry(row as i64).or_default() += count;
    }
    let edge = |row: i64| 10_f64.powf(row as f64 / DENSITY);
    rows.into_iter()
        .map(|(row, count)| Cell { span, from: edge(row), to: edge(row + 1), count })
        .collect()
}
