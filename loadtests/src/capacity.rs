//! How much a target holds: the search for the highest value that meets the service levels.
//!
//! Bracket, bisect, confirm. The value is whatever the caller varies, a rate or a number of members; each trial is a
//! whole run of its own. What was tried once is not believed: both ends of the interval are confirmed, and an end that
//! does not hold up moves.

use std::collections::BTreeMap;

/// What came of one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every service level was met.
    Holds,
    /// One was not.
    Breaks,
    /// The generator could not do what was asked: nothing is said of the target.
    Void,
}

/// The interval that a search is sure of.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// The highest value that held each time.
    pub holds: Option<f64>,
    /// The lowest value that broke each time.
    pub breaks: Option<f64>,
    /// Why an end is missing, or the interval wider than was asked for.
    pub limit: Option<String>,
}

/// A search; asks for one trial after the other.
#[derive(Clone, Debug)]
pub struct Search {
    start: f64,
    floor: f64,
    ceiling: f64,
    /// The interval is narrow enough when its ends differ by this share.
    precision: f64,
    confirmations: usize,
    budget: usize,
    /// Results by value; positive numbers are ordered as their bits are.
    results: BTreeMap<u64, Results>,
    /// The lowest value that the generator could not do.
    void: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Results {
    held: usize,
    broke: usize,
}

impl Results {
    fn tries(self) -> usize {
        self.held + self.broke
    }
}

impl Search {
    /// A search that begins at `start` and stays between `floor` and `ceiling`, all above 0; it ends when the ends of
    /// the interval differ by `precision` at most and each was confirmed so many times, or after `budget` trials.
    pub fn new(start: f64, bounds: (f64, f64), precision: f64, confirmations: usize) -> Self {
        let (floor, ceiling) = bounds;
        Self {
            start: start.clamp(floor, ceiling),
            floor,
            ceiling,
            precision,
            confirmations,
            budget: 40,
            results: BTreeMap::new(),
            void: None,
        }
    }

    /// The next value to try; `None` if the search is over.
    pub fn next_value(&self) -> Option<f64> {
        let tries: usize = self.results.values().map(|results| results.tries()).sum();
        if tries >= self.budget {
            return None;
        }
        let (low, high) = (self.holds(), self.breaks());
        match (low, high.or(self.void)) {
            (None, None) => self.results.is_empty().then_some(self.start),
            // Down, until something holds.
            (None, Some(high)) => match self.values().next().map_or(high, |(value, _)| value) {
                lowest if lowest > self.floor => Some((lowest / 2.0).max(self.floor)),
                _ => self.unconfirmed(Some(high)),
            },
            // Up, until something breaks.
            (Some(low), None) => match self.values().next_back().map_or(low, |(value, _)| value) {
                highest if highest < self.ceiling => Some((highest * 2.0).min(self.ceiling)),
                _ => self.unconfirmed(Some(low)),
            },
            (Some(low), Some(above)) => self
                .between(low, above)
                .or_else(|| self.unconfirmed(Some(low)))
                .or_else(|| self.unconfirmed(high)),
        }
    }

    /// Notes what came of a trial.
    pub fn note(&mut self, value: f64, verdict: Verdict) {
        let results = || Results::default();
        match verdict {
            Verdict::Holds => {
                self.results.entry(value.to_bits()).or_insert_with(results).held += 1;
            }
            Verdict::Breaks => {
                self.results.entry(value.to_bits()).or_insert_with(results).broke += 1;
            }
            Verdict::Void => self.void = Some(self.void.map_or(value, |void| void.min(value))),
        }
    }

    /// What the search is sure of by now.
    pub fn capacity(&self) -> Capacity {
        let (holds, breaks) = (self.holds(), self.breaks());
        let limit = match (holds, breaks, self.void) {
            (_, None, Some(void)) => Some(format!(
                "the generator itself could not do {void:.0}: more generators could tell"
            )),
            (None, Some(low), _) => Some(format!("even {low:.0} breaks")),
            (Some(high), None, None) => {
                Some(format!("even {high:.0} holds, and no more was tried"))
            }
            (Some(low), Some(high), _) if high / low > 1.0 + 2.0 * self.precision => Some(
                "in between, trials contradict each other: the machine is too unsteady for more"
                    .to_owned(),
            ),
            _ => None,
        };
        Capacity { holds, breaks, limit }
    }

