//! Names that do not exist, reported with existing names to choose from.

/// The maximum number of similar names that are suggested.
const SUGGESTIONS: usize = 3;

/// The maximum number of names that are listed if none is similar.
const LISTED: usize = 12;

/// The similarity above which a name is suggested (Jaro-Winkler, 1 if identical).
const SIMILARITY: f64 = 0.75;

/// A name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{name}`{}", .suggestions.suffix())]
pub struct UnknownId {
    /// The kind of thing that the name was expected to denote, such as `requirement`.
    pub kind: &'static str,
    /// The name that does not exist.
    pub name: String,
    /// Existing names to choose from.
    pub suggestions: Suggestions,
}

/// Existing names to choose from in place of an unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suggestions {
    /// Up to three similar names, the most similar first.
    Similar(Vec<String>),
    /// All names, if they are few and none is similar; empty if they are many.
    All(Vec<String>),
}

impl UnknownId {
    /// Reports that `name` is not among `candidates`.
    pub fn new<'a>(
        kind: &'static str,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { kind, name: name.to_owned(), suggestions: Suggestions::new(name, candidates) }
    }
}

impl Suggestions {
    /// Chooses from `candidates` in place of `name`.
    pub fn new<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates: Vec<_> = candidates.into_iter().collect();
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let similar = nearest(name, candidates.iter().copied());
        if !similar.is_empty() {
            return Self::Similar(owned(similar));
        }
        Self::All(if candidates.len() <= LISTED { owned(candidates) } else { Vec::new() })
    }

    /// The suggested names.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Similar(names) | Self::All(names) => names,
        }
    }

    /// The suggestions as a help text, if there are any: ``did you mean `a`?`` or ``expected `a` or `b` ``.
    pub fn help(&self) -> Option<String> {
        let quoted: Vec<String> = self.names().iter().map(|name| format!("`{name}`")).collect();
        let (last, others) = quoted.split_last()?;
        let names = match others {
            [] => last.clone(),
            others => format!("{} or {last}", others.join(", ")),
        };
        Some(match self {
            Self::Similar(_) => format!("did you mean {names}?"),
            Self::All(_) => format!("expected {names}"),
        })
    }

    fn suffix(&self) -> String {
        self.help().map_or_else(String::new, |help| format!("; {help}"))
    }
}

/// Up to three of `candidates` that resemble `name`, the most similar first.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<_> = candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > SIMILARITY)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    scored.into_iter().take(SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, candidates: &[&str]) -> String {
        UnknownId::new("requirement", name, candidates.iter().copied()).to_string()
    }

    #[test]
    fn similar_names_are_suggested() {
        assert_eq!(
            text("room/stat", &["room/stats", "auth/obtain"]),
            "unknown requirement `room/stat`; did you mean `room/stats`?"
        );
        assert_eq!(
            text("room/stat", &["room/stat-one", "room/stats", "room/state"]),
            "unknown requirement `room/stat`; \
             did you mean `room/stats`, `room/state` or `room/stat-one`?"
        );
    }

    #[test]
    fn few_names_are_listed_if_none_is_similar() {
        assert_eq!(
            text("xlsx", &["json", "html"]),
            "unknown requirement `xlsx`; expected `json` or `html`"
        );
        assert_eq!(text("zzz", &["a"; LISTED + 1]), "unknown requirement `zzz`");
        assert_eq!(text("zzz", &[]), "unknown requirement `zzz`");
    }

    #[test]
    fn at_most_three_similar_names_are_suggested() {
        let candidates = ["name1", "name2", "name3", "name4"];
        assert_eq!(Suggestions::new("name", candidates).names().len(), SUGGESTIONS);
    }
}
