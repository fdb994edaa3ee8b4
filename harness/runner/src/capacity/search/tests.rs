//! Searches of simulated targets.

use super::*;

/// Searches a target that holds below `from`, breaks above `to`, and does either at random in between.
fn search(from: f64, to: f64, generator: f64) -> (Capacity, Vec<f64>) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, 3);
    let mut tried = Vec::new();
    while let Some(value) = search.next_value() {
        tried.push(value);
        let outcome = match value {
            value if value > generator => TrialOutcome::Invalid,
            value if value <= from => TrialOutcome::Holds,
            value if value >= to => TrialOutcome::Breaks,
            _ if random.bool() => TrialOutcome::Holds,
            _ => TrialOutcome::Breaks,
        };
        search.add(value, outcome);
    }
    (search.capacity(), tried)
}

#[test]
fn the_interval_contains_the_capacity_and_is_narrow() {
    for truth in [3.0, 70.0, 100.0, 333.0, 5000.0] {
        let (capacity, tried) = search(truth, truth, 1e9);
        let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
        assert!(holds <= truth && truth <= breaks, "{truth}: {capacity:?}");
        assert!(breaks / holds <= 1.1 + 1e-9, "{capacity:?}");
        for end in [holds, breaks] {
            assert_eq!(tried.iter().filter(|value| **value == end).count(), 3);
        }
        assert_eq!(capacity.note, None);
        assert!(tried.len() < 24, "{}", tried.len());
    }
}

#[test]
fn contradictory_values_lie_within_the_interval() {
    let (capacity, _) = search(100.0, 200.0, 1e9);
    assert!(capacity.holds.unwrap() < 200.0 && capacity.breaks.unwrap() > 100.0, "{capacity:?}");
    // A value that contradicts itself is not an end, whatever the random outcomes.
    assert!(capacity.breaks.unwrap() >= capacity.holds.unwrap());
}

#[test]
fn an_end_beyond_the_bounds_is_unknown() {
    let (capacity, _) = search(1e6, 1e6, 1e9);
    assert_eq!((capacity.holds, capacity.breaks), (Some(10_000.0), None));
    assert!(capacity.note.unwrap().contains("nothing higher was tried"));
    let (capacity, _) = search(0.1, 0.1, 1e9);
    assert_eq!((capacity.holds, capacity.breaks), (None, Some(1.0)));
    assert!(capacity.note.unwrap().contains("nothing lower was tried"));
}

#[test]
fn a_generator_slower_than_the_target_is_the_limit() {
    let (capacity, tried) = search(5000.0, 5000.0, 700.0);
    assert_eq!((capacity.breaks, capacity.note.as_deref()), (None, None));
    let (holds, limit) = (capacity.holds.unwrap(), capacity.generator_limit.unwrap());
    assert!(holds <= 700.0 && limit > 700.0 && limit / holds <= 1.1 + 1e-9, "{holds} {limit}");
    for end in [holds, limit] {
        assert_eq!(tried.iter().filter(|value| **value == end).count(), 3);
    }
    assert!(tried.len() < 30, "{}", tried.len());
}

/// Searches a target that breaks above 300, with a generator that is disturbed now and then.
fn disturbed(confirmations: usize, is_invalid: impl Fn(usize, f64) -> bool) -> (Capacity, usize) {
    let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
    let mut trials = 0;
    while let Some(value) = search.next_value() {
        search.add(
            value,
            match value {
                value if is_invalid(trials, value) => TrialOutcome::Invalid,
                value if value <= 300.0 => TrialOutcome::Holds,
                _ => TrialOutcome::Breaks,
            },
        );
        trials += 1;
        assert!(trials <= MAXIMUM_TRIALS, "{search:?}");
    }
    (search.capacity(), trials)
}

#[test]
fn invalid_trials_are_repeated_before_they_bound_the_search() {
    // Every third trial is invalid, whatever its value.
    let (capacity, _) = disturbed(3, |trial, _| trial % 3 == 1);
    let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
    assert!(holds <= 300.0 && 300.0 < breaks && breaks / holds <= 1.1 + 1e-9, "{capacity:?}");
    assert_eq!((capacity.generator_limit, capacity.note), (None, None));
}

#[test]
fn a_search_with_invalid_confirmations_ends() {
    // From some trial on, every trial is invalid.
    for works in [0, 1, 3, 6, 8] {
        let (capacity, trials) = disturbed(3, |trial, _| trial >= works);
        assert!(trials <= MAXIMUM_TRIALS, "{trials}");
        assert!(capacity.generator_limit.is_some(), "{works}: {capacity:?}");
        assert!(capacity.holds.is_none_or(|holds| holds < capacity.generator_limit.unwrap()));
    }
    // Two of three trials are invalid at every value, so that no value exceeds the generator; the search still ends.
    let (capacity, trials) = disturbed(20, |trial, _| trial % 3 != 2);
    assert_eq!(trials, MAXIMUM_TRIALS);
    assert!(capacity.note.unwrap().contains("after 40 trials"));
}

