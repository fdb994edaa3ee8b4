//! The requirements: the hub that rules, scenarios and faults refer to.
//!
//! The rows are data, in `requirements/<family>.toml`; `build.rs` turns them into Rust.

mod custom;
pub(crate) mod custom_ids;
mod table;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::overlay::{self, CustomRequirement};
use crate::suggestion::UnknownId;
use table::{all_shipped, shipped_families};

pub(crate) use table::shipped;
pub use table::{Basis, Family, FamilyId, Level, Requirement, RequirementId, Tie};

/// The requirements with the overlay of this process.
static IN_FORCE: LazyLock<Vec<Requirement>> = LazyLock::new(|| match overlay::in_force() {
    Some(overlay) => {
        let shipped = all_shipped().iter().map(|row| overlay.requirement(row));
        shipped.chain(custom::rows(overlay)).collect()
    }
    None => all_shipped().to_vec(),
});

impl RequirementId {
    /// The row that the id refers to.
    pub fn requirement(self) -> &'static Requirement {
        &IN_FORCE[self.index()]
    }

    /// The family that the requirement belongs to.
    pub fn family(self) -> FamilyId {
        shipped(self).map_or(FamilyId::Custom, |row| row.family)
    }

    /// The requirement as the overlay defines it, if the overlay adds it.
    pub fn custom(self) -> Option<&'static CustomRequirement> {
        custom::all().get(self.index().checked_sub(Self::SHIPPED.len())?)
    }
}

impl FamilyId {
    /// The row that the id refers to.
    pub fn family(self) -> &'static Family {
        &families()[self as usize]
    }
}

/// Every family, in the order of the report.
pub fn families() -> &'static [Family] {
    static IN_FORCE_BY_FAMILY: LazyLock<Vec<Family>> = LazyLock::new(|| {
        // The family of an overlay is the last one, and absent if it is empty.
        let by_family = IN_FORCE.chunk_by(|one, other| one.family == other.family);
        let of = |requirements: &'static [Requirement]| Family {
            requirements,
            ..shipped_families()[requirements[0].family as usize]
        };
        by_family.map(of).collect()
    });
    &IN_FORCE_BY_FAMILY
}

/// Every requirement, in the order of the report.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    IN_FORCE.iter()
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

/// The requirements that have one of the prefixes in `only`, or all if it is empty, without those in `skip` and those
/// that the contract disables.
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
        .filter(|id| overlay::in_force().is_none_or(|it| it.disabled(*id).is_none()))
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
    #[error("--only, --skip and the contract leave no requirement to check")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification;

    #[test]
    fn every_row_is_found_by_its_id() {
        for (row, id) in all().zip(RequirementId::SHIPPED) {
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
        assert!(of_families.map(|row| row.id).eq(RequirementId::SHIPPED));
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
