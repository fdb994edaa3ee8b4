//! How much a target holds: the search for the highest value that meets the service levels.
//!
//! Bracket, bisect, confirm. The value is whatever the caller varies, a rate or a number of members; each trial is a
//! whole run of its own. What was tried once is not believed: both ends of the interval are confirmed, and an end that
//! does not hold up moves. A miss bounds the search for now, and for good once it comes again: a value that held more
//! often than the one time that it missed was disturbed. What came out void is tried again; after three times in a row
//! the generator cannot do it.

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
    /// The highest value that held, and below which everything did, each time but for single misses that did not
    /// come again; `limit` tells of those.
    pub holds: Option<f64>,
    /// The lowest value that broke each time, and more than once if there are confirmations.
    pub breaks: Option<f64>,
    /// The lowest value that the generator could not do, where that is below what broke: the target may hold more.
    pub void: Option<f64>,
    /// Why an end is missing, the interval wider than was asked for, or what it is less sure of.
    pub limit: Option<String>,
}

/// Most trials of a search, whatever comes of them.
const BUDGET: usize = 40;
/// After so many void trials of a value in a row, it is believed that the generator cannot do it here.
const GIVEN_UP: usize = 3;
/// After so many misses of a value, it is believed that it breaks; after the first one if nothing is confirmed.
const BELIEVED: usize = 2;

/// A search; asks for one trial after the other.
#[derive(Clone, Debug)]
pub struct Search {
    start: f64,
    floor: f64,
    ceiling: f64,
    /// The interval is narrow enough when its ends differ by this share.
    precision: f64,
    confirmations: usize,
    trials: usize,
    /// Results by value; positive numbers are ordered as their bits are.
    results: BTreeMap<u64, Results>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Results {
    held: usize,
    broke: usize,
    /// Void trials since the last that was not.
    void: usize,
}

impl Results {
    fn is_given_up(self) -> bool {
        self.void >= GIVEN_UP
    }

    /// Whether it never missed, or too seldom to be believed and less often than it held.
    fn is_steady(self, believed: usize) -> bool {
        self.broke == 0 || (self.broke < believed && self.broke < self.held)
    }
}

impl Search {
    /// A search that begins at `start` and stays between `floor` and `ceiling`, all above 0; it ends when the ends of
    /// the interval differ by `precision` at most and each was confirmed so many times, or after 40 trials.
    pub fn new(start: f64, bounds: (f64, f64), precision: f64, confirmations: usize) -> Self {
        let (floor, ceiling) = bounds;
        Self {
            start: start.clamp(floor, ceiling),
            floor,
            ceiling,
            precision,
            confirmations,
            trials: 0,
            results: BTreeMap::new(),
        }
    }

