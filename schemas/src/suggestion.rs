//! Names that do not exist, reported with the existing names that resemble them.

/// The most names that are suggested.
const SUGGESTIONS: usize = 3;

/// The similarity from which a name is suggested: 1 is identical (Jaro-Winkler).
const SIMILARITY: f64 = 0.75;

/// A name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{name}`{}", .suggestions.question("; "))]
pub struct UnknownId {
    /// The kind of thing that the name was expected to be, such as `requirement`.
    pub kind: &'static str,
    /// The name that does not exist.
    pub name: String,
    /// Existing names that resemble it.
    pub suggestions: Suggestions,
}

/// Up to three existing names that resemble an unknown one, the most similar first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions(pub Vec<String>);

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
    /// The names among `candidates` that resemble `name`.
    pub fn new<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        Self(nearest(name, candidates).into_iter().map(str::to_owned).collect())
    }

    /// The question that offers the suggestions, if there are any: ``did you mean `a` or `b`?``
    pub fn help(&self) -> Option<String> {
        let quoted: Vec<String> = self.0.iter().map(|name| format!("`{name}`")).collect();
        let (last, others) = quoted.split_last()?;
        Some(match others {
            [] => format!("did you mean {last}?"),
            others => format!("did you mean {} or {last}?", others.join(", ")),
        })
    }

    /// [`Self::help`] after `separator`, or nothing.
    fn question(&self, separator: &str) -> String {
        self.help().map_or_else(String::new, |help| format!("{separator}{help}"))
    }
}

/// Up to three of `candidates` that resemble `name`, the most similar first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<_> = candidates
        .into_iter()
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
    fn messages_suggest_similar_names() {
        assert_eq!(
            text("room/stat", &["room/stats", "auth/obtain"]),
            "unknown requirement `room/stat`; did you mean `room/stats`?"
        );
        assert_eq!(
            text("room/stat", &["room/stat-one", "room/stats", "room/state"]),
            "unknown requirement `room/stat`; did you mean `room/stats`, `room/state` or `room/stat-one`?"
        );
        assert_eq!(text("zzz", &["room/stats"]), "unknown requirement `zzz`");
    }

    #[test]
    fn at_most_three_names_are_suggested() {
        let candidates = ["name1", "name2", "name3", "name4"];
        assert_eq!(nearest("name", candidates).len(), SUGGESTIONS);
    }
}
