//! The rows of the shipped contract.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::custom_ids;
use crate::table_id::table_id;

/// The strength of a requirement, which decides whether a violation fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The specification is silent; the behavior of the target is reported only.
    Note,
    /// The requirement follows from the specification, or any client relies on it.
    Should,
    /// The specification states or shows it.
    Must,
}

impl Level {
    /// The level in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Should => "should",
            Self::Must => "must",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One testable statement about the backend.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Stable id, `family/name`; also a filter of the command line.
    pub id: RequirementId,
    /// The family that it belongs to.
    pub family: FamilyId,
    /// Its strength.
    pub level: Level,
    /// A heading of the specification.
    pub section: &'static str,
    /// The reason for its level.
    pub basis: Basis,
    /// The requirement itself, one sentence.
    pub statement: &'static str,
    /// The defect of a target that breaks it, one sentence; the title of reports.
    pub violation: &'static str,
    /// The observations that are checked, and the condition that they must meet.
    pub checked: &'static str,
    /// Requirements without which a violation of this one proves nothing.
    pub needs: &'static [RequirementId],
    /// The reason why one recorded violation is proof, so that it is not reproduced; `None` if it is.
    pub conclusive: Option<&'static str>,
    /// Requirements that a violation of this one breaks as well, and what both must have in common.
    pub explains: &'static [(RequirementId, Tie)],
}

/// The common subject of the violations of two requirements, if one explains the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tie {
    /// The message, or the room where one of them names no message.
    Message,
    /// The room.
    Room,
    /// The operation or event that shows it.
    Operation,
    /// Nothing: a violation of one explains any of the other.
    Nothing,
}

/// The reason for the level of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A *must*: the sentence or example of the specification that states or shows it, verbatim.
    Stated(&'static str),
    /// A *should*: the specification does not state it.
    Inferred {
        /// The reason to require it all the same.
        reason: &'static str,
        /// One sentence that names the protected user and the harm.
        protects: &'static str,
    },
    /// A *note*: the reason to report the behavior.
    Silent(&'static str),
    /// A requirement that an overlay adds: its reason.
    Added(&'static str),
}

/// The requirements of one subject.
#[derive(Debug)]
pub struct Family {
    /// The part of the requirements' ids before the slash.
    pub id: FamilyId,
    /// Its subject, in words.
    pub title: &'static str,
    /// Its requirements, in the order of the report.
    pub requirements: &'static [Requirement],
}

include!(concat!(env!("OUT_DIR"), "/requirements.rs"));

impl RequirementId {
    /// Every requirement's id, in the order of the report.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::SHIPPED.len() + custom_ids::all().len()).filter_map(Self::at)
    }

    /// The id at this position of the report.
    pub(super) fn at(index: usize) -> Option<Self> {
        u16::try_from(index).ok().map(Self)
    }

    /// Position in the report.
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The id as text.
    pub fn as_str(self) -> &'static str {
        match Self::TEXTS.get(self.index()) {
            Some(text) => text,
            None => &custom_ids::all()[self.index() - Self::SHIPPED.len()],
        }
    }
}

impl fmt::Debug for RequirementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

table_id!(
    RequirementId,
    kind: "requirement",
    all: RequirementId::all(),
    text: RequirementId::as_str,
);
table_id!(FamilyId, kind: "family", all: FamilyId::ALL, text: FamilyId::as_str);

/// The row of a requirement in the shipped contract, if it has one.
pub(crate) fn shipped(id: RequirementId) -> Option<&'static Requirement> {
    REQUIREMENTS.get(id.index())
}

/// The rows of all families in the shipped contract.
pub(super) fn shipped_families() -> &'static [Family] {
    FAMILIES
}

/// All rows of the shipped contract.
pub(super) fn all_shipped() -> &'static [Requirement] {
    REQUIREMENTS
}
