//! Axes: positions of values, and labels.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// An axis.
#[derive(Clone)]
pub(super) struct Axis {
    /// Minimum and maximum. Values outside are clamped.
    pub(super) range: (f64, f64),
    /// Labeled values.
    pub(super) ticks: Vec<(f64, String)>,
    scale: Scale,
}

#[derive(Clone, Copy)]
enum Scale {
    Linear,
    Logarithmic,
}

impl Scale {
    fn position(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic => value.log10(),
        }
    }
}

/// Steps between labels of times, in seconds.
const TIME_STEPS: [f64; 14] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0,
];
/// Maximum number of labels on an axis of times.
const MAX_TIMES: f64 = 12.0;
/// Maximum number of labels on an axis of values.
const MAX_VALUES: f64 = 5.0;

impl Axis {
    /// A linear axis with given labels.
    pub(super) fn plain(range: (f64, f64), ticks: Vec<(f64, String)>) -> Self {
        Self { range, ticks, scale: Scale::Linear }
    }

    /// An axis of times in a run, in seconds.
    pub(super) fn time(from: f64, to: f64) -> Self {
        let length = (to - from).max(1.0);
        let step = TIME_STEPS.into_iter().find(|step| length / step <= MAX_TIMES);
        let step = step.unwrap_or_else(|| (length / MAX_TIMES / 86_400.0).ceil() * 86_400.0);
        let ticks = steps(from, from + length, step).map(|at| (at, time(at)));
        Self::plain((from, from + length), ticks.collect())
    }

    /// A linear axis from 0 to at least `most`.
    pub(super) fn numbers(most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let power = 10_f64.powf((most / MAX_VALUES).log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0];
        let step = factors.map(|factor| factor * power);
        let step = step.into_iter().find(|step| most / step <= MAX_VALUES).unwrap_or(most);
        let to = (most / step).ceil() * step;
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let ticks = steps(0.0, to, step).map(|at| (at, grouped(at, digits)));
        Self::plain((0.0, to), ticks.collect())
    }

    /// A logarithmic axis of latencies, in milliseconds. `least` and `most` are above 0.
    pub(super) fn latencies(least: f64, most: f64) -> Self {
        let nice = |value: f64, up: bool| {
            let power = 10_f64.powf(value.log10().floor());
            let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
            let below = |step: &f64| *step <= value * 1.000_001;
            match up {
                true => steps.into_iter().find(|step| *step >= value / 1.000_001),
                false => steps.into_iter().rfind(below),
            }
            .unwrap_or(value)
        };
        let from = nice(least.max(0.001), false);
        let to = nice(most.max(from * 2.0), true);
        let decades = (to / from).log10();
        let multiples: &[f64] = if decades <= 3.1 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let powers = from.log10().floor() as i32..=to.log10().ceil() as i32;
        let values = powers.flat_map(|power| multiples.iter().map(move |m| m * 10_f64.powi(power)));
        let within = values.filter(|value| *value >= from * 0.999 && *value <= to * 1.001);
        let ticks = within.map(|value| (value, latency(value))).collect();
        Self { range: (from, to), ticks, scale: Scale::Logarithmic }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let position = |value| self.scale.position(value);
        let (from, to) = (position(self.range.0), position(self.range.1));
        let at = position(value.clamp(self.range.0, self.range.1));
        first + (f64::from(last - first) * (at - from) / (to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map_or_else(String::new, |(_, label)| label.clone())
    }
}

fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (from / step).ceil() as i64;
    let last = (to / step * 1.000_001).floor() as i64;
    (first..=last).map(move |number| number as f64 * step)
}

/// `45 s`, `2 min`, `1.5 h`.
fn time(seconds: f64) -> String {
    let magnitude = seconds.abs();
    let (value, unit) = match magnitude {
        0.0..120.0 => (seconds, "s"),
        120.0..7_200.0 => (seconds / 60.0, "min"),
        _ => (seconds / 3_600.0, "h"),
    };
    format!("{} {unit}", trimmed(value))
}

/// `0.5 ms`, `20 ms`, `2 s`.
fn latency(milliseconds: f64) -> String {
    if milliseconds >= 999.5 {
        format!("{} s", trimmed(milliseconds / 1_000.0))
    } else {
        format!("{} ms", trimmed(milliseconds))
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn grouped(value: f64, digits: usize) -> String {
    if digits == 0 {
        crate::words::number(value.round() as u64)
    } else {
        format!("{value:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| &**label).collect()
    }

    #[test]
    fn labels_are_round_and_few() {
        assert_eq!(labels(&Axis::numbers(137.0)), ["0", "50", "100", "150"]);
        assert_eq!(labels(&Axis::numbers(0.7)), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(labels(&Axis::numbers(0.0)).len(), 6);
        assert_eq!(labels(&Axis::numbers(25_000.0))[1], "5,000");
        assert_eq!(labels(&Axis::time(0.0, 20.0)).first(), Some(&"0 s"));
        assert_eq!(labels(&Axis::time(0.0, 3_600.0)).last(), Some(&"60 min"));
    }

    #[test]
    fn latencies_are_logarithmic() {
        let axis = Axis::latencies(1.7, 480.0);
        assert_eq!(
            labels(&axis),
            ["1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms"]
        );
        let at = |value| axis.map(&value, (0, 270));
        assert_eq!([0.0, 1.0, 10.0, 100.0, 500.0, 9e9].map(at), [0, 0, 100, 200, 270, 270]);
        assert_eq!(
            labels(&Axis::latencies(0.2, 20_000.0)),
            ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]
        );
    }
}
