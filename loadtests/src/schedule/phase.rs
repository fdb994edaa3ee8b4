//! Phases of the schedule, and the exact time of each message.

use std::time::Duration;

use hearback_history::Nanoseconds;
use serde::{Deserialize, Serialize};

const SECOND: f64 = 1e9;

/// A phase of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// The rate over time.
    pub shape: Shape,
    /// Duration.
    pub length: Duration,
}

/// The rate over time in a phase, in messages per second over all rooms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    /// A constant rate.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// A linear change.
    Ramp {
        /// Rate at the start.
        from: f64,
        /// Rate at the end.
        to: f64,
    },
    /// Equal steps of equal length.
    Step {
        /// Rate of the first step.
        from: f64,
        /// Rate of the last step.
        to: f64,
        /// Number of steps, at least 2.
        steps: u32,
    },
    /// A constant rate with a peak in the middle fifth.
    Spike {
        /// Rate before and after the peak.
        rate: f64,
        /// Rate of the peak.
        peak: f64,
    },
    /// A constant rate for a long time.
    Soak {
        /// The rate.
        rate: f64,
    },
}

impl Phase {
    /// Name of the shape, as in profiles.
    pub fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Constant { .. } => "constant",
            Shape::Ramp { .. } => "ramp",
            Shape::Step { .. } => "step",
            Shape::Spike { .. } => "spike",
            Shape::Soak { .. } => "soak",
        }
    }

    /// Rate at the start.
    pub fn first(&self) -> f64 {
        match self.shape {
            Shape::Constant { rate } | Shape::Soak { rate } | Shape::Spike { rate, .. } => rate,
            Shape::Ramp { from, .. } | Shape::Step { from, .. } => from,
        }
    }

    /// Rate at the end.
    pub fn last(&self) -> f64 {
        match self.shape {
            Shape::Constant { rate } | Shape::Soak { rate } | Shape::Spike { rate, .. } => rate,
            Shape::Ramp { to, .. } | Shape::Step { to, .. } => to,
        }
    }

    /// Maximum rate.
    pub fn peak(&self) -> f64 {
        match self.shape {
            Shape::Spike { rate, peak } => rate.max(peak),
            _ => self.first().max(self.last()),
        }
    }

    /// Multiplies all rates.
    #[must_use]
    pub fn at_rate(&self, factor: f64) -> Self {
        let shape = match self.shape {
            Shape::Constant { rate } => Shape::Constant { rate: rate * factor },
            Shape::Soak { rate } => Shape::Soak { rate: rate * factor },
            Shape::Ramp { from, to } => Shape::Ramp { from: from * factor, to: to * factor },
            Shape::Step { from, to, steps } => {
                Shape::Step { from: from * factor, to: to * factor, steps }
            }
            Shape::Spike { rate, peak } => {
                Shape::Spike { rate: rate * factor, peak: peak * factor }
            }
        };
        Self { shape, ..*self }
    }

    /// Linear pieces: length in seconds, rate at the start, rate at the end.
    fn pieces(&self) -> Vec<(f64, f64, f64)> {
        let length = self.length.as_secs_f64();
        match self.shape {
            Shape::Constant { rate } | Shape::Soak { rate } => vec![(length, rate, rate)],
            Shape::Ramp { from, to } => vec![(length, from, to)],
            Shape::Spike { rate, peak } => vec![
                (length * 0.4, rate, rate),
                (length * 0.2, peak, peak),
                (length * 0.4, rate, rate),
            ],
            Shape::Step { from, to, steps } => {
                let each = length / f64::from(steps);
                let height = (to - from) / f64::from(steps - 1);
                (0..steps)
                    .map(|step| from + f64::from(step) * height)
                    .map(|rate| (each, rate, rate))
                    .collect()
            }
        }
    }
}

/// A linear piece of the rate over time.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Start, in seconds.
    start: f64,
    length: f64,
    from: f64,
    to: f64,
    /// Number of messages due before this piece.
    before: f64,
}

impl Piece {
    fn messages(&self) -> f64 {
        self.length * (self.from + self.to) / 2.0
    }

