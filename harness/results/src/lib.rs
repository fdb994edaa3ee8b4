//! Everything that is decided about a run, once: what is broken, what is waived, and the exit status.
//!
//! [`Results`] are built from a history and its verdicts, and serialize to the JSON report. Renderers read
//! them and decide nothing. This crate performs no I/O and has no clock.

pub mod address;
pub mod adoption;
pub mod authorization;
pub mod changes;
pub mod confirmation;
pub mod contract;
pub mod coverage;
mod decision;
pub mod diagnosis;
mod durations;
pub mod exit_status;
pub mod expectations;
#[cfg(test)]
mod fixtures;
pub mod gate;
pub mod group;
mod merging;
pub mod outcome;
pub mod readings;
pub mod reproduction;
pub mod requirement;
pub mod results;
pub mod scenario;
pub mod sequence;
pub mod shards;
mod summary;
pub mod traffic;
pub mod waiver;

pub use adoption::{Adoption, NewWaiver};
pub use authorization::Authorization;
pub use changes::{ChangeVerdict, Changes};
pub use confirmation::Confirmation;
pub use contract::ContractOverlay;
pub use coverage::{Coverage, Untested};
pub use diagnosis::{Diagnosed, DiagnosedState, Diagnosis};
pub use exit_status::ExitStatus;
pub use expectations::{Expectations, FailedExpectation, PassedExpectation};
pub use gate::{FlakyFindings, Gate};
pub use group::{Group, Member};
pub use outcome::{Counts, LevelCounts, Outcome};
pub use readings::{Answer, Pin};
pub use requirement::{Basis, FamilyResults, FindingResult, RequirementResult};
pub use results::{Results, StoppedScenario};
pub use scenario::ScenarioOutcome;
pub use sequence::Sequence;
pub use shards::{ShardRun, Shards};
pub use summary::Summary;
pub use traffic::Traffic;
pub use waiver::{Waiver, WaiverResult, WaiverState};
