//! The requirements: the hub that rules, scenarios and faults refer to.
//!
//! The rows are data, in `requirements/<family>.toml`; `build.rs` turns them into Rust.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::suggestion::UnknownId;
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
#[derive(Debug)]
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

table_id!(
    RequirementId,
    kind: "requirement",
    all: RequirementId::ALL,
    text: RequirementId::as_str,
);
table_id!(FamilyId, kind: "family", all: FamilyId::ALL, text: FamilyId::as_str);

impl RequirementId {
    /// The row that the id refers to.
    pub fn requirement(self) -> &'static Requirement {
        &REQUIREMENTS[self as usize]
    }

    /// The family that the requirement belongs to.
    pub fn family(self) -> FamilyId {
        self.requirement().family
    }

    /// Every requirement's id, in the order of the report.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }
}

impl FamilyId {
    /// The row that the id refers to.
    pub fn family(self) -> &'static Family {
        &FAMILIES[self as usize]
    }
}

/// Every family, in the order of the report.
pub fn families() -> &'static [Family] {
    FAMILIES
}

/// Every requirement, in the order of the report.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}

/// The requirement with this id, or else all whose id starts with `prefix` up to a boundary.
///
/// `room` and `room/stats` are such prefixes; `roo` is not.
///
/// # Errors
/// If there is none, with suggestions.
pub fn with_prefix(prefix: &str) -> Result<Vec<RequirementId>, UnknownId> {
    if let Ok(id) = prefix.parse() {
        return Ok(vec![id]);
    }
    const BOUNDARIES: [char; 3] = ['/', '-', '.'];
    let matching: Vec<_> = RequirementId::all()
        .filter(|id| {
            id.as_str().strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(BOUNDARIES) || prefix.ends_with(BOUNDARIES)
            })
        })
        .collect();
    if matching.is_empty() {
        let families = FamilyId::ALL.into_iter().map(FamilyId::as_str);
        let ids = RequirementId::all().map(RequirementId::as_str);
        return Err(UnknownId::new("requirement", prefix, families.chain(ids)));
    }
    Ok(matching)
}

/// The requirements that have one of the prefixes in `only`, or all if it is empty, without those in `skip`.
///
/// # Errors
/// If a prefix matches no requirement, or none is left.
pub fn select(only: &[String], skip: &[String]) -> Result<Vec<RequirementId>, SelectionError> {
    let with_prefixes = |prefixes: &[String]| -> Result<HashSet<RequirementId>, UnknownId> {
        let ids = prefixes.iter().map(|prefix| with_prefix(prefix));
        Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    };
    let (only, skip) = (with_prefixes(only)?, with_prefixes(skip)?);
    let selected: Vec<_> = RequirementId::all()
        .filter(|id| only.is_empty() || only.contains(id))
        .filter(|id| !skip.contains(id))
        .collect();
    if selected.is_empty() { Err(SelectionError::Empty) } else { Ok(selected) }
}

