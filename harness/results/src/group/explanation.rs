//! Which clusters of findings others explain.

use hearback_checker::{Place, Scope};
use hearback_contract::requirement::Tie;

use super::cluster::Cluster;

/// For each cluster the position of the one that explains it in the end; its own if none does.
///
/// Weak clusters are looked at first, so that of two that explain each other the one with more consequences remains.
pub(super) fn roots(clusters: &[Cluster<'_>]) -> Vec<usize> {
    let scopes: Vec<_> = clusters.iter().map(Explainer::of).collect();
    let explained = |effect: usize, cause: usize| {
        if effect == cause { Vec::new() } else { scopes[cause].explains(&clusters[effect]) }
    };
    let count = clusters.len();
    // For each cluster the explained places, by cause.
    let places: Vec<Vec<Vec<bool>>> = (0..count)
        .map(|effect| (0..count).map(|cause| explained(effect, cause)).collect())
        .collect();
    let consequences = |cause: usize| {
        places
            .iter()
            .filter(|causes| causes[cause].iter().any(|is_explained| *is_explained))
            .count()
    };
    let mut order: Vec<_> = (0..count).collect();
    order.sort_by_key(|it| (consequences(*it), clusters[*it].observations(), count - it));
    let mut parents: Vec<_> = (0..count).collect();
    for effect in order {
        let alive = |cause: &usize| parents[*cause] == *cause && *cause != effect;
        let causes: Vec<_> = (0..count).filter(alive).collect();
        let by_cause = &places[effect];
        let total = by_cause.iter().map(Vec::len).max().unwrap_or_default();
        let is_whole = total > 0
            && (0..total).all(|place| {
                causes.iter().any(|cause| by_cause[*cause].get(place).copied().unwrap_or_default())
            });
        if is_whole {
            let covered =
                |cause: &usize| by_cause[*cause].iter().filter(|explained| **explained).count();
            // Of equal causes the first in the order of levels and of the table.
            if let Some(best) = causes.into_iter().rev().max_by_key(covered) {
                parents[effect] = best;
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

/// A cluster as the cause of others: its requirements, and where all of its violations occurred.
struct Explainer {
    ties: Vec<(hearback_contract::RequirementId, Tie)>,
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
