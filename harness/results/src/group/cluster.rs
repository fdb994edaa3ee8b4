//! Clusters: findings of one requirement, or with one form of defect across requirements.

use std::cmp::Reverse;

use hearback_checker::Defect;
use hearback_contract::{Level, RequirementId};
use indexmap::IndexMap;

use super::found::Found;

/// Findings that share a key, and thus a cause.
pub(super) struct Cluster<'r> {
    pub(super) key: Key<'r>,
    pub(super) found: Vec<Found<'r>>,
}

/// The key that the findings of a cluster share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'r> {
    /// The requirement.
    Requirement(&'r str),
    /// The member and the keyword of a schema.
    Schema { member: &'r str, keyword: &'r str },
    /// The status and the shape of the response.
    Response { status: u16, shape: &'r str },
}

impl<'r> Key<'r> {
    fn of(found: Found<'r>) -> Self {
        match &found.finding.finding.subject.defect {
            // The same member is written by the same code, in whichever object it is.
            Some(Defect::Schema { member, keyword, .. }) => {
                let member = member.rsplit('.').next().unwrap_or(member);
                Self::Schema { member, keyword }
            }
            Some(Defect::Response { status, shape }) => Self::Response { status: *status, shape },
            None => Self::Requirement(&found.requirement.id),
        }
    }
}

/// Sorts findings into clusters, in the order in which these occur first.
pub(super) fn clusters<'r>(found: impl Iterator<Item = Found<'r>>) -> Vec<Cluster<'r>> {
    let mut clusters: IndexMap<Key<'r>, Vec<Found<'r>>> = IndexMap::new();
    for found in found {
        clusters.entry(Key::of(found)).or_default().push(found);
    }
    clusters.into_iter().map(|(key, found)| Cluster { key, found }).collect()
}

impl<'r> Cluster<'r> {
    /// The findings, the most convincing first.
    pub(super) fn by_strength(&self) -> Vec<Found<'r>> {
        let mut found = self.found.clone();
        found.sort_by_key(|found| Reverse(found.strength()));
        found
    }

    /// The most convincing finding.
    pub(super) fn strongest(&self) -> Found<'r> {
        self.by_strength()[0]
    }

    /// The highest level of its requirements.
    pub(super) fn level(&self) -> Level {
        let levels = self.found.iter().map(|found| found.requirement.level);
        levels.max().unwrap_or(Level::Note)
    }

    /// Number of observations.
    pub(super) fn observations(&self) -> u64 {
        self.found.iter().map(|found| found.finding.count).sum()
    }

    /// The requirements of its findings, without those of a later version of hearback.
    pub(super) fn requirements(&self) -> Vec<RequirementId> {
        let mut ids: Vec<RequirementId> =
            self.found.iter().filter_map(|found| found.requirement.id.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