    /// The highest value below which nothing broke, and that never did itself.
    fn holds(&self) -> Option<f64> {
        let steady = self.values().take_while(|(_, results)| results.broke == 0);
        steady.map(|(value, _)| value).last()
    }

    /// The lowest value above which nothing held, and that never did itself.
    fn breaks(&self) -> Option<f64> {
        let steady = self.values().rev().take_while(|(_, results)| results.held == 0);
        steady.map(|(value, _)| value).last()
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = (f64, Results)> + '_ {
        self.results.iter().map(|(bits, results)| (f64::from_bits(*bits), *results))
    }

    /// A value between the ends, or between an end and what was contradictory in between.
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

    fn unconfirmed(&self, value: Option<f64>) -> Option<f64> {
        let value = value?;
        let results = self.results.get(&value.to_bits())?;
        (results.tries() < self.confirmations).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches a target that holds below `from`, breaks above `to`, and does either in between.
    fn search(from: f64, to: f64, generator: f64) -> (Capacity, Vec<f64>) {
        let mut random = fastrand::Rng::with_seed(1);
        let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, 3);
        let mut tried = Vec::new();
        while let Some(value) = search.next_value() {
            tried.push(value);
            let verdict = match value {
                value if value > generator => Verdict::Void,
                value if value <= from => Verdict::Holds,
                value if value >= to => Verdict::Breaks,
                _ if random.bool() => Verdict::Holds,
                _ => Verdict::Breaks,
            };
            search.note(value, verdict);
        }
        (search.capacity(), tried)
    }

    #[test]
    fn the_interval_holds_the_truth_and_is_narrow() {
        for truth in [3.0, 70.0, 100.0, 333.0, 5000.0] {
            let (capacity, tried) = search(truth, truth, 1e9);
            let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
            assert!(holds <= truth && truth <= breaks, "{truth}: {capacity:?}");
            assert!(breaks / holds <= 1.1 + 1e-9, "{capacity:?}");
            for end in [holds, breaks] {
                assert_eq!(tried.iter().filter(|value| **value == end).count(), 3);
            }
            assert_eq!(capacity.limit, None);
            assert!(tried.len() < 24, "{}", tried.len());
        }
    }

    #[test]
    fn what_is_contradictory_lies_inside_of_the_interval() {
        let (capacity, _) = search(100.0, 200.0, 1e9);
        assert!(
            capacity.holds.unwrap() < 200.0 && capacity.breaks.unwrap() > 100.0,
            "{capacity:?}"
        );
        // Whatever the chances were, an end that was seen to contradict itself is none.
        assert!(capacity.breaks.unwrap() >= capacity.holds.unwrap());
    }

    #[test]
    fn an_end_beyond_the_bounds_is_said_to_be_unknown() {
        let (capacity, _) = search(1e6, 1e6, 1e9);
        assert_eq!((capacity.holds, capacity.breaks), (Some(10_000.0), None));
        assert!(capacity.limit.unwrap().contains("even 10000 holds"));
        let (capacity, _) = search(0.1, 0.1, 1e9);
        assert_eq!((capacity.holds, capacity.breaks), (None, Some(1.0)));
        assert!(capacity.limit.unwrap().contains("even 1 breaks"));
    }

    #[test]
    fn a_generator_that_is_slower_than_the_target_says_so() {
        let (capacity, tried) = search(5000.0, 5000.0, 700.0);
        assert_eq!(capacity.breaks, None);
        assert!((600.0..=700.0).contains(&capacity.holds.unwrap()), "{capacity:?}");
        assert!(capacity.limit.unwrap().contains("generator itself"));
        assert!(tried.len() < 20);
    }
}