    /// The next value to try; `None` if the search is over.
    pub fn next_value(&self) -> Option<f64> {
        if self.trials >= BUDGET {
            return None;
        }
        // What was void says nothing, and one miss against one pass as little: it is tried again first.
        let mut values = self.values();
        let unsure = values.find(|(_, results)| {
            (results.void > 0 && !results.is_given_up())
                || (self.is_suspect(*results) && results.held > 0)
        });
        if let Some((value, _)) = unsure {
            return Some(value);
        }
        let breaks = self.breaks(1);
        match (self.holds(), lower(breaks, self.void())) {
            (None, _) => match self.values().next() {
                None => Some(self.start),
                // Down, until something holds.
                Some((lowest, _)) if lowest > self.floor => Some((lowest / 2.0).max(self.floor)),
                _ => self.suspect().or_else(|| self.unconfirmed(breaks)),
            },
            // Up, until something breaks.
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

    /// Notes what came of a trial.
    pub fn note(&mut self, value: f64, verdict: Verdict) {
        self.trials += 1;
        let results = self.results.entry(value.to_bits()).or_default();
        match verdict {
            Verdict::Holds => results.held += 1,
            Verdict::Breaks => results.broke += 1,
            Verdict::Void => {
                results.void += 1;
                return;
            }
        }
        results.void = 0;
    }

    /// What the search is sure of by now.
    pub fn capacity(&self) -> Capacity {
        let (holds, breaks) = (self.holds(), self.breaks(self.believed()));
        let void = self.void().filter(|void| breaks.is_none_or(|breaks| *void < breaks));
        let is_wide = |low: f64, high: f64| high / low > 1.0 + 2.0 * self.precision;
        let limit = match (holds, lower(breaks, void)) {
            _ if self.next_but_for_budget().is_some() => {
                Some(format!("the search ended after {} trials, before it was sure", self.trials))
            }
            (None, Some(_)) => Some("nothing lower was tried".to_owned()),
            (Some(_), None) => Some("nothing higher was tried".to_owned()),
            (Some(low), Some(high)) if is_wide(low, high) => Some(
                "in between, trials contradict each other: the machine is too unsteady for more"
                    .to_owned(),
            ),
            (Some(low), _) => self.excuses(low),
            _ => None,
        };
        Capacity { holds, breaks, void, limit }
    }

    fn next_but_for_budget(&self) -> Option<f64> {
        Self { trials: 0, ..self.clone() }.next_value()
    }

    /// The highest value that held, below which nothing broke or was given up.
    fn holds(&self) -> Option<f64> {
        let steady = self
            .values()
            .take_while(|(_, results)| results.is_steady(self.believed()) && !results.is_given_up())
            .filter(|(_, results)| results.held > 0);
        steady.map(|(value, _)| value).last()
    }

    /// The lowest value that broke at least so many times, and above which nothing held; nor did it itself.
    fn breaks(&self, misses: usize) -> Option<f64> {
        let steady = self
            .values()
            .rev()
            .take_while(|(_, results)| results.held == 0)
            .filter(|(_, results)| results.broke >= misses && !results.is_given_up());
        steady.map(|(value, _)| value).last()
    }

    /// The value that bounds what holds by a miss that did not come again yet.
    fn suspect(&self) -> Option<f64> {
        let bound = self
            .values()
            .find(|(_, results)| results.is_given_up() || !results.is_steady(self.believed()));
        bound.filter(|(_, results)| self.is_suspect(*results)).map(|(value, _)| value)
    }

    /// Whether it is open if it breaks: it missed, but too seldom to be believed.
    fn is_suspect(&self, results: Results) -> bool {
        let is_open = results.broke > 0 && results.broke < self.believed();
        is_open && !results.is_steady(self.believed()) && !results.is_given_up()
    }

    /// So many misses of a value are believed.
    fn believed(&self) -> usize {
        BELIEVED.min(self.confirmations)
    }

    /// What is to be said of misses at and below a value that holds.
    fn excuses(&self, low: f64) -> Option<String> {
        let misses = self.values().filter(|(value, results)| *value <= low && results.broke > 0);
        match misses.count() {
            0 => None,
            1 => Some(
                "one trial of what holds missed, but not again: it counts as disturbed".to_owned(),
            ),
            count => Some(format!(
                "{count} trials of what holds missed, but not again at their values: they count as disturbed"
            )),
        }
    }

    /// The lowest value that was given up.
    fn void(&self) -> Option<f64> {
        self.values().find(|(_, results)| results.is_given_up()).map(|(value, _)| value)
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
        let times = results.held.max(results.broke);
        (times < self.confirmations && !results.is_given_up()).then_some(value)
    }
}

/// The lower one of two ends that may be unknown.
fn lower(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
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
        assert!(capacity.limit.unwrap().contains("nothing higher was tried"));
        let (capacity, _) = search(0.1, 0.1, 1e9);
        assert_eq!((capacity.holds, capacity.breaks), (None, Some(1.0)));
        assert!(capacity.limit.unwrap().contains("nothing lower was tried"));
    }

    #[test]
    fn a_generator_that_is_slower_than_the_target_says_so() {
        let (capacity, tried) = search(5000.0, 5000.0, 700.0);
        assert_eq!((capacity.breaks, capacity.limit.as_deref()), (None, None));
        let (holds, void) = (capacity.holds.unwrap(), capacity.void.unwrap());
        assert!(holds <= 700.0 && void > 700.0 && void / holds <= 1.1 + 1e-9, "{holds} {void}");
        for end in [holds, void] {
            assert_eq!(tried.iter().filter(|value| **value == end).count(), 3);
        }
        assert!(tried.len() < 30, "{}", tried.len());
    }

    /// Searches a target that breaks above 300 with a generator that is disturbed now and then.
    fn disturbed(confirmations: usize, is_void: impl Fn(usize, f64) -> bool) -> (Capacity, usize) {
        let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
        let mut trials = 0;
        while let Some(value) = search.next_value() {
            search.note(
                value,
                match value {
                    value if is_void(trials, value) => Verdict::Void,
                    value if value <= 300.0 => Verdict::Holds,
                    _ => Verdict::Breaks,
                },
            );
            trials += 1;
            assert!(trials <= BUDGET, "{search:?}");
        }
        (search.capacity(), trials)
    }

    #[test]
    fn a_void_trial_is_repeated_before_it_bounds_anything() {
        // Every third trial is void, whatever it is of.
        let (capacity, _) = disturbed(3, |trial, _| trial % 3 == 1);
        let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
        assert!(holds <= 300.0 && 300.0 < breaks && breaks / holds <= 1.1 + 1e-9, "{capacity:?}");
        assert_eq!((capacity.void, capacity.limit), (None, None));
    }

    #[test]
    fn a_search_whose_confirmations_are_void_ends() {
        // From some trial on nothing can be done any more.
        for works in [0, 1, 3, 6, 8] {
            let (capacity, trials) = disturbed(3, |trial, _| trial >= works);
            assert!(trials <= BUDGET, "{trials}");
            assert!(capacity.void.is_some(), "{works}: {capacity:?}");
            assert!(capacity.holds.is_none_or(|holds| holds < capacity.void.unwrap()));
        }
        // Two of three are void at every value, so none is given up; there is an end all the same.
        let (capacity, trials) = disturbed(20, |trial, _| trial % 3 != 2);
        assert_eq!(trials, BUDGET);
        assert!(capacity.limit.unwrap().contains("after 40 trials"));
    }

    #[test]
    fn what_the_generator_cannot_do_in_the_middle_is_the_end() {
        let (capacity, _) = disturbed(3, |_, value| (150.0..300.0).contains(&value));
        let (holds, void) = (capacity.holds.unwrap(), capacity.void.unwrap());
        assert!(holds < 150.0 && void >= 150.0 && void / holds <= 1.1 + 1e-9, "{capacity:?}");
    }

    /// Searches a target that breaks above `truth`, with trials that miss whatever they are of.
    fn missing(
        truth: f64,
        confirmations: usize,
        mut misses: impl FnMut(&[f64], f64) -> bool,
    ) -> (Search, Vec<f64>) {
        let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
        let mut tried = Vec::new();
        while let Some(value) = search.next_value() {
            let verdict = match value > truth || misses(&tried, value) {
                true => Verdict::Breaks,
                false => Verdict::Holds,
            };
            search.note(value, verdict);
            tried.push(value);
            assert!(tried.len() <= BUDGET, "{search:?}");
        }
        (search, tried)
    }

    #[test]
    fn a_single_disturbed_miss_does_not_cap_what_holds() {
        for truth in [70.0, 100.0, 333.0, 5000.0] {
            let (_, undisturbed) = missing(truth, 3, |_, _| false);
            // Whichever trial it is that is disturbed.
            for (disturbed, value) in undisturbed.iter().enumerate() {
                let (search, tried) = missing(truth, 3, |tried, _| tried.len() == disturbed);
                let capacity = search.capacity();
                let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
                assert!(holds <= truth && truth < breaks, "{disturbed} of {tried:?}: {capacity:?}");
                assert!(breaks / holds <= 1.1 + 1e-9, "{disturbed} of {tried:?}: {capacity:?}");
                // It is told, where it was of what is said to hold.
                let is_told = capacity.limit.as_deref().is_some_and(|it| it.contains("disturbed"));
                assert_eq!(is_told, *value <= truth, "{capacity:?}");
                assert!(tried.len() <= 32, "{disturbed}: {}", tried.len());
            }
        }
    }

    #[test]
    fn two_misses_of_a_value_do_cap_what_holds() {
        // 200 misses at first and at last, or twice at first; then it would hold.
        for misses in [[0, 1], [0, 2]] {
            let (search, tried) = missing(333.0, 3, |tried, value| {
                let times = tried.iter().filter(|it| **it == 200.0).count();
                value == 200.0 && misses.contains(&times)
            });
            let capacity = search.capacity();
            assert!(capacity.holds.unwrap() < 200.0, "{tried:?}: {capacity:?}");
            assert!(capacity.breaks.unwrap() > 199.0, "{tried:?}: {capacity:?}");
        }
        // Where nothing is to be confirmed, one does.
        let (search, _) = missing(333.0, 1, |tried, value| value == 200.0 && tried.len() == 1);
        assert_eq!(search.capacity().breaks, Some(200.0));
    }

    #[test]
    fn a_search_is_never_surer_than_its_trials() {
        let mut random = fastrand::Rng::with_seed(7);
        for round in 0..3_000_usize {
            let confirmations = 1 + round % 4;
            let (missing, void) = (random.f64(), random.f64() / 2.0);
            let truth = 10_f64.powf(random.f64() * 5.0 - 0.5);
            let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
            let mut seen: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
            let stopped = random.usize(..2 * BUDGET);
            let mut trials = 0;
            while let Some(value) = search.next_value().filter(|_| trials < stopped) {
                trials += 1;
                assert!(trials <= BUDGET, "{search:?}");
                let (held, broke) = seen.entry(value.to_bits()).or_default();
                let verdict = match (random.f64() < void, value > truth || random.f64() < missing) {
                    (true, _) => Verdict::Void,
                    (false, true) => Verdict::Breaks,
                    (false, false) => Verdict::Holds,
                };
                *held += usize::from(verdict == Verdict::Holds);
                *broke += usize::from(verdict == Verdict::Breaks);
                search.note(value, verdict);
            }
            let capacity = search.capacity();
            let is_sure = capacity.limit.is_none();
            let believed = confirmations.min(2);
            let seen = seen.into_iter().map(|(bits, results)| (f64::from_bits(bits), results));
            for (value, (held, broke)) in seen {
                if capacity.holds.is_some_and(|holds| value <= holds) {
                    let is_disturbed = !is_sure && broke < believed && broke < held;
                    assert!(broke == 0 || is_disturbed, "{search:?} {capacity:?}");
                }
                if capacity.breaks.is_some_and(|breaks| value >= breaks) {
                    assert_eq!(held, 0, "{search:?} {capacity:?}");
                }
                if capacity.holds == Some(value) {
                    assert!(held >= if is_sure { confirmations } else { 1 }, "{search:?}");
                }
                if capacity.breaks == Some(value) {
                    // What lies above what the generator could not do is no end.
                    let is_end = is_sure && capacity.void.is_none();
                    assert!(broke >= if is_end { confirmations } else { believed }, "{search:?}");
                }
            }
        }
    }
}
