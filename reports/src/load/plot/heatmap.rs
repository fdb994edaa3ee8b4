//! Density of latencies over time.

use std::collections::BTreeMap;

use hearback_stats::{HistogramSnapshot, LoadRecord};

use super::axis::Axis;
use super::canvas::{Ink, canvas};
use super::captioned::{Key, Plot};
use super::over_time;

/// Number of rows per power of ten.
const DENSITY: f64 = 12.0;
/// Minimum opacity, so that a cell with a single delivery is visible.
const MIN_OPACITY: f64 = 0.10;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    let columns = columns(record);
    let cells: Vec<_> = columns.iter().flat_map(cells).collect();
    let most = cells.iter().map(|cell| cell.count).max()?;
    let lowest = cells.iter().map(|cell| cell.from).fold(f64::MAX, f64::min);
    let highest = cells.iter().map(|cell| cell.to).fold(0.0, f64::max);
    let last: Vec<_> = columns
        .iter()
        .map(|column| (f64::midpoint(column.span.0, column.span.1), p99(&column.last)))
        .collect();
    let highest = highest.max(over_time::highest(&last));
    let drawing = canvas(340, |area| {
        let y = Axis::latencies(lowest, highest);
        over_time::panel(area, "latency from the intended send", record, y, |panel| {
            panel.boxes(
                Ink::First,
                cells.iter().map(|cell| {
                    let corners = [(cell.span.0, cell.from), (cell.span.1, cell.to)];
                    let weight = (cell.count as f64).ln_1p() / (most as f64).ln_1p();
                    (corners, MIN_OPACITY + (1.0 - MIN_OPACITY) * weight)
                }),
            )?;
            panel.line(Ink::Second, &last)
        })
    });
    Some(Plot {
        id: "heatmap",
        title: "Latency over time",
        caption: "The stronger the color, the more deliveries, on a logarithmic scale. Positions are the intended send \
                  times, within a second. A stall of the target appears as a slope, since the messages due at its \
                  start wait longest. Shaded phases are not measured.",
        legend: vec![
            Key::line(Ink::First, "deliveries to each recipient"),
            Key::line(Ink::Second, "last recipient, 99th percentile"),
        ],
        drawing,
    })
}

/// Latencies of the messages due in a part of the run, in milliseconds, with their counts.
struct Column {
    span: (f64, f64),
    delivery: Vec<(f64, u64)>,
    last: Vec<(f64, u64)>,
}

/// One column per group of seconds.
///
/// A record contains latencies by the second in which they were measured; messages were due earlier by their latency.
fn columns(record: &LoadRecord) -> Vec<Column> {
    let spans = over_time::groups(record).map(over_time::span);
    let mut columns: Vec<_> =
        spans.map(|span| Column { span, delivery: Vec::new(), last: Vec::new() }).collect();
    for second in &record.series {
        let measured = second.at_s + second.length_s / 2.0;
        let due = |milliseconds: f64| {
            let due = measured - milliseconds / 1000.0;
            let later = columns.partition_point(|column| column.span.1 <= due);
            later.min(columns.len() - 1)
        };
        let delivery = by_column(&second.delivery, due);
        let last = by_column(&second.last, due);
        delivery.into_iter().for_each(|(at, counts)| columns[at].delivery.push(counts));
        last.into_iter().for_each(|(at, counts)| columns[at].last.push(counts));
    }
    columns
}

/// Each latency, with the index of its column.
fn by_column(
    snapshot: &HistogramSnapshot,
    column: impl Fn(f64) -> usize,
) -> Vec<(usize, (f64, u64))> {
    // Invalid histograms, which only altered records contain, are omitted.
    let latencies = snapshot.decode().unwrap_or_default();
    latencies.counts().map(|(latency, count)| (column(latency), (latency, count))).collect()
}

fn p99(counts: &[(f64, u64)]) -> Option<f64> {
    let mut counts = counts.to_vec();
    counts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut above = counts.iter().map(|(_, count)| count).sum::<u64>() / 100;
    // Descending from the maximum until a hundredth of the deliveries is above.
    let within = counts.iter().rev().find(|(_, count)| match above.checked_sub(*count) {
        Some(rest) => {
            above = rest;
            false
        }
        None => true,
    });
    within.map(|(latency, _)| *latency)
}

struct Cell {
    span: (f64, f64),
    from: f64,
    to: f64,
    count: u64,
}

fn cells(column: &Column) -> Vec<Cell> {
    let mut rows: BTreeMap<i64, u64> = BTreeMap::new();
    for (milliseconds, count) in &column.delivery {
        let row = (milliseconds.max(0.001).log10() * DENSITY).floor();
        *rows.entry(row as i64).or_default() += count;
    }
    let edge = |row: i64| 10_f64.powf(row as f64 / DENSITY);
    rows.into_iter()
        .map(|(row, count)| Cell { span: column.span, from: edge(row), to: edge(row + 1), count })
        .collect()
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_stats::{Distribution, Second};

    use super::*;

    #[test]
    fn stalls_appear_as_slopes_without_gaps() {
        // Ten messages per second. Those due between 3 and 7 s are delivered at 7 s.
        let mut seen = vec![Distribution::default(); 10];
        for message in 0..100_u64 {
            let due = message * 100;
            let latency = if (3000..7000).contains(&due) { 7000 - due } else { 5 };
            seen[((due + latency) / 1000) as usize].record(Nanoseconds::from_millis(latency));
        }
        let second = |(at, of): (u32, &Distribution)| Second {
            at_s: f64::from(at),
            length_s: 1.0,
            delivery: HistogramSnapshot::from(of),
            last: HistogramSnapshot::from(of),
            ..Second::default()
        };
        let series = (0..).zip(&seen).map(second).collect();
        let columns = columns(&LoadRecord { series, ..LoadRecord::default() });
        let longest = |column: &Column| column.delivery.iter().map(|one| one.0).fold(0.0, f64::max);
        let slope: Vec<_> = columns[3..=7].iter().map(longest).collect();
        assert!(slope.is_sorted_by(|one, next| one > next) && slope[4] > 0.0, "{slope:?}");
        let count = |column: &Column| column.delivery.iter().map(|one| one.1).sum::<u64>();
        assert_eq!(columns.iter().map(count).sum::<u64>(), 100);
        assert!(columns.iter().all(|column| count(column) > 0));
        assert!(p99(&columns[4].last).unwrap() > 1000.0);
    }

    #[test]
    fn one_in_a_hundred_is_above_the_99th_percentile() {
        let counts: Vec<_> = (1..=200).rev().map(|latency| (f64::from(latency), 1)).collect();
        assert_eq!(p99(&counts), Some(198.0));
        assert_eq!(p99(&[(5.0, 1)]), Some(5.0));
        assert_eq!(p99(&[]), None);
    }
}
