//! The seconds of all workers, merged as they arrive.

use std::collections::BTreeMap;

use hearback_stats::Second;

/// Seconds that some workers have not reported yet, with the number of those that have.
#[derive(Debug, Default)]
pub(super) struct Seconds(BTreeMap<i64, (usize, Second)>);

impl Seconds {
    /// Adds a second of one worker, and returns those that are complete now, in order: as many as `workers` have reported them,
    /// or a later one.
    pub(super) fn add(&mut self, second: &Second, workers: usize) -> Vec<Second> {
        let number = second.at_s.round() as i64;
        let (reported, sum) = self.0.entry(number).or_default();
        *sum = if *reported == 0 { second.clone() } else { sum.beside(second) };
        *reported += 1;
        if *reported < workers {
            return Vec::new();
        }
        let later = self.0.split_off(&(number + 1));
        let complete = std::mem::replace(&mut self.0, later);
        complete.into_values().map(|(_, second)| second).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_complete_once_all_workers_told_them_or_a_later_one() {
        let mut seconds = Seconds::default();
        let second = |at_s, sent| Second { at_s, length_s: 1.0, sent, ..Second::default() };
        let mut reported = |at_s, sent| {
            let complete = seconds.add(&second(at_s, sent), 2);
            complete.iter().map(|second| second.sent).collect::<Vec<_>>()
        };
        assert_eq!(reported(0.0, 1), Vec::<u64>::new());
        assert_eq!(reported(0.01, 2), [3]);
        assert_eq!(reported(1.0, 4), Vec::<u64>::new());
        assert_eq!(reported(2.0, 8), Vec::<u64>::new());
        assert_eq!(reported(1.99, 16), [4, 24]);
    }
}
