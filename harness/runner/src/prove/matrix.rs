//! The kill matrix: which requirements each fault breaks.

use hearback_contract::{Level, RequirementId};
use hearback_mutants::FaultSpec;

use super::rows::Rows;

/// Result for one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The requirement that it breaks was reported as broken.
    Killed,
    /// Only other requirements were.
    KilledByOther,
    /// None was.
    Survived,
}

impl Fate {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::KilledByOther => "killed by other",
            Self::Survived => "survived",
        }
    }
}

/// A fault and the requirements that are broken with it.
#[derive(Clone)]
pub struct Row {
    /// The fault.
    pub fault: &'static FaultSpec,
    /// The requirements that were reported as broken.
    pub broken: Vec<RequirementId>,
}

impl Row {
    /// Result for the fault. A broken note kills no fault.
    pub fn fate(&self) -> Fate {
        if self.broken.contains(&self.fault.breaks) {
            return Fate::Killed;
        }
        match self.binding().next() {
            Some(_) => Fate::KilledByOther,
            None => Fate::Survived,
        }
    }

    /// Binding requirements that were broken, other than the one that the fault breaks.
    pub fn others(&self) -> Vec<&'static str> {
        let others = self.binding().filter(|id| *id != self.fault.breaks);
        others.map(RequirementId::as_str).collect()
    }

    fn binding(&self) -> impl Iterator<Item = RequirementId> {
        self.broken.iter().copied().filter(|id| id.requirement().level > Level::Note)
    }
}

/// The results of a proof.
#[derive(Clone)]
pub struct Matrix {
    /// Requirements that are reported as broken on the server without faults.
    pub clean: Vec<RequirementId>,
    /// A row for each fault.
    pub rows: Rows<Row>,
}

impl Matrix {
    /// Returns whether every tested fault was killed by its requirement, and the clean server breaks none.
    pub fn holds(&self) -> bool {
        self.clean.is_empty() && self.rows.finished.iter().all(|row| row.fate() == Fate::Killed)
    }

    /// Number of faults with a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.rows.finished.iter().filter(|row| row.fate() == fate).count()
    }
}
