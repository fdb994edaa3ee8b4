//! The requirements that the latest stored run of a target found broken.

use hearback_contract::RequirementId;
use hearback_history::{RunStart, TargetOptions};

use crate::error::RunError;
use crate::listing;
use crate::recheck::recheck;
use crate::target::TargetSpec;

/// The latest stored run of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailed {
    /// Its name.
    pub run: String,
    /// The requirements that it found broken, whether or not repetitions reproduced it.
    pub broken: Vec<RequirementId>,
}

impl LastFailed {
    /// Finds the latest run of a target in the folder of runs; `None` if there is none.
    ///
    /// # Errors
    /// If its journal cannot be read.
    pub fn find(target: &TargetSpec) -> Result<Option<Self>, RunError> {
        let stored = listing::list();
        let is_wanted = |run: &&listing::ListedRun| {
            !run.is_load() && run.start.as_ref().is_some_and(|start| is_of(start, target))
        };
        let latest = stored.iter().find(is_wanted);
        let Some((run, journal)) = latest.and_then(|run| Some((run, run.journal.as_ref()?))) else {
            return Ok(None);
        };
        let all: Vec<_> = RequirementId::all().collect();
        let (_, verdicts) = recheck(journal, &all)?;
        let broken = verdicts.verdicts.iter().filter(|verdict| !verdict.findings.is_empty());
        let broken = broken.map(|verdict| verdict.requirement).collect();
        Ok(Some(Self { run: run.name.clone(), broken }))
    }
}

/// Returns whether a run tested the target. The embedded server is one target, whatever it switches on.
fn is_of(start: &RunStart, target: &TargetSpec) -> bool {
    let is_embedded = matches!(start.target_options, Some(TargetOptions::Embedded { .. }));
    match target {
        TargetSpec::Embedded { .. } => is_embedded,
        TargetSpec::Remote(_) => !is_embedded && start.target == target.url(),
    }
}
