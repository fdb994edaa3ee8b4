//! The table of requirements: the hub that rules, scenarios and faults point to.
//!
//! The rows are data, in `requirements/<family>.toml`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

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

/// One thing that a backend must, should, or is noted to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable name, `family/name`; also a filter of the command line.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Heading of the document.
    pub section: String,
    /// The document's own words or example that it rests on; every *must* has one.
    pub quote: Option<String>,
    /// Why it is asked although the document does not say it.
    pub reason: Option<String>,
    /// The requirement itself, one sentence.
    pub statement: String,
    /// What is observed, and when it holds.
    pub checked: String,
    /// Requirements that must hold for this one to mean anything, those of its family included.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// The requirements of one subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The part of the ids before the slash.
    #[serde(rename = "family")]
    pub id: String,
    /// Its subject, in words.
    pub title: String,
    /// Requirements that all others of the family need.
    #[serde(default)]
    needs: Vec<String>,
    /// Its requirements, in the order of the report.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// The families' files, in the order of the report.
const FILES: &[(&str, &str)] = &[
    ("auth", include_str!("../requirements/auth.toml")),
    ("schema", include_str!("../requirements/schema.toml")),
    ("status", include_str!("../requirements/status.toml")),
    ("input", include_str!("../requirements/input.toml")),
    ("room", include_str!("../requirements/room.toml")),
    ("message", include_str!("../requirements/message.toml")),
    ("page", include_str!("../requirements/page.toml")),
    ("socket", include_str!("../requirements/socket.toml")),
    ("delivery", include_str!("../requirements/delivery.toml")),
    ("order", include_str!("../requirements/order.toml")),
    ("receipts", include_str!("../requirements/receipts.toml")),
    ("unread", include_str!("../requirements/unread.toml")),
    ("deletion", include_str!("../requirements/deletion.toml")),
    ("participant", include_str!("../requirements/participant.toml")),
    ("authorization", include_str!("../requirements/authorization.toml")),
];

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, text)| {
            let mut family: Family = toml::from_str(text)
                .unwrap_or_else(|error| panic!("requirements/{name}.toml: {error}"));
            for requirement in &mut family.requirements {
                let own = family.needs.iter().filter(|need| **need != requirement.id);
                requirement.needs.extend(own.cloned());
            }
            family
        })
        .collect()
});

static BY_ID: LazyLock<HashMap<&'static str, &'static Requirement>> =
    LazyLock::new(|| all().map(|requirement| (requirement.id.as_str(), requirement)).collect());

/// Every family, in the order of the report.
pub fn families() -> &'static [Family] {
    &FAMILIES
}

/// Every requirement, in the order of the report.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    families().iter().flat_map(|family| &family.requirements)
}

/// A reference to a row of the table; the id is known to exist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequirementId(&'static str);

impl RequirementId {
    /// The id as text, `family/name`.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The row that it refers to.
    pub fn requirement(self) -> &'static Requirement {
        BY_ID[self.0]
    }

    /// The part before the slash.
    pub fn family(self) -> &'static str {
        self.0.split_once('/').map_or(self.0, |(family, _)| family)
    }

    /// Every requirement's id, in the order of the report.
    pub fn all() -> impl Iterator<Item = Self> {
        all().map(|requirement| Self(requirement.id.as_str()))
    }
}

/// A name that is no requirement's, with the nearest that are.
#[derive(Debug, thiserror::Error)]
#[error("no requirement is called `{name}`{}", suggestion(.nearest))]
pub struct UnknownRequirement {
    /// What was asked for.
    pub name: String,
    /// Up to three ids like it, the nearest first.
    pub nearest: Vec<&'static str>,
}

fn suggestion(nearest: &[&str]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    format!("; near it: {}", nearest.join(", "))
}

impl FromStr for RequirementId {
    type Err = UnknownRequirement;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        BY_ID.get(name).map(|requirement| Self(requirement.id.as_str())).ok_or_else(|| {
            UnknownRequirement {
                name: name.to_owned(),
                nearest: nearest(name, all().map(|requirement| requirement.id.as_str())),
            }
        })
    }
}

/// Up to three of `candidates` that look like `name`, the nearest first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<_> = candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// The requirement of that id, or else those whose id begins so, up to a boundary (`room`, `room/stats`).
///
/// # Errors
/// If there is none; with the nearest ids.
pub fn with_prefix(prefix: &str) -> Result<Vec<RequirementId>, UnknownRequirement> {
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
        let families = families().iter().map(|family| family.id.as_str());
        let ids = all().map(|requirement| requirement.id.as_str());
        return Err(UnknownRequirement {
            name: prefix.to_owned(),
            nearest: nearest(prefix, families.chain(ids)),
        });
    }
    Ok(matching)
}

impl fmt::Display for RequirementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0)
    }
}

impl fmt::Debug for RequirementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Serialize for RequirementId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for RequirementId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::document;

    #[test]
    fn ids_are_unique_and_of_their_family() {
        let mut seen = HashSet::new();
        for family in families() {
            for requirement in &family.requirements {
                assert!(seen.insert(&requirement.id), "{} twice", requirement.id);
                let (prefix, name) = requirement.id.split_once('/').expect("family/name");
                assert_eq!(prefix, family.id);
                assert!(!name.is_empty());
            }
        }
    }

    #[test]
    fn every_must_quotes_its_section_word_for_word() {
        for requirement in all() {
            let section = document::section(&requirement.section).unwrap_or_else(|| {
                panic!("{}: no heading `{}`", requirement.id, requirement.section)
            });
            match (&requirement.quote, &requirement.reason) {
                (Some(quote), None) => assert!(
                    document::folded(section).contains(&document::folded(quote)),
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
    fn needs_exist_and_have_no_cycles() {
        fn visit(id: RequirementId, path: &mut Vec<RequirementId>) {
            assert!(!path.contains(&id), "cycle: {path:?} {id:?}");
            path.push(id);
            for need in &id.requirement().needs {
                visit(need.parse().unwrap(), path);
            }
            path.pop();
        }
        for id in RequirementId::all() {
            visit(id, &mut Vec::new());
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_family() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/requirements");
        let on_disk: HashSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let listed: HashSet<_> = families().iter().map(|family| family.id.clone()).collect();
        assert_eq!(on_disk, listed);
    }

    #[test]
    fn an_unknown_id_names_its_neighbours() {
        let error = "room/archiv".parse::<RequirementId>().unwrap_err();
        assert!(error.nearest.contains(&"room/archive"), "{error}");
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
