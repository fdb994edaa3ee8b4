//! The percentile spectrum.

use hearback_stats::comparison::Pooled;
use hearback_stats::{Distribution, LoadRecord};

use super::axis::Axis;
use super::canvas::{Ink, Panel, canvas};
use super::captioned::{Key, Plot};

/// Number of points per power of ten.
const DENSITY: f64 = 24.0;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    let latencies = &record.latencies;
    let (each, last) = (Ink::First, Ink::Second);
    overlaid(
        "Latency by percentile",
        "Where the dashed line is below the solid line of the same recipients, messages were sent late. Each line ends \
         with its last sample; lost deliveries are beyond it.",
        vec![
            (&latencies.delivery, Key::line(each, "each recipient, from the intended send")),
            (&latencies.last, Key::line(last, "last recipient, from the intended send")),
            (
                &latencies.service,
                Key::dashed(Ink::Third, "each recipient, from the actual send (service time)"),
            ),
        ],
    )
}

/// The spectra of two groups of runs in one plot.
pub(in crate::load) fn compared([before, after]: &[Pooled; 2]) -> Option<Plot> {
    let (each, last) = (Ink::First, Ink::Second);
    overlaid(
        "Latency by percentile",
        "Merged latencies of all runs of a group. The test compares runs, not these curves.",
        vec![
            (&before.delivery, Key::dashed(each, "each recipient, before")),
            (&after.delivery, Key::line(each, "each recipient, after")),
            (&before.last, Key::dashed(last, "last recipient, before")),
            (&after.last, Key::line(last, "last recipient, after")),
        ],
    )
}

fn overlaid(
    title: &'static str,
    caption: &'static str,
    curves: Vec<(&Distribution, Key)>,
) -> Option<Plot> {
    let curves: Vec<_> = curves.into_iter().filter(|(of, _)| of.samples() > 0).collect();
    let most = curves.iter().map(|(of, _)| of.samples() + of.never()).max()?;
    let furthest = (most as f64).log10().max(1.0);
    let points: Vec<_> = curves.iter().map(|(of, _)| points(of, furthest)).collect();
    let values = || points.iter().flatten().filter_map(|(_, value)| *value);
    let y = Axis::latencies(values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let drawing = canvas(360, |area| {
        let title = "latency; percentiles on a logarithmic scale";
        let mut panel = Panel::new(area, title, percentiles(furthest), y)?;
        for ((_, key), points) in curves.iter().zip(&points) {
            if key.is_dashed {
                panel.dashed(key.ink, points)?;
            } else {
                panel.line(key.ink, points)?;
            }
        }
        Ok(())
    });
    let legend = curves.into_iter().map(|(_, key)| key).collect();
    Some(Plot { id: "spectrum", title, caption, legend, drawing })
}

/// Points of the curve. Position `x` is the percentile `1 - 10^-x`; the last one is that of the longest sample.
fn points(of: &Distribution, furthest: f64) -> Vec<(f64, Option<f64>)> {
    let all = (of.samples() + of.never()) as f64;
    let end = all.log10().min(furthest);
    let steps = (end * DENSITY).floor() as u32;
    let positions = (0..=steps).map(|step| f64::from(step) / DENSITY);
    let points = positions.map(|at| (at, of.quantile(1.0 - 10_f64.powf(-at)).value()));
    points.chain([(end, of.longest().value())]).collect()
}

fn percentiles(furthest: f64) -> Axis {
    let nines = (1..=furthest.floor() as usize).map(|nines| match nines {
        1 => (1.0, "90 %".to_owned()),
        2 => (2.0, "99 %".to_owned()),
        _ => (nines as f64, format!("99.{} %", "9".repeat(nines - 2))),
    });
    let first = [(0.0, "0 %".to_owned()), (2_f64.log10(), "50 %".to_owned())];
    Axis::plain((0.0, furthest), first.into_iter().chain(nines).collect())
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;

    use super::*;

    #[test]
    fn curves_end_with_the_longest_sample() {
        let mut of = Distribution::default();
        (1..=99).for_each(|_| of.record(Nanoseconds::from_millis(1)));
        of.record(Nanoseconds::from_millis(500));
        let last = points(&of, 2.0).last().and_then(|(_, value)| *value);
        assert_eq!(last.map(f64::round), Some(500.0));
    }

    #[test]
    fn curves_end_at_lost_deliveries() {
        let mut of = Distribution::default();
        (1..=990).for_each(|value| of.record(Nanoseconds::from_millis(value)));
        of.record_never(10);
        let points = points(&of, 3.0);
        let at = |x: f64| points.iter().find(|(at, _)| (at - x).abs() < 1e-9).unwrap().1;
        assert!((at(1.0).unwrap() - 900.0).abs() < 1.0);
        assert!((at(2.0).unwrap() - 990.0).abs() < 1.0);
        assert_eq!(at(3.0), None);
    }
}
