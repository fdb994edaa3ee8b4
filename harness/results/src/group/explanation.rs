//! Explanations of clusters of findings by others.

use hearback_checker::{Place, Scope};
use hearback_contract::RequirementId;
use hearback_contract::requirement::Tie;

use super::cluster::Cluster;

/// Number of percent of the violations of a cluster that others must explain. Some are left out: a rule passes a
/// violation on to the requirement that owns it, and not every cause is observed.
const ENOUGH_PERCENT: usize = 75;

/// For each cluster the position of the one that explains it in the end; its own if none does.
///
/// Clusters with few consequences are looked at first, so that of two that explain each other the one with more
/// consequences remains.
pub(super) fn roots(clusters: &[Cluster<'_>]) -> Vec<usize> {
    let count = clusters.len();
    let explainers: Vec<_> = clusters.iter().map(Explainer::of).collect();
    let explained = |effect: usize, cause: usize| match effect == cause {
        true => Vec::new(),
        false => explainers[cause].explains(&clusters[effect]),
    };
    // For each cluster and each possible cause, whether it explains each violation.
    let explained: Vec<Vec<Vec<bool>>> = (0..count)
        .map(|effect| (0..count).map(|cause| explained(effect, cause)).collect())
        .collect();
    let consequences =
        |cause: usize| explained.iter().filter(|causes| is_enough(&causes[cause])).count();
    let mut order: Vec<_> = (0..count).collect();
    order.sort_by_key(|it| (consequences(*it), clusters[*it].observations(), count - it));
    let mut parents: Vec<_> = (0..count).collect();
    for effect in order {
        let is_root = |cause: &usize| parents[*cause] == *cause && *cause != effect;
        let causes: Vec<_> = (0..count).filter(is_root).collect();
        let by_cause = &explained[effect];
        let total = by_cause.iter().map(Vec::len).max().unwrap_or_default();
        let is_explained = |violation: usize| {
            causes.iter().any(|cause| by_cause[*cause].get(violation).is_some_and(|it| *it))
        };
        let together: Vec<_> = (0..total).map(is_explained).collect();
        if is_enough(&together) {
            // Of equal causes the first in the order of levels and of the table.
            let amount = |cause: &usize| by_cause[*cause].iter().filter(|it| **it).count();
            if let Some(cause) = causes.into_iter().rev().max_by_key(amount) {
                parents[effect] = cause;
            }
        }
    }
    (0..count)
        .map(|mut it| {
            while parents[it] != it {
                it = parents[it];
            }
            it
        })
        .collect()
}

/// Returns whether enough violations are explained.
fn is_enough(explained: &[bool]) -> bool {
    let count = explained.iter().filter(|it| **it).count();
    count > 0 && count * 100 >= explained.len() * ENOUGH_PERCENT
}

/// A cluster as the cause of others: its requirements, and where all of its violations occurred.
struct Explainer {
    ties: Vec<(RequirementId, Tie)>,
    scope: Scope,
}

impl Explainer {
    fn of(cluster: &Cluster<'_>) -> Self {
        let ties = cluster.requirements().into_iter().flat_map(|id| id.requirement().explains);
        let mut scope = Scope::default();
        for found in &cluster.found {
            scope.merge(found.finding.scope.clone());
        }
        Self { ties: ties.copied().collect(), scope }
    }

    /// For each place of the findings of `effect`, whether this explains the violation there.
    fn explains(&self, effect: &Cluster<'_>) -> Vec<bool> {
        let places = effect.found.iter().flat_map(|found| {
            let tie = self.ties.iter().find(|(id, _)| id.as_str() == found.requirement.id);
            let tie = tie.map(|(_, tie)| *tie);
            let explained =
                move |place: &Place| tie.is_some_and(|tie| self.scope.affects(place, tie));
            found.finding.scope.places.iter().map(explained)
        });
        places.collect()
    }
}
