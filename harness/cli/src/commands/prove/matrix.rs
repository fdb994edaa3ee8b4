//! The kill matrix: fault by requirement.

use std::fmt::Write as _;

use hearback_contract::{Level, RequirementId};
use hearback_mutants::FaultSpec;
use serde_json::json;

use crate::arguments::ListFormat;

/// How a fault fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The requirement that it breaks was found broken.
    Caught,
    /// Only others were.
    ByAnother,
    /// Nothing was.
    Alive,
}

impl Fate {
    fn as_str(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::ByAnother => "caught only by another",
            Self::Alive => "alive",
        }
    }
}

/// A fault and the requirements that were found broken with it.
pub(crate) struct Row {
    fault: &'static FaultSpec,
    broken: Vec<RequirementId>,
}

impl Row {
    pub(crate) fn new(fault: &'static FaultSpec, broken: Vec<RequirementId>) -> Self {
        Self { fault, broken }
    }

    fn fate(&self) -> Fate {
        if self.broken.contains(&self.fault.breaks) {
            return Fate::Caught;
        }
        // A note is not a catch.
        let is_caught = self.binding().next().is_some();
        if is_caught { Fate::ByAnother } else { Fate::Alive }
    }

    fn binding(&self) -> impl Iterator<Item = RequirementId> {
        self.broken.iter().copied().filter(|id| id.requirement().level > Level::Note)
    }

    /// What was found broken beside the requirement that the fault breaks.
    fn beside(&self) -> Vec<&'static str> {
        let others = self.binding().filter(|id| *id != self.fault.breaks);
        others.map(RequirementId::as_str).collect()
    }
}

/// What the clean server broke, and how every fault fared.
pub(crate) struct Matrix {
    pub(crate) clean: Vec<RequirementId>,
    pub(crate) rows: Vec<Row>,
}

impl Matrix {
    /// Whether every fault was caught by its requirement, and the clean server broke nothing.
    pub(crate) fn holds(&self) -> bool {
        self.clean.is_empty() && self.rows.iter().all(|row| row.fate() == Fate::Caught)
    }

    pub(crate) fn render(&self, format: ListFormat) -> String {
        match format {
            ListFormat::Text => self.text(),
            ListFormat::Markdown => self.markdown(),
            ListFormat::Json => self.json(),
        }
    }

    fn count(&self, fate: Fate) -> usize {
        self.rows.iter().filter(|row| row.fate() == fate).count()
    }

    fn summary(&self) -> String {
        let clean = match &self.clean[..] {
            [] => "the clean server breaks nothing".to_owned(),
            broken => format!("the CLEAN server breaks {broken:?}"),
        };
        format!(
            "{} faults: {} caught by the requirement that they break, {} only by another, {} alive; {clean}",
            self.rows.len(),
            self.count(Fate::Caught),
            self.count(Fate::ByAnother),
            self.count(Fate::Alive),
        )
    }

    fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.fault.id.as_str().len()).max().unwrap_or(0);
        let mut text = String::new();
        for row in &self.rows {
            let beside = match &row.beside()[..] {
                [] => String::new(),
                others => format!("  (also {})", others.join(", ")),
            };
            let fate = match row.fate() {
                Fate::Caught => String::new(),
                fate => format!("  {}", fate.as_str().to_uppercase()),
            };
            let _infallible =
                writeln!(text, "{:width$}  {}{fate}{beside}", row.fault.id, row.fault.breaks);
        }
        format!("{text}\n{}\n", self.summary())
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "{}\n\n| fault | breaks | fate | also broken |\n| --- | --- | --- | --- |\n",
            self.summary()
        );
        for row in &self.rows {
            let _infallible = writeln!(
                text,
                "| {} | {} | {} | {} |",
                row.fault.id,
                row.fault.breaks,
                row.fate().as_str(),
                row.beside().join(", ")
            );
        }
        text
    }

    fn json(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "fault": row.fault.id.as_str(),
                    "breaks": row.fault.breaks,
                    "fate": row.fate().as_str(),
                    "broken": row.broken,
                })
            })
            .collect();
        let document = json!({ "clean": self.clean, "faults": rows, "holds": self.holds() });
        format!("{document:#}")
    }
}