    /// The time at which the integral of the rate reaches `messages`, in seconds from the start of the piece.
    fn time_of(&self, messages: f64) -> f64 {
        let slope = (self.to - self.from) / self.length;
        // The solution of slope/2 t² + from t = messages in the form that is also valid for a slope of 0.
        let root = (self.from * self.from + 2.0 * slope * messages).max(0.0).sqrt();
        let sum = self.from + root;
        if sum > 0.0 { 2.0 * messages / sum } else { 0.0 }
    }
}

/// The exact times of all messages: message `i` is due when the integral of the rate reaches `i`.
#[derive(Clone, Debug)]
pub struct Timetable {
    pieces: Vec<Piece>,
    next: u64,
    /// The piece of the next message.
    current: usize,
}

impl Timetable {
    /// The timetable of consecutive phases, starting at 0.
    pub fn new(phases: &[Phase]) -> Self {
        let (mut start, mut before) = (0.0, 0.0);
        let mut pieces = Vec::new();
        for (length, from, to) in phases.iter().flat_map(Phase::pieces) {
            let piece = Piece { start, length, from, to, before };
            start += length;
            before += piece.messages();
            pieces.push(piece);
        }
        Self { pieces, next: 0, current: 0 }
    }

    /// Total number of messages.
    pub fn messages(&self) -> u64 {
        let all = self.pieces.last().map_or(0.0, |piece| piece.before + piece.messages());
        // Message 0 is due at the start, and a message due exactly at the end is not sent. Tolerates rounding errors.
        (all - 1e-6).ceil().max(0.0) as u64
    }
}

impl Iterator for Timetable {
    type Item = Nanoseconds;

    fn next(&mut self) -> Option<Nanoseconds> {
        if self.next >= self.messages() {
            return None;
        }
        let number = self.next as f64;
        self.next += 1;
        while let Some(piece) = self.pieces.get(self.current) {
            if number <= piece.before + piece.messages() && piece.messages() > 0.0 {
                let seconds = piece.start + piece.time_of(number - piece.before).min(piece.length);
                return Some(Nanoseconds::new((seconds * SECOND).round() as u64));
            }
            self.current += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(phases: &[Phase]) -> Vec<Nanoseconds> {
        Timetable::new(phases).collect()
    }

    fn phase(shape: Shape, seconds: f64) -> Phase {
        Phase { shape, length: Duration::from_secs_f64(seconds) }
    }

    #[test]
    fn constant_rates_are_evenly_spaced() {
        let times = times(&[phase(Shape::Constant { rate: 1000.0 }, 2.0)]);
        assert_eq!(times.len(), 2000);
        let expected = (0..2000).map(Nanoseconds::from_millis);
        assert!(times.into_iter().eq(expected));
    }

    #[test]
    fn ramps_have_the_messages_of_their_integral() {
        let times = times(&[phase(Shape::Ramp { from: 0.0, to: 100.0 }, 10.0)]);
        assert_eq!(times.len(), 500);
        // A quarter of the messages are due in the first half.
        let half = times.iter().filter(|time| **time < Nanoseconds::from_millis(5_000)).count();
        assert_eq!(half, 125);
        assert!(times.is_sorted());
        let down = self::times(&[phase(Shape::Ramp { from: 100.0, to: 0.0 }, 10.0)]);
        let half = down.iter().filter(|time| **time < Nanoseconds::from_millis(5_000)).count();
        assert_eq!((down.len(), half), (500, 375));
    }

    #[test]
    fn phases_are_consecutive() {
        let phases = [
            phase(Shape::Constant { rate: 10.0 }, 1.0),
            phase(Shape::Step { from: 10.0, to: 30.0, steps: 3 }, 3.0),
            phase(Shape::Spike { rate: 10.0, peak: 100.0 }, 5.0),
        ];
        let times = times(&phases);
        let in_second = |second: u64| {
            let range = Nanoseconds::from_millis(second * 1_000)
                ..Nanoseconds::from_millis((second + 1) * 1_000);
            times.iter().filter(|time| range.contains(time)).count()
        };
        let counts: Vec<_> = (0..9).map(in_second).collect();
        assert_eq!(counts, [10, 10, 20, 30, 10, 10, 100, 10, 10]);
        assert_eq!(times.len() as u64, Timetable::new(&phases).messages());
    }
}
