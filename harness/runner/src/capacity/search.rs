//! The search for the highest value that meets the service levels: bracket, bisect, confirm.
//!
//! The caller varies the value, a rate or a number of members, and runs one trial per value. A single trial is not
//! trusted: both ends of the interval are confirmed, and an end that is not confirmed moves. A miss bounds the search
//! until it is repeated, and for good afterwards; a value that held more often than it missed once was disturbed. An
//! invalid trial is repeated; after three of them in a row the value exceeds the generator.

use std::collections::BTreeMap;

/// The outcome of one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialOutcome {
    /// Every service level was met.
    Holds,
    /// A service level was missed.
    Breaks,
    /// The generator fell behind, so that the trial shows nothing about the target.
    Invalid,
}

/// The interval that contains the capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// The highest value that held, with every value below it. Single misses that were not repeated do not count;
    /// `note` mentions them.
    pub holds: Option<f64>,
    /// The lowest value that broke each time, more than once if ends are confirmed.
    pub breaks: Option<f64>,
    /// The lowest value that exceeds the generator, if that is below `breaks`: the target may hold more.
    pub generator_limit: Option<f64>,
    /// Reason for a missing or uncertain end, or for a wide interval.
    pub note: Option<String>,
}

/// Maximum number of trials.
const MAXIMUM_TRIALS: usize = 40;

/// Number of consecutive invalid trials of a value after which it exceeds the generator.
const INVALID_TRIALS: usize = 3;

/// Number of misses of a value after which it breaks; one miss suffices if ends are not confirmed.
const MISSES: usize = 2;

/// A search in progress.
#[derive(Clone, Debug)]
pub struct Search {
    start: f64,
    floor: f64,
    ceiling: f64,
    /// Maximum relative difference between the ends of the interval.
    precision: f64,
    confirmations: usize,
    trials: usize,
    /// Trials by the bits of their value; positive numbers have the order of their bits.
    trials_by_value: BTreeMap<u64, Trials>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Trials {
    held: usize,
    broke: usize,
    /// Invalid trials since the last valid one.
    invalid: usize,
}

impl Trials {
    fn exceeds_generator(self) -> bool {
        self.invalid >= INVALID_TRIALS
    }

    /// Returns whether the value never missed, or fewer than `misses` times and less often than it held.
    fn holds(self, misses: usize) -> bool {
        self.broke == 0 || (self.broke < misses && self.broke < self.held)
    }
}

impl Search {
    /// A search that starts at `start` and stays within `bounds`, all above 0. It ends when the ends of the interval
    /// differ by at most `precision` and each was tried `confirmations` times, or after 40 trials.
    pub fn new(start: f64, bounds: (f64, f64), precision: f64, confirmations: usize) -> Self {
        let (floor, ceiling) = bounds;
        Self {
            start: start.clamp(floor, ceiling),
            floor,
            ceiling,
            precision,
            confirmations,
            trials: 0,
            trials_by_value: BTreeMap::new(),
        }
    }

    /// The value of the next trial; `None` if the search is over.
    pub fn next_value(&self) -> Option<f64> {
        if self.trials >= MAXIMUM_TRIALS {
            return None;
        }
        // Invalid trials, and one miss against one success, decide nothing: repeat them first.
        let mut values = self.values();
        let undecided = values.find(|(_, trials)| {
            (trials.invalid > 0 && !trials.exceeds_generator())
                || (self.is_suspect(*trials) && trials.held > 0)
        });
        if let Some((value, _)) = undecided {
            return Some(value);
        }
        let breaks = self.breaks(1);
        match (self.holds(), lower(breaks, self.generator_limit())) {
            (None, _) => match self.values().next() {
                None => Some(self.start),
                // Halve until a value holds.
                Some((lowest, _)) if lowest > self.floor => Some((lowest / 2.0).max(self.floor)),
                _ => self.suspect().or_else(|| self.unconfirmed(breaks)),
            },
            // Double until a value breaks.
            (Some(low), None) => match self.values().next_back().map_or(low, |(value, _)| value) {
                highest if highest < self.ceiling => Some((highest * 2.0).min(self.ceiling)),
                _ => self.suspect().or_else(|| self.unconfirmed(Some(low))),
            },
            (Some(low), Some(above)) => self
                .between(low, above)
                .or_else(|| self.suspect())
                .or_else(|| self.unconfirmed(Some(low)))
                .or_else(|| self.unconfirmed(Some(above))),
        }
    }

    /// Adds the outcome of a trial.
    pub fn add(&mut self, value: f64, outcome: TrialOutcome) {
        self.trials += 1;
        let trials = self.trials_by_value.entry(value.to_bits()).or_default();
        match outcome {
            TrialOutcome::Holds => trials.held += 1,
            TrialOutcome::Breaks => trials.broke += 1,
            TrialOutcome::Invalid => {
                trials.invalid += 1;
                return;
            }
        }
        trials.invalid = 0;
    }

