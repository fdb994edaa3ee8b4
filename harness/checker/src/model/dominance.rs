//! Counting the points in a quadrant of the plane.

use hearback_history::Nanoseconds;

/// A set of points, indexed by both coordinates.
#[derive(Clone, Debug, Default)]
pub(super) struct DominanceCounter {
    xs: Vec<Nanoseconds>,
    /// A Fenwick tree over the points by `x`; each node contains the sorted `y` of its points.
    nodes: Vec<Vec<Nanoseconds>>,
}

impl FromIterator<(Nanoseconds, Nanoseconds)> for DominanceCounter {
    fn from_iter<I: IntoIterator<Item = (Nanoseconds, Nanoseconds)>>(points: I) -> Self {
        let mut points: Vec<_> = points.into_iter().collect();
        points.sort_unstable();
        let mut by_y: Vec<_> = (1..=points.len()).collect();
        by_y.sort_unstable_by_key(|rank| points[rank - 1].1);
        let mut nodes = vec![Vec::new(); points.len() + 1];
        for rank in by_y {
            let mut node = rank;
            while node < nodes.len() {
                nodes[node].push(points[rank - 1].1);
                node += node & node.wrapping_neg();
            }
        }
        Self { xs: points.into_iter().map(|(x, _)| x).collect(), nodes }
    }
}

impl DominanceCounter {
    /// The number of points with an `x` above `left` and a `y` below `top`. O(log² n).
    pub(super) fn count(&self, left: Nanoseconds, top: Nanoseconds) -> usize {
        let up_to = self.xs.partition_point(|x| *x <= left);
        self.below(self.xs.len(), top) - self.below(up_to, top)
    }

    /// The number of the first points by `x` that have a `y` below `top`.
    fn below(&self, mut first: usize, top: Nanoseconds) -> usize {
        let mut count = 0;
        while first > 0 {
            count += self.nodes[first].partition_point(|y| *y < top);
            first &= first - 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_equal_those_of_a_linear_scan() {
        let points: Vec<_> = (0..40_u64)
            .map(|n| (Nanoseconds::new(n * 7 % 23), Nanoseconds::new(n * 11 % 19)))
            .collect();
        for size in [0, 1, 2, 7, 40] {
            let points = &points[..size];
            let counter: DominanceCounter = points.iter().copied().collect();
            for left in 0..25 {
                for top in 0..25 {
                    let (left, top) = (Nanoseconds::new(left), Nanoseconds::new(top));
                    let expected = points.iter().filter(|(x, y)| *x > left && *y < top).count();
                    assert_eq!(counter.count(left, top), expected, "{size}: {left}, {top}");
                }
            }
        }
    }
}
