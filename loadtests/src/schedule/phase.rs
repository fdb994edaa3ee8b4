//! Rates over time, and the exact time of each message.

use std::time::Duration;

use hearback_stats::Nanoseconds;

const SECOND: f64 = 1e9;

/// A stretch of the schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// How the rate runs.
    pub shape: Shape,
    /// How long it takes.
    pub length: Duration,
}

/// How the rate runs over a phase, in messages a second, all rooms together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// The same throughout.
    Constant {
        /// Messages a second.
        rate: f64,
    },
    /// In a straight line.
    Ramp {
        /// At the beginning.
        from: f64,
        /// At the end.
        to: f64,
    },
    /// In equal steps of equal length.
    Step {
        /// The first step.
        from: f64,
        /// The last step.
        to: f64,
        /// How many, at least 2.
        steps: u32,
    },
    /// The same, but for the middle fifth.
    Spike {
        /// Before and after.
        rate: f64,
        /// In the middle fifth.
        peak: f64,
    },
    /// The same for a long time.
    Soak {
        /// Messages a second.
        rate: f64,
    },
}

impl Phase {
    /// Its kind, as in a profile.
    pub fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Constant { .. } => "constant",
            Shape::Ramp { .. } => "ramp",
            Shape::Step { .. } => "step",
            Shape::Spike { .. } => "spike",
            Shape::Soak { .. } => "soak",
        }
    }

    /// The rate at its beginning.
    pub fn first(&self) -> f64 {
        match self.shape {
            Shape::Constant { rate } | Shape::Soak { rate } | Shape::Spike { rate, .. } => rate,
            Shape::Ramp { from, .. } | Shape::Step { from, .. } => from,
        }
    }

    /// The rate at its end.
    pub fn last(&self) -> f64 {
        match self.shape {
            Shape::Constant { rate } | Shape::Soak { rate } | Shape::Spike { rate, .. } => rate,
            Shape::Ramp { to, .. } | Shape::Step { to, .. } => to,
        }
    }

    /// The highest rate.
    pub fn peak(&self) -> f64 {
        match self.shape {
            Shape::Spike { rate, peak } => rate.max(peak),
            _ => self.first().max(self.last()),
        }
    }

    /// The same with every rate multiplied.
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

    /// As straight pieces: length in seconds, rates at both ends.
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

/// A straight piece of the rate over time.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// When it begins, in seconds.
    start: f64,
    length: f64,
    from: f64,
    to: f64,
    /// Messages due before it.
    before: f64,
}

impl Piece {
    fn messages(&self) -> f64 {
        self.length * (self.from + self.to) / 2.0
    }

    /// When the integral of the rate has reached `messages`, in seconds from its beginning.
    fn reached(&self, messages: f64) -> f64 {
        let slope = (self.to - self.from) / self.length;
        // The root of slope/2 t² + from t = messages that also holds where the slope is nothing.
        let root = (self.from * self.from + 2.0 * slope * messages).max(0.0).sqrt();
        let sum = self.from + root;
        if sum > 0.0 { 2.0 * messages / sum } else { 0.0 }
    }
}

/// The exact time of every message: message `i` is due when the integral of the rate reaches `i`.
#[derive(Clone, Debug)]
pub struct Timetable {
    pieces: Vec<Piece>,
    next: u64,
    /// The piece of the next message.
    current: usize,
}

impl Timetable {
    /// The times of the phases, one after the other, from time 0 on.
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

    /// How many messages there are in all.
    pub fn messages(&self) -> u64 {
        let all = self.pieces.last().map_or(0.0, |piece| piece.before + piece.messages());
        // Message 0 is due at once; one due at the very end is not sent. Sums are not exact to the last bit.
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
                let seconds = piece.start + piece.reached(number - piece.before).min(piece.length);
                return Some((seconds * SECOND).round() as Nanoseconds);
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
    fn a_constant_rate_is_evenly_spaced() {
        let times = times(&[phase(Shape::Constant { rate: 1000.0 }, 2.0)]);
        assert_eq!(times.len(), 2000);
        let expected = (0..2000).map(|number| number * 1_000_000);
        assert!(times.into_iter().eq(expected));
    }

    #[test]
    fn a_ramp_has_as_many_messages_as_its_integral_says() {
        let times = times(&[phase(Shape::Ramp { from: 0.0, to: 100.0 }, 10.0)]);
        assert_eq!(times.len(), 500);
        // After half of the time a quarter of them were due.
        let half = times.iter().filter(|time| **time < 5_000_000_000).count();
        assert_eq!(half, 125);
        assert!(times.is_sorted());
        let down = self::times(&[phase(Shape::Ramp { from: 100.0, to: 0.0 }, 10.0)]);
        let half = down.iter().filter(|time| **time < 5_000_000_000).count();
        assert_eq!((down.len(), half), (500, 375));
    }

    #[test]
    fn phases_follow_each_other() {
        let phases = [
            phase(Shape::Constant { rate: 10.0 }, 1.0),
            phase(Shape::Step { from: 10.0, to: 30.0, steps: 3 }, 3.0),
            phase(Shape::Spike { rate: 10.0, peak: 100.0 }, 5.0),
        ];
        let times = times(&phases);
        let in_second = |second: u64| {
            let range = second * 1_000_000_000..(second + 1) * 1_000_000_000;
            times.iter().filter(|time| range.contains(time)).count()
        };
        let counts: Vec<_> = (0..9).map(in_second).collect();
        assert_eq!(counts, [10, 10, 20, 30, 10, 10, 100, 10, 10]);
        assert_eq!(times.len() as u64, Timetable::new(&phases).messages());
    }
}
