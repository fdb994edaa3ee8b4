//! The exact permutation test for two small samples.

/// Relative tolerance for equal differences, since sums of the same numbers in another order differ slightly.
const ROUNDING: f64 = 1e-9;
/// Number of bisections.
const BISECTIONS: u32 = 40;

/// Arithmetic mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Two-sided p-value: the share of all splits into groups of these sizes whose means differ at least as much.
pub(super) fn p(first: &[f64], second: &[f64]) -> f64 {
    let all: Vec<f64> = first.iter().chain(second).copied().collect();
    let total: f64 = all.iter().sum();
    let (n, m) = (first.len() as f64, second.len() as f64);
    let difference = |sum: f64| (sum / m - (total - sum) / n).abs();
    let observed = difference(second.iter().sum());
    let bound = observed - ROUNDING * (observed + total.abs() / (n + m));
    // Each sum is composed of a precomputed sum of the lower half of the values and one of the upper half.
    let (lower, upper) = all.split_at(all.len() / 2);
    let (lower_sums, upper_sums) = (sums(lower), sums(upper));
    let (mut splits, mut extreme) = (0_u64, 0_u64);
    for chosen in choices(all.len() as u32, second.len() as u32) {
        let (low, high) = (chosen as usize & (lower_sums.len() - 1), chosen >> lower.len());
        let sum = lower_sums[low] + upper_sums[high as usize];
        splits += 1;
        extreme += u64::from(difference(sum) >= bound);
    }
    extreme as f64 / splits as f64
}

/// The sum of each subset of the values. The bits of an index are the subset.
fn sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums.extend_from_within(..);
        let with = sums.len() / 2;
        sums[with..].iter_mut().for_each(|sum| *sum += value);
    }
    sums
}

/// Confidence interval of the difference, second minus first: the differences which, subtracted from the second group,
/// leave no significant difference.
///
/// Requires enough values for a difference to be significant.
pub(super) fn interval(first: &[f64], second: &[f64], significance: f64) -> [f64; 2] {
    let observed = mean(second) - mean(first);
    let is_outside = |difference: f64| {
        let shifted: Vec<f64> = second.iter().map(|value| value - difference).collect();
        p(first, &shifted) <= significance
    };
    let all = || first.iter().chain(second);
    let spread = all().copied().fold(f64::MIN, f64::max) - all().copied().fold(f64::MAX, f64::min);
    [-1.0, 1.0].map(|direction| {
        let mut far = spread.max(1e-6);
        while !is_outside(observed + direction * far) {
            far *= 2.0;
        }
        let mut near = 0.0;
        for _ in 0..BISECTIONS {
            let middle = f64::midpoint(near, far);
            if is_outside(observed + direction * middle) {
                far = middle;
            } else {
                near = middle;
            }
        }
        observed + direction * far
    })
}

/// The smallest difference which, added to the second group, makes its excess over the first group significant.
///
/// Bisection finds it, because `p` decreases monotonically once the second mean is above the first. Requires enough
/// values for a difference to be significant.
pub(super) fn detectable(
    first: &[f64],
    second: &[f64],
    is_significant: impl Fn(f64) -> bool,
) -> f64 {
    let is_detected = |difference: f64| {
        let shifted: Vec<f64> = second.iter().map(|value| value + difference).collect();
        is_significant(p(first, &shifted))
    };
    let mut near = (mean(first) - mean(second)).max(0.0);
    let mut width = 1e-9;
    while !is_detected(near + width) {
        width *= 2.0;
    }
    let mut far = near + width;
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(near, far);
        if is_detected(middle) {
            far = middle;
        } else {
            near = middle;
        }
    }
    far
}

