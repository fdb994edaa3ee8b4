//! Comparing several orders of the same messages: either one order explains them all, or a cycle
//! proves that none does.

use std::collections::VecDeque;
use std::rc::Rc;

use ahash::AHashMap;

use crate::evidence::Evidence;

/// Maximum number of edges that are visited in search of a shorter cycle.
const BUDGET: usize = 1 << 20;

/// Messages in the order in which they were shown, each once.
#[derive(Clone, Debug)]
pub(super) struct Chain<'h> {
    /// The place that showed it, for reports.
    pub(super) title: String,
    /// Chains of one group do not confirm each other.
    pub(super) group: usize,
    /// The messages, by any unique number, and their evidence.
    pub(super) items: Rc<[(usize, Evidence<'h>)]>,
}

/// Two messages that a chain shows in an order that others contradict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) chain: usize,
    /// Positions of the two messages in the chain, the earlier first.
    pub(super) positions: (usize, usize),
}

/// The result of comparing chains.
#[derive(Debug)]
pub(super) struct Comparison {
    /// Number of neighboring pairs that chains of different groups show in the same order.
    pub(super) agreements: u64,
    /// Steps that contradict each other: each ends with the message with which the next begins.
    pub(super) cycle: Option<Vec<Step>>,
}

/// Searches the graph of all neighboring pairs for a cycle. Chains of one group follow each other.
///
/// Many chains show the same pairs, so each pair is counted when it is seen: O(n) for n items, and O(m log m) for m
/// different pairs.
pub(super) fn compare(chains: &[Chain<'_>]) -> Comparison {
    let mut numbers: AHashMap<usize, usize> = AHashMap::new();
    let mut nodes = Vec::new();
    // The last group that shows a pair.
    let mut pairs: AHashMap<(usize, usize), usize> = AHashMap::new();
    let mut agreements = 0;
    for chain in chains {
        let mut last = None;
        for (message, _) in chain.items.iter() {
            let node = *numbers.entry(*message).or_insert_with(|| {
                nodes.push(*message);
                nodes.len() - 1
            });
            if let Some(last) = last.replace(node) {
                let earlier = pairs.insert((last, node), chain.group);
                agreements += u64::from(earlier.is_some_and(|group| group != chain.group));
            }
        }
    }
    let mut edges: Vec<_> = pairs.into_keys().collect();
    edges.sort_unstable();
    let graph = Graph::of(nodes.len(), &edges);
    let cycle = graph
        .shortest_cycle()
        .map(|cycle| steps(chains, &cycle.into_iter().map(|node| nodes[node]).collect::<Vec<_>>()));
    Comparison { agreements, cycle }
}

/// Nodes and their successors.
struct Graph {
    /// For each node, the position of its first successor.
    begins: Vec<usize>,
    successors: Vec<usize>,
}

impl Graph {
    /// A graph from edges that are sorted by origin.
    fn of(nodes: usize, edges: &[(usize, usize)]) -> Self {
        let mut begins = vec![0; nodes + 1];
        for (from, _) in edges {
            begins[from + 1] += 1;
        }
        for node in 0..nodes {
            begins[node + 1] += begins[node];
        }
        Self { begins, successors: edges.iter().map(|(_, to)| *to).collect() }
    }

    fn successors(&self, node: usize) -> &[usize] {
        &self.successors[self.begins[node]..self.begins[node + 1]]
    }

    /// The graph with all edges reversed.
    fn reversed(&self) -> Self {
        let nodes = self.begins.len() - 1;
        let edges =
            (0..nodes).flat_map(|from| self.successors(from).iter().map(move |to| (*to, from)));
        let mut edges: Vec<_> = edges.collect();
        edges.sort_unstable();
        Self::of(nodes, &edges)
    }

    /// Removes nodes without predecessors until there are none.
    fn peel(&self, is_left: &mut [bool]) {
        let mut predecessors = vec![0_usize; is_left.len()];
        for node in (0..is_left.len()).filter(|node| is_left[*node]) {
            self.successors(node).iter().for_each(|next| predecessors[*next] += 1);
        }
        let is_free = |node: &usize| is_left[*node] && predecessors[*node] == 0;
        let mut free: Vec<_> = (0..is_left.len()).filter(is_free).collect();
        while let Some(node) = free.pop() {
            is_left[node] = false;
            for &next in self.successors(node).iter().filter(|next| is_left[**next]) {
                predecessors[next] -= 1;
                if predecessors[next] == 0 {
                    free.push(next);
                }
            }
        }
    }

    /// A shortest cycle, or a short one if the search exceeds its budget.
    fn shortest_cycle(&self) -> Option<Vec<usize>> {
        let mut is_left = vec![true; self.begins.len() - 1];
        self.peel(&mut is_left);
        is_left.iter().position(|is_left| *is_left)?;
        self.reversed().peel(&mut is_left);
        let mut best = self.any_cycle(is_left.iter().position(|is_left| *is_left)?, &is_left);
        let mut budget = BUDGET;
        for start in (0..is_left.len()).filter(|node| is_left[*node]) {
            if best.len() == 2 || budget == 0 {
                break;
            }
            if let Some(cycle) = self.cycle_through(start, &is_left, best.len(), &mut budget) {
                best = cycle;
            }
        }
        Some(best)
    }

    /// The cycle that is reached from `start`; every remaining node has a successor.
    fn any_cycle(&self, start: usize, is_left: &[bool]) -> Vec<usize> {
        let mut path = vec![start];
        let mut positions = AHashMap::from([(start, 0)]);
        let mut node = start;
        while let Some(next) = self.successors(node).iter().find(|next| is_left[**next]) {
            if let Some(position) = positions.insert(*next, path.len()) {
                return path.split_off(position);
            }
            path.push(*next);
            node = *next;
        }
        path
    }

    /// The shortest cycle through `start` with fewer than `bound` nodes.
    fn cycle_through(
        &self,
        start: usize,
        is_left: &[bool],
        bound: usize,
        budget: &mut usize,
    ) -> Option<Vec<usize>> {
        let mut previous: AHashMap<usize, (usize, usize)> = AHashMap::from([(start, (start, 0))]);
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let (_, distance) = previous[&node];
            if distance + 1 >= bound {
                return None;
            }
            for &next in self.successors(node).iter().filter(|next| is_left[**next]) {
                *budget = budget.saturating_sub(1);
                if *budget == 0 {
                    return None;
                }
                if next == start {
                    let mut cycle = vec![node];
                    while cycle[cycle.len() - 1] != start {
                        cycle.push(previous[&cycle[cycle.len() - 1]].0);
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                previous.entry(next).or_insert_with(|| {
                    queue.push_back(next);
                    (node, distance + 1)
                });
            }
        }
        None
    }
}

/// Divides a cycle into few steps, each as long as one chain allows.
fn steps(chains: &[Chain<'_>], cycle: &[usize]) -> Vec<Step> {
    let on_cycle: AHashMap<usize, usize> = cycle.iter().copied().zip(0..).collect();
    // For each chain, the position of each message of the cycle.
    let positions: Vec<Vec<Option<usize>>> = chains
        .iter()
        .map(|chain| {
            let mut positions = vec![None; cycle.len()];
            for (position, (message, _)) in chain.items.iter().enumerate() {
                if let Some(at) = on_cycle.get(message) {
                    positions[*at] = Some(position);
                }
            }
            positions
        })
        .collect();
    let reach = |chain: usize, from: usize| {
        let mut at = from;
        while at < from + cycle.len() - 1 {
            let (here, next) = (at % cycle.len(), (at + 1) % cycle.len());
            match (positions[chain][here], positions[chain][next]) {
                (Some(earlier), Some(later)) if earlier < later => at += 1,
                _ => break,
            }
        }
        at
    };
    let round = |start: usize| {
        let mut steps = Vec::new();
        let mut at = start;
        while at < start + cycle.len() {
            let furthest = (0..chains.len()).map(|chain| (reach(chain, at), chain)).max();
            let Some((reached, chain)) = furthest.filter(|(reached, _)| *reached > at) else {
                break;
            };
            let end = reached.min(start + cycle.len());
            let position = |at: usize| positions[chain][at % cycle.len()].unwrap_or_default();
            steps.push(Step { chain, positions: (position(at), position(end)) });
            at = end;
        }
        steps
    };
    (0..cycle.len().min(64)).map(round).min_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    fn comparison(orders: &[&str]) -> (u64, Option<Vec<[usize; 2]>>) {
        let history = dsl::parse("alice rooms.list => 200 {}").unwrap();
        let chains: Vec<_> = orders
            .iter()
            .enumerate()
            .map(|(group, order)| Chain {
                title: String::new(),
                group,
                items: order
                    .bytes()
                    .filter(u8::is_ascii_lowercase)
                    .map(|letter| (usize::from(letter), (&history.calls[0]).into()))
                    .collect(),
            })
            .collect();
        let Comparison { agreements, cycle } = compare(&chains);
        let named = |step: Step| {
            let (from, to) = step.positions;
            [from, to].map(|position| chains[step.chain].items[position].0)
        };
        (agreements, cycle.map(|cycle| cycle.into_iter().map(named).collect()))
    }

    #[test]
    fn compatible_orders_have_no_cycle() {
        assert_eq!(comparison(&["a b c", "a b", "b c d"]), (2, None));
        assert_eq!(comparison(&["a c", "b c", "a b"]), (0, None));
        assert_eq!(comparison(&[]), (0, None));
    }

    #[test]
    fn a_cycle_has_few_steps() {
        let cycle_of = |orders: &[&str]| comparison(orders).1.expect("a cycle");
        for orders in [["a b", "b a"], ["a x b", "b y a"], ["p q a x y b", "q b z a r"]] {
            let cycle = cycle_of(&orders);
            assert_eq!(cycle.len(), 2, "{orders:?}: {cycle:?}");
            assert_eq!(cycle[0][1], cycle[1][0], "{orders:?}: {cycle:?}");
            assert_eq!(cycle[1][1], cycle[0][0], "{orders:?}: {cycle:?}");
        }
        assert_eq!(cycle_of(&["a b", "b c", "c a"]).len(), 3);
    }
}