#[test]
fn a_value_that_exceeds_the_generator_is_the_end() {
    let (capacity, _) = disturbed(3, |_, value| (150.0..300.0).contains(&value));
    let (holds, limit) = (capacity.holds.unwrap(), capacity.generator_limit.unwrap());
    assert!(holds < 150.0 && limit >= 150.0 && limit / holds <= 1.1 + 1e-9, "{capacity:?}");
}

/// Searches a target that breaks above `truth`; the given trials miss whatever their value.
fn missing(
    truth: f64,
    confirmations: usize,
    mut misses: impl FnMut(&[f64], f64) -> bool,
) -> (Search, Vec<f64>) {
    let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
    let mut tried = Vec::new();
    while let Some(value) = search.next_value() {
        let outcome = match value > truth || misses(&tried, value) {
            true => TrialOutcome::Breaks,
            false => TrialOutcome::Holds,
        };
        search.add(value, outcome);
        tried.push(value);
        assert!(tried.len() <= MAXIMUM_TRIALS, "{search:?}");
    }
    (search, tried)
}

#[test]
fn a_single_miss_does_not_bound_the_interval() {
    for truth in [70.0, 100.0, 333.0, 5000.0] {
        let (_, undisturbed) = missing(truth, 3, |_, _| false);
        // Disturbs each of the trials in turn.
        for (disturbed, value) in undisturbed.iter().enumerate() {
            let (search, tried) = missing(truth, 3, |tried, _| tried.len() == disturbed);
            let capacity = search.capacity();
            let (holds, breaks) = (capacity.holds.unwrap(), capacity.breaks.unwrap());
            assert!(holds <= truth && truth < breaks, "{disturbed} of {tried:?}: {capacity:?}");
            assert!(breaks / holds <= 1.1 + 1e-9, "{disturbed} of {tried:?}: {capacity:?}");
            // The note mentions it if it is below the end that holds.
            let is_noted = capacity.note.as_deref().is_some_and(|it| it.contains("disturbed"));
            assert_eq!(is_noted, *value <= truth, "{capacity:?}");
            assert!(tried.len() <= 32, "{disturbed}: {}", tried.len());
        }
    }
}

#[test]
fn two_misses_of_a_value_bound_the_interval() {
    // The value 200 misses in its first and second trial, or in its first and third; otherwise it would hold.
    for misses in [[0, 1], [0, 2]] {
        let (search, tried) = missing(333.0, 3, |tried, value| {
            let times = tried.iter().filter(|it| **it == 200.0).count();
            value == 200.0 && misses.contains(&times)
        });
        let capacity = search.capacity();
        assert!(capacity.holds.unwrap() < 200.0, "{tried:?}: {capacity:?}");
        assert!(capacity.breaks.unwrap() > 199.0, "{tried:?}: {capacity:?}");
    }
    // Without confirmations, one miss suffices.
    let (search, _) = missing(333.0, 1, |tried, value| value == 200.0 && tried.len() == 1);
    assert_eq!(search.capacity().breaks, Some(200.0));
}

#[test]
fn the_interval_is_never_narrower_than_the_trials_allow() {
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..3_000_usize {
        let confirmations = 1 + round % 4;
        let (missing, invalid) = (random.f64(), random.f64() / 2.0);
        let truth = 10_f64.powf(random.f64() * 5.0 - 0.5);
        let mut search = Search::new(100.0, (1.0, 10_000.0), 0.1, confirmations);
        let mut seen: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
        let stopped = random.usize(..2 * MAXIMUM_TRIALS);
        let mut trials = 0;
        while let Some(value) = search.next_value().filter(|_| trials < stopped) {
            trials += 1;
            assert!(trials <= MAXIMUM_TRIALS, "{search:?}");
            let (held, broke) = seen.entry(value.to_bits()).or_default();
            let outcome = match (random.f64() < invalid, value > truth || random.f64() < missing) {
                (true, _) => TrialOutcome::Invalid,
                (false, true) => TrialOutcome::Breaks,
                (false, false) => TrialOutcome::Holds,
            };
            *held += usize::from(outcome == TrialOutcome::Holds);
            *broke += usize::from(outcome == TrialOutcome::Breaks);
            search.add(value, outcome);
        }
        let capacity = search.capacity();
        let is_sure = capacity.note.is_none();
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
                // Rates above the limit of the generator do not bound the capacity.
                let is_end = is_sure && capacity.generator_limit.is_none();
                assert!(broke >= if is_end { confirmations } else { believed }, "{search:?}");
            }
        }
    }
}