    /// The interval that the trials so far establish.
    pub fn capacity(&self) -> Capacity {
        let (holds, breaks) = (self.holds(), self.breaks(self.misses()));
        let generator_limit =
            self.generator_limit().filter(|limit| breaks.is_none_or(|breaks| *limit < breaks));
        let is_wide = |low: f64, high: f64| high / low > 1.0 + 2.0 * self.precision;
        let note = match (holds, lower(breaks, generator_limit)) {
            _ if self.next_without_maximum().is_some() => {
                Some(format!("the search ended after {} trials without confirming its interval", self.trials))
            }
            (None, Some(_)) => Some("nothing lower was tried".to_owned()),
            (Some(_), None) => Some("nothing higher was tried".to_owned()),
            (Some(low), Some(high)) if is_wide(low, high) => Some(
                "trials within the interval contradict each other: the machine is too noisy for a narrower one"
                    .to_owned(),
            ),
            (Some(low), _) => self.note_on_misses(low),
            _ => None,
        };
        Capacity { holds, breaks, generator_limit, note }
    }

    fn next_without_maximum(&self) -> Option<f64> {
        Self { trials: 0, ..self.clone() }.next_value()
    }

    /// The highest value that held, with no value below it that broke or exceeds the generator.
    fn holds(&self) -> Option<f64> {
        let held = self
            .values()
            .take_while(|(_, trials)| trials.holds(self.misses()) && !trials.exceeds_generator())
            .filter(|(_, trials)| trials.held > 0);
        held.map(|(value, _)| value).last()
    }

    /// The lowest value that broke at least `misses` times, and never held, with no value above it that held.
    fn breaks(&self, misses: usize) -> Option<f64> {
        let broke = self
            .values()
            .rev()
            .take_while(|(_, trials)| trials.held == 0)
            .filter(|(_, trials)| trials.broke >= misses && !trials.exceeds_generator());
        broke.map(|(value, _)| value).last()
    }

    /// The value above the highest one that holds, if its miss was not repeated yet.
    fn suspect(&self) -> Option<f64> {
        let bound = self
            .values()
            .find(|(_, trials)| trials.exceeds_generator() || !trials.holds(self.misses()));
        bound.filter(|(_, trials)| self.is_suspect(*trials)).map(|(value, _)| value)
    }

    /// Returns whether a value missed, but not often enough to break.
    fn is_suspect(&self, trials: Trials) -> bool {
        let is_open = trials.broke > 0 && trials.broke < self.misses();
        is_open && !trials.holds(self.misses()) && !trials.exceeds_generator()
    }

    /// Number of misses after which a value breaks.
    fn misses(&self) -> usize {
        MISSES.min(self.confirmations)
    }

    /// The note on misses at and below a value that holds.
    fn note_on_misses(&self, low: f64) -> Option<String> {
        let misses = self.values().filter(|(value, trials)| *value <= low && trials.broke > 0);
        match misses.count() {
            0 => None,
            1 => Some(
                "one trial of a value that holds missed once: it counts as disturbed".to_owned(),
            ),
            count => Some(format!(
                "{count} trials of values that hold missed once each: they count as disturbed"
            )),
        }
    }

    /// The lowest value that exceeds the generator.
    fn generator_limit(&self) -> Option<f64> {
        self.values().find(|(_, trials)| trials.exceeds_generator()).map(|(value, _)| value)
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = (f64, Trials)> + '_ {
        let trials = self.trials_by_value.iter();
        trials.map(|(bits, trials)| (f64::from_bits(*bits), *trials))
    }

    /// A value between the ends, or between an end and the contradictory values within.
    fn between(&self, low: f64, high: f64) -> Option<f64> {
        let inside: Vec<f64> = self
            .values()
            .map(|(value, _)| value)
            .filter(|value| *value > low && *value < high)
            .collect();
        let first = inside.first().copied().unwrap_or(high);
        let last = inside.last().copied().unwrap_or(low);
        let middle =
            |from: f64, to: f64| (to / from > 1.0 + self.precision).then(|| (from * to).sqrt());
        middle(low, first).or_else(|| middle(last, high))
    }

    /// The value, if it was not tried often enough.
    fn unconfirmed(&self, value: Option<f64>) -> Option<f64> {
        let value = value?;
        let trials = self.trials_by_value.get(&value.to_bits())?;
        let times = trials.held.max(trials.broke);
        (times < self.confirmations && !trials.exceeds_generator()).then_some(value)
    }
}

/// The lower of two ends that may be unknown.
fn lower(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
