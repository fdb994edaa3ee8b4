//! Errors over time.

use hearback_stats::{ErrorKind, LoadRecord, Second};

use super::axis::Axis;
use super::canvas::{Ink, canvas};
use super::captioned::{Key, Plot};
use super::over_time;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    let kinds: Vec<ErrorKind> = ErrorKind::ALL
        .into_iter()
        .filter(|kind| record.series.iter().any(|second| second.errors.of(*kind) > 0))
        .collect();
    if kinds.is_empty() {
        return None;
    }
    let series = series(&kinds);
    let columns: Vec<_> = over_time::groups(record)
        .map(|group| (over_time::span(group), stack(group, &series)))
        .collect();
    let most = columns.iter().map(|(_, tops)| tops.last().copied().unwrap_or_default()).max()?;
    let drawing = canvas(260, |area| {
        let y = Axis::numbers(most as f64);
        over_time::panel(area, "errors per column", record, y, |panel| {
            for (index, (ink, ..)) in series.iter().enumerate() {
                let boxes = columns.iter().filter_map(|((from, to), tops)| {
                    let bottom = if index == 0 { 0 } else { tops[index - 1] };
                    let gap = (to - from) * 0.1;
                    let corners = [(from + gap, bottom as f64), (to - gap, tops[index] as f64)];
                    (tops[index] > bottom).then_some((corners, 1.0))
                });
                panel.boxes(*ink, boxes.collect::<Vec<_>>())?;
            }
            Ok(())
        })
    });
    Some(Plot {
        id: "errors",
        title: "Errors over time",
        caption: "Excludes lost, duplicate and out-of-order deliveries, which are counted per run only.",
        legend: series.into_iter().map(|(ink, label, _)| Key::line(ink, label)).collect(),
        drawing,
    })
}

/// One color per kind. If there are more kinds than colors, the last kinds share a color.
fn series(kinds: &[ErrorKind]) -> Vec<(Ink, String, &[ErrorKind])> {
    let colors = Ink::SERIES.len();
    let own = if kinds.len() > colors { colors - 1 } else { kinds.len() };
    let mut series: Vec<_> = kinds[..own]
        .iter()
        .zip(Ink::SERIES)
        .map(|(kind, ink)| (ink, kind.to_string(), std::slice::from_ref(kind)))
        .collect();
    if own < kinds.len() {
        series.push((Ink::SERIES[colors - 1], "others".to_owned(), &kinds[own..]));
    }
    series
}

/// The upper edges of the stacked boxes.
fn stack(group: &[Second], series: &[(Ink, String, &[ErrorKind])]) -> Vec<u64> {
    let mut top = 0;
    let mut tops = Vec::with_capacity(series.len());
    for (_, _, kinds) in series {
        top +=
            group.iter().map(|second| second.errors.sum(|kind| kinds.contains(&kind))).sum::<u64>();
        tops.push(top);
    }
    tops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_kinds_than_colors_share_the_last() {
        assert_eq!(series(&ErrorKind::ALL[..6]).len(), 6);
        let many = series(&ErrorKind::ALL);
        assert_eq!((many.len(), many[5].2.len()), (6, ErrorKind::ALL.len() - 5));
    }
}