/// The reason for which no requirements can be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A prefix matches no requirement.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// No requirement is left.
    #[error("--only and --skip leave no requirement to check")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification;

    #[test]
    fn every_row_is_found_by_its_id() {
        for (row, id) in all().zip(RequirementId::ALL) {
            assert_eq!(row.id, id);
            assert_eq!(id.requirement().statement, row.statement);
            assert_eq!(id.as_str().parse::<RequirementId>().unwrap(), id);
        }
        for (family, id) in families().iter().zip(FamilyId::ALL) {
            assert_eq!(family.id, id);
            assert_eq!(id.family().title, family.title);
        }
    }

    #[test]
    fn families_divide_the_requirements() {
        let of_families = families().iter().flat_map(|family| family.requirements);
        assert!(of_families.map(|row| row.id).eq(RequirementId::ALL));
        for row in all() {
            let prefix = row.id.as_str().split_once('/').map(|(prefix, _)| prefix);
            assert_eq!(prefix, Some(row.family.as_str()));
        }
    }

    #[test]
    fn ids_become_variants() {
        assert_eq!(RequirementId::UnreadDetail.as_str(), "unread/detail");
        let dotted = RequirementId::AuthorizationMessagesGet;
        assert_eq!(dotted.as_str(), "authorization/messages.get");
    }

    #[test]
    fn every_must_quotes_its_section_verbatim() {
        for row in all() {
            let section = specification::section(row.section)
                .unwrap_or_else(|| panic!("{}: no heading `{}`", row.id, row.section));
            if let Basis::Stated(quote) = row.basis {
                assert!(
                    specification::folded(section).contains(&specification::folded(quote)),
                    "{}: `{quote}` is not in section {}",
                    row.id,
                    row.section
                );
            }
        }
    }

    #[test]
    fn each_level_has_its_basis_and_its_word() {
        for row in all() {
            let word = match (row.level, row.basis) {
                (Level::Must, Basis::Stated(_)) => "MUST",
                (Level::Should, Basis::Inferred { .. }) => "SHOULD",
                (Level::Note, Basis::Silent(_)) => "MAY",
                (level, basis) => panic!("{}: a {level} with {basis:?}", row.id),
            };
            for other in ["MUST", "SHOULD", "MAY"] {
                assert_eq!(row.statement.contains(other), other == word, "{}", row.id);
            }
        }
    }

    #[test]
    fn every_should_names_the_protected_user_and_the_harm() {
        const USERS: [&str; 14] = [
            "A user ",
            "Two users ",
            "A client ",
            "A member ",
            "Every member ",
            "A reader ",
            "A sender ",
            "An admin ",
            "A property manager ",
            "A developer ",
            "An operator ",
            "A recipient ",
            "A creator ",
            "A participant ",
        ];
        for row in all() {
            let Basis::Inferred { reason, protects } = row.basis else { continue };
            assert!(reason.starts_with("Not stated in the specification; "), "{}", row.id);
            assert!(USERS.iter().any(|user| protects.starts_with(user)), "{}: {protects}", row.id);
            assert!(protects.contains(" would "), "{}: {protects}", row.id);
            assert!(protects.ends_with('.') && protects.len() <= 120, "{}: {protects}", row.id);
        }
    }

    #[test]
    fn needs_have_no_cycles() {
        fn visit(id: RequirementId, path: &mut Vec<RequirementId>) {
            assert!(!path.contains(&id), "cycle: {path:?} {id:?}");
            path.push(id);
            for need in id.requirement().needs {
                visit(*need, path);
            }
            path.pop();
        }
        for id in RequirementId::all() {
            visit(id, &mut Vec::new());
        }
    }

    #[test]
    fn a_requirement_explains_each_other_one_once() {
        for row in all() {
            let ids: HashSet<_> = row.explains.iter().map(|(id, _)| *id).collect();
            assert_eq!(ids.len(), row.explains.len(), "{}", row.id);
            assert!(!ids.contains(&row.id), "{}", row.id);
        }
    }

    #[test]
    fn violations_are_sentences_without_level_words() {
        for row in all() {
            let violation = row.violation;
            assert!(violation.ends_with('.') && violation.len() <= 90, "{}: {violation}", row.id);
            assert!(
                violation.starts_with(|first: char| first.is_ascii_uppercase() || first == '`'),
                "{}: {violation}",
                row.id
            );
            for word in ["MUST", "SHOULD", "MAY"] {
                assert!(!violation.contains(word), "{}: {violation}", row.id);
            }
        }
    }

    #[test]
    fn unknown_ids_suggest_similar_ones() {
        let error = "room/archiv".parse::<RequirementId>().unwrap_err();
        assert_eq!(error.suggestions.names()[0], "room/archive");
    }

    #[test]
    fn prefixes_end_at_boundaries() {
        assert!(with_prefix("room").unwrap().len() > 20);
        assert_eq!(with_prefix("room/stats").unwrap().len(), 4);
        assert_eq!(with_prefix("auth/refresh").unwrap().len(), 1);
        assert_eq!(with_prefix("room/archive").unwrap().len(), 1);
        assert!(with_prefix("roo").is_err());
    }
}
