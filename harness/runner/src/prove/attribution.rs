//! The attribution matrix: two faults at once break no requirement that neither breaks alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hearback_contract::{Level, RequirementId};
use hearback_mutants::{FaultId, FaultSet, FaultSpec};

use super::rows::Rows;
use super::{Options, broken, chosen, jobs, journals};
use crate::context::Context;
use crate::error::RunError;

/// Further seeds with which each fault of a pair runs alone, with the scenarios of the blamed requirements only, before
/// one counts as falsely blamed: some faults break a requirement in few runs.
const FURTHER_SEEDS: u64 = 24;

/// Repetitions of a pair, with the same scenarios: what none of them shows again, `check` reports as not reproduced.
const REPETITIONS: u64 = 8;

/// Result for two faults at once.
#[derive(Clone)]
pub struct PairRow {
    /// The faults.
    pub faults: [&'static FaultSpec; 2],
    /// Binding requirements that were reported as broken.
    pub broken: Vec<RequirementId>,
    /// Those that neither fault broke alone, with any seed that was tried.
    pub blamed: Vec<RequirementId>,
    /// Those that neither fault broke alone, and that no repetition of the pair broke again.
    pub not_repeated: Vec<RequirementId>,
}

impl PairRow {
    /// Returns whether nothing was broken that neither fault breaks alone.
    pub fn holds(&self) -> bool {
        self.blamed.is_empty()
    }
}

/// Tests random pairs of the chosen faults; which ones depends on the seed.
///
/// # Errors
/// If a prefix matches no fault, or a server cannot be started.
pub async fn prove_pairs(
    options: &Options,
    pairs: usize,
    context: &Context,
) -> Result<Rows<PairRow>, RunError> {
    let pairs = random_pairs(&chosen(options)?, pairs, options.seed);
    let single: BTreeSet<_> = pairs.iter().flatten().map(|fault| fault.id).collect();
    let alone = jobs::in_order(options.jobs, single, context, ToString::to_string, |fault| {
        let (options, context) = (options.clone(), context.clone());
        Box::pin(async move { Ok((fault, binding(&options, fault.into(), None, &context).await?)) })
    });
    let alone = alone.await?;
    if !alone.is_complete() {
        return Ok(Rows { finished: Vec::new(), missing: pairs.iter().map(name).collect() });
    }
    let alone: Arc<BTreeMap<_, _>> = Arc::new(alone.finished.into_iter().collect());
    let rows = jobs::in_order(options.jobs, pairs, context, name, |faults| {
        let (options, context, alone) = (options.clone(), context.clone(), alone.clone());
        Box::pin(async move { row(&options, faults, &alone, &context).await })
    });
    rows.await
}

fn name(faults: &[&FaultSpec; 2]) -> String {
    faults.map(|fault| fault.id.as_str()).join(" + ")
}

async fn row(
    options: &Options,
    faults: [&'static FaultSpec; 2],
    alone: &BTreeMap<FaultId, BTreeSet<RequirementId>>,
    context: &Context,
) -> Result<PairRow, RunError> {
    let ids = faults.map(|fault| fault.id);
    let journal = options.journals.file(&name(&faults));
    let both = ids.into_iter().collect();
    let broken = binding(options, both, journal.as_deref(), context).await?;
    let mut blamed = broken.clone();
    blamed.retain(|requirement| !ids.iter().any(|fault| alone[fault].contains(requirement)));
    for seed in 1..=FURTHER_SEEDS {
        for fault in ids {
            let again = repeated(options, seed, fault.into(), &blamed, context).await?;
            blamed = &blamed - &again;
        }
    }
    let mut not_repeated = blamed.clone();
    for seed in 1..=REPETITIONS {
        let again =
            repeated(options, seed, ids.into_iter().collect(), &not_repeated, context).await?;
        not_repeated = &not_repeated - &again;
    }
    blamed = &blamed - &not_repeated;
    let [broken, blamed, not_repeated] =
        [broken, blamed, not_repeated].map(|ids| ids.into_iter().collect());
    let row = PairRow { faults, broken, blamed, not_repeated };
    if row.holds() && row.not_repeated.is_empty() {
        journals::remove(journal.as_deref());
    }
    Ok(row)
}

/// The `wanted` requirements that are broken with faults and another seed; none runs nothing.
async fn repeated(
    options: &Options,
    seed: u64,
    faults: FaultSet,
    wanted: &BTreeSet<RequirementId>,
    context: &Context,
) -> Result<BTreeSet<RequirementId>, RunError> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let options = Options { seed: options.seed.wrapping_add(seed), ..options.clone() };
    let broken = broken(&options, faults, wanted.iter().copied().collect(), None, context).await?;
    Ok(broken.into_iter().filter(|id| wanted.contains(id)).collect())
}

/// The binding requirements that are broken with faults.
async fn binding(
    options: &Options,
    faults: FaultSet,
    journal: Option<&Path>,
    context: &Context,
) -> Result<BTreeSet<RequirementId>, RunError> {
    let broken = broken(options, faults, RequirementId::all().collect(), journal, context).await?;
    Ok(broken.into_iter().filter(|id| id.requirement().level > Level::Note).collect())
}

/// Different pairs of different faults, at most as many as there are.
fn random_pairs(
    faults: &[&'static FaultSpec],
    count: usize,
    seed: u64,
) -> Vec<[&'static FaultSpec; 2]> {
    let mut random = fastrand::Rng::with_seed(seed);
    let most = faults.len() * faults.len().saturating_sub(1) / 2;
    let mut seen = BTreeSet::<[FaultId; 2]>::new();
    let mut pairs = Vec::new();
    while pairs.len() < count.min(most) {
        let mut indices = random.choose_multiple(0..faults.len(), 2);
        indices.sort_unstable();
        let pair = [faults[indices[0]], faults[indices[1]]];
        if seen.insert(pair.map(|fault| fault.id)) {
            pairs.push(pair);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use hearback_mutants::FAULTS;

    use super::*;

    #[test]
    fn pairs_differ_and_depend_on_the_seed_only() {
        let faults: Vec<_> = FAULTS.iter().collect();
        let ids = |count, seed| -> Vec<_> {
            random_pairs(&faults, count, seed)
                .iter()
                .map(|pair| pair.map(|fault| fault.id))
                .collect()
        };
        assert_eq!(ids(50, 1), ids(50, 1));
        assert_ne!(ids(50, 1), ids(50, 2));
        assert!(ids(50, 1).iter().all(|[one, other]| one != other));
        assert_eq!(random_pairs(&faults[..3], 50, 1).len(), 3);
        assert_eq!(random_pairs(&faults[..1], 50, 1).len(), 0);
    }
}
