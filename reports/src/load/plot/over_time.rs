//! Shared parts of plots over time.

use hearback_stats::{LoadRecord, Second};

use super::axis::Axis;
use super::canvas::{Area, Drawn, Panel};

/// Maximum number of points or columns.
const MAX_COLUMNS: usize = 160;

/// Groups of consecutive seconds that are drawn as one point or column.
pub(super) fn groups(record: &LoadRecord) -> impl Iterator<Item = &[Second]> {
    record.series.chunks(record.series.len().div_ceil(MAX_COLUMNS).max(1))
}

/// Start and end of a group, in seconds from the start of the schedule.
pub(super) fn span(group: &[Second]) -> (f64, f64) {
    let from = group.first().map_or(0.0, |second| second.at_s);
    (from, group.last().map_or(from, |second| second.at_s + second.length_s))
}

/// One point per group, at its middle.
pub(super) fn points(
    record: &LoadRecord,
    value: impl Fn(&[Second]) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    let middle = |group| {
        let (from, to) = span(group);
        f64::midpoint(from, to)
    };
    groups(record).map(|group| (middle(group), value(group))).collect()
}

/// Rate per second over a group.
pub(super) fn rate(group: &[Second], count: impl Fn(&Second) -> u64) -> Option<f64> {
    let length: f64 = group.iter().map(|second| second.length_s).sum();
    (length > 0.0).then(|| group.iter().map(count).sum::<u64>() as f64 / length)
}

/// The maximum value of points.
pub(super) fn highest(points: &[(f64, Option<f64>)]) -> f64 {
    points.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max)
}

/// A panel over the whole run. Phases that are not measured are shaded.
pub(super) fn panel<'a, 'b>(
    area: &'a Area<'b>,
    title: &str,
    record: &LoadRecord,
    y: Axis,
    draw: impl FnOnce(&mut Panel<'a, 'b>) -> Drawn,
) -> Drawn {
    let (from, to) = span(&record.series);
    let mut panel = Panel::new(area, title, Axis::time(from, to), y)?;
    for phase in record.profile.phases.iter().filter(|phase| !phase.measured) {
        panel.shade(phase.from_s, phase.to_s)?;
    }
    draw(&mut panel)
}
