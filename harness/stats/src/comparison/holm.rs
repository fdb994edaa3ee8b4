//! Holm's correction for multiple comparisons.

/// Corrects p-values: the smallest is multiplied by their number, the next by one less, and so on. No corrected value
/// is smaller than that of a smaller p-value.
pub(super) fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|left, right| ps[*left].total_cmp(&ps[*right]));
    let mut corrected = vec![1.0; ps.len()];
    let mut minimum = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        let factor = (ps.len() - rank) as f64;
        minimum = minimum.max(ps[index] * factor).min(1.0);
        corrected[index] = minimum;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_values_are_those_of_a_worked_example() {
        assert_eq!(holm(&[0.02, 0.5, 0.01, 0.03]), [0.06, 0.5, 0.04, 0.06]);
    }
}
