//! The table of requirements: the hub that rules, scenarios and faults point to.
//!
//! The rows are data, in `requirements/<family>.toml`; `build.rs` turns them into Rust.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::text_id;
use crate::suggestion::UnknownId;
pub use crate::suggestion::nearest;

/// How binding a requirement is. The level alone decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The document is silent; what the server does is reported.
    Note,
    /// It follows from the document, or any client would rely on it.
    Should,
    /// The document says or shows it.
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
    /// How binding it is.
    pub level: Level,
    /// Heading of the specification.
    pub section: &'static str,
    /// The sentence or example of the specification that it is based on; every *must* has one.
    pub quote: Option<&'static str>,
    /// Why it is required although the specification does not state it.
    pub reason: Option<&'static str>,
    /// The requirement itself, one sentence.
    pub statement: &'static str,
    /// The observations that are checked, and when they satisfy the requirement.
    pub checked: &'static str,
    /// Requirements that must hold for a verdict on this one to mean anything.
    pub needs: &'static [RequirementId],
}

/// The requirements of one subject.
#[derive(Debug)]
pub struct Family {
    /// The part of the ids before the slash.
    pub id: &'static str,
    /// Its subject, in words.
    pub title: &'static str,
    /// Its requirements, in the order of the report.
    pub requirements: &'static [Requirement],
}

include!(concat!(env!("OUT_DIR"), "/requirements.rs"));

/// Every family, in the order of the report.
pub fn families() -> &'static [Family] {
    FAMILIES
}

/// Every requirement, in the order of the report.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}

impl RequirementId {
    /// The row that it refers to.
    pub fn requirement(self) -> &'static Requirement {
        &REQUIREMENTS[self as usize]
    }

    /// The part before the slash.
    pub fn family(self) -> &'static str {
        self.as_str().split_once('/').map_or(self.as_str(), |(family, _)| family)
    }

    /// Every requirement's id, in the order of the report.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }
}

text_id!(RequirementId, "requirement");

/// The requirement of that id, or else those whose id begins so, up to a boundary (`room`, `room/stats`).
///
/// # Errors
/// If there is none; with the nearest ids.
pub fn with_prefix(prefix: &str) -> Result<Vec<RequirementId>, UnknownId> {
    if let Ok(id) = prefix.parse() {
        return Ok(vec![id]);
    }
    let matching: Vec<_> = RequirementId::all()
        .filter(|id| {
            id.as_str().strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with(['/', '-', '.'])
                    || prefix.ends_with(['/', '-', '.'])
            })
        })
        .collect();
    if matching.is_empty() {
        let families = families().iter().map(|family| family.id);
        let ids = RequirementId::all().map(RequirementId::as_str);
        return Err(UnknownId::new("requirement", prefix, families.chain(ids)));
    }
    Ok(matching)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification;

    #[test]
    fn the_table_is_indexed_by_the_id() {
        for (index, id) in RequirementId::ALL.into_iter().enumerate() {
            assert_eq!(id as usize, index, "{id}");
            assert_eq!(id.requirement().id, id);
            assert_eq!(id.as_str().parse::<RequirementId>().unwrap(), id);
        }
        let of_families = families().iter().flat_map(|family| family.requirements);
        assert!(of_families.map(|requirement| requirement.id).eq(RequirementId::ALL));
        for family in families() {
            assert!(family.requirements.iter().all(|row| row.id.family() == family.id));
        }
    }

    #[test]
    fn ids_become_variants() {
        assert_eq!(RequirementId::UnreadDetail.as_str(), "unread/detail");
        let dotted = RequirementId::AuthorizationMessagesGet;
        assert_eq!(dotted.as_str(), "authorization/messages.get");
    }

    #[test]
    fn every_must_quotes_its_section_word_for_word() {
        for requirement in all() {
            let section = specification::section(requirement.section).unwrap_or_else(|| {
                panic!("{}: no heading `{}`", requirement.id, requirement.section)
            });
            match (requirement.quote, requirement.reason) {
                (Some(quote), None) => assert!(
                    specification::folded(section).contains(&specification::folded(quote)),
                    "{}: `{quote}` is not in section {}",
                    requirement.id,
                    requirement.section
                ),
                (None, Some(_)) => assert_ne!(requirement.level, Level::Must, "{}", requirement.id),
                _ => panic!("{}: either a quote or a reason", requirement.id),
            }
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
    fn an_unknown_id_names_its_neighbours() {
        let error = "room/archiv".parse::<RequirementId>().unwrap_err();
        assert_eq!(error.suggestions.0[0], "room/archive");
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