/// All ways to choose `chosen` of `all` elements, as the bits of a number.
fn choices(all: u32, chosen: u32) -> impl Iterator<Item = u32> {
    let first = (1_u32 << chosen) - 1;
    std::iter::successors(Some(first), |bits| {
        let lowest = bits & bits.wrapping_neg();
        let ripple = bits + lowest;
        Some((((ripple ^ bits) >> 2) / lowest) | ripple)
    })
    .take_while(move |bits| *bits < 1 << all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_complete() {
        assert_eq!(choices(10, 5).count(), 252);
        assert_eq!(
            choices(4, 2).collect::<Vec<_>>(),
            [0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100]
        );
    }

    #[test]
    fn sums_are_indexed_by_their_subset() {
        assert_eq!(sums(&[1.0, 2.0, 4.0]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }

    #[test]
    fn disjoint_groups_have_the_smallest_p_value() {
        let (low, high) = ([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]);
        assert_eq!(p(&low, &high), 2.0 / 252.0);
        assert_eq!(p(&low, &low), 1.0);
    }

    /// Computed by hand: of the 6 splits of 1, 2, 3, 4 into pairs, 4 differ by at least 1.
    #[test]
    fn p_values_are_exact() {
        assert_eq!(p(&[1.0, 3.0], &[2.0, 4.0]), 4.0 / 6.0);
        assert_eq!(p(&[1.0, 2.0], &[3.0, 4.0]), 2.0 / 6.0);
    }

    #[test]
    fn intervals_contain_the_observed_difference() {
        let first = [1.0, 1.1, 0.9, 1.05, 0.95];
        let second = first.map(|value| value + 0.5);
        let [from, to] = interval(&first, &second, 0.05);
        assert!(from < 0.5 && 0.5 < to && from > 0.3 && to < 0.7, "{from} {to}");
        let [from, to] = interval(&[0.0; 5], &[0.0; 5], 0.05);
        assert!(from.abs() < 1e-9 && to.abs() < 1e-9);
    }

    /// With five values per group and a bound that only the most extreme split passes, the groups must be disjoint.
    #[test]
    fn the_detectable_change_separates_the_groups() {
        let (first, second) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.5, 2.5, 3.5, 4.5, 4.6]);
        let rarest = |p: f64| p < 0.0125;
        let shift = |first, second| detectable(first, second, rarest);
        assert!((shift(&first, &second) - 3.5).abs() < 1e-6, "{}", shift(&first, &second));
        assert!((shift(&second, &first) - 3.6).abs() < 1e-6, "{}", shift(&second, &first));
        assert!(shift(&[7.0; 5], &[7.0; 5]) < 1e-6);
        // Disjoint groups need no further change.
        assert!(shift(&first, &[9.0; 5]) < 1e-6);
    }

    /// Deterministic, approximately normal noise around 0.
    fn noise(state: &mut u64) -> f64 {
        let mut uniform = || {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (*state >> 11) as f64 / (1_u64 << 53) as f64
        };
        // The sum of twelve uniform values is close to normal.
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }

    /// The documentation states two times in three; a simulation of 20,000 comparisons of five runs yields 0.68.
    #[test]
    fn detectable_changes_are_detected_in_other_runs_two_times_in_three() {
        let mut state = 2;
        let mut runs =
            |shift: f64| -> Vec<f64> { (0..5).map(|_| noise(&mut state) + shift).collect() };
        let rarest = |p: f64| p < 0.0125;
        let found = |_: &u32| {
            let (one, other) = (runs(0.0), runs(0.0));
            let shift = detectable(&one, &other, rarest).max(detectable(&other, &one, rarest));
            let (before, after) = (runs(0.0), runs(shift));
            mean(&after) > mean(&before) && rarest(p(&before, &after))
        };
        let found = (0..400).filter(found).count();
        assert!((240..=300).contains(&found), "{found} of 400");
    }

    #[test]
    fn false_positives_have_the_stated_rate_and_large_differences_are_detected() {
        let mut state = 1;
        let mut found = |shift: f64| {
            let differs = |_: &u32| {
                let first: Vec<f64> = (0..5).map(|_| noise(&mut state)).collect();
                let second: Vec<f64> = (0..5).map(|_| noise(&mut state) + shift).collect();
                p(&first, &second) < 0.05
            };
            (0..2_000).filter(differs).count()
        };
        let (itself, other) = (found(0.0), found(4.0));
        assert!((60..=120).contains(&itself), "{itself} of 2,000");
        assert!(other > 1_950, "{other} of 2,000");
    }
}
