//! The user that an account is: what the target states about it, and the conclusion.

use std::fmt;

use hearback_contract::UserId;
use hearback_history::escape::escape;

use super::statement::{Source, Statement};

/// Weight of agreeing sources from which no further source is needed.
const ENOUGH: u32 = 3;

/// Lead over every other id from which no further source is needed.
const LEAD: u32 = 2;

/// Maximum length of the reason why a source states nothing, in characters.
const LONGEST_REASON: usize = 120;

/// Statements about the user of one account, and sources that stated nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    statements: Vec<Statement>,
    /// Sources that were tried in vain, each with the reason.
    silent: Vec<(Source, String)>,
}

/// Reason why the user of an account is not known.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnknownUser {
    /// No source stated an id, or only a source that needs confirmation.
    #[error("the user id of `{login}` is unknown; tried {tried}")]
    Unstated {
        /// Name with which the account logs in.
        login: String,
        /// Each source with what it stated.
        tried: String,
    },
    /// Sources stated different ids.
    #[error("the target states several user ids for `{login}`: {stated}")]
    Contradictory {
        /// Name with which the account logs in.
        login: String,
        /// Each source with what it stated.
        stated: String,
    },
}

impl Identity {
    /// Adds a statement; the first of each source counts.
    pub fn add(&mut self, statement: Statement) {
        self.silent.retain(|(source, _)| *source != statement.source);
        if !self.has(statement.source) {
            self.statements.push(statement);
        }
    }

    /// Notes why a source stated nothing. The reason is bounded and escaped.
    pub fn add_silent(&mut self, source: Source, reason: &str) {
        if !self.has(source) {
            self.silent.retain(|(known, _)| *known != source);
            self.silent.push((source, escape(reason, LONGEST_REASON)));
        }
    }

    /// Returns whether a source made a statement.
    pub fn has(&self, source: Source) -> bool {
        self.statements.iter().any(|statement| statement.source == source)
    }

    /// The id, if enough sources agree that no further one is needed.
    pub fn settled(&self) -> Option<UserId> {
        let ranking = self.ranking();
        let (id, weight) = *ranking.first()?;
        let second = ranking.get(1).map_or(0, |(_, weight)| *weight);
        (weight >= ENOUGH && weight - second >= LEAD).then_some(id)
    }

    /// The id that most sources state, whether or not they suffice.
    pub fn presumed(&self) -> Option<UserId> {
        self.ranking().first().map(|(id, _)| *id)
    }

    /// The id that most sources state, besides the accounts file.
    pub fn stated(&self) -> Option<UserId> {
        let is_of_target = |it: &&Statement| it.source != Source::AccountsFile;
        let statements = self.statements.iter().filter(is_of_target).cloned().collect();
        Self { statements, silent: Vec::new() }.presumed()
    }

    /// The id after every source was tried: the one that most sources state.
    ///
    /// # Errors
    /// If no source but the token claims states one, or as many sources state another.
    pub fn conclusion(&self, login: &str) -> Result<UserId, UnknownUser> {
        let ranking = self.ranking();
        match ranking[..] {
            [(id, weight)] if weight > Source::TokenClaims.weight() => Ok(id),
            [(id, weight), (_, second), ..] if weight > second => Ok(id),
            [_, _, ..] => Err(UnknownUser::Contradictory {
                login: login.to_owned(),
                stated: self.to_string(),
            }),
            _ => Err(UnknownUser::Unstated { login: login.to_owned(), tried: self.to_string() }),
        }
    }

    /// The username of a user, from the first source that states one.
    pub fn username(&self, id: UserId) -> Option<&str> {
        let of_user = self.statements.iter().filter(|statement| statement.id == id);
        of_user.filter_map(|statement| statement.username.as_deref()).next()
    }

    /// Stated ids with the weight of their sources, the heaviest first.
    fn ranking(&self) -> Vec<(UserId, u32)> {
        let mut ranking: Vec<(UserId, u32)> = Vec::new();
        for Statement { source, id, .. } in &self.statements {
            match ranking.iter_mut().find(|(known, _)| known == id) {
                Some((_, weight)) => *weight += source.weight(),
                None => ranking.push((*id, source.weight())),
            }
        }
        ranking.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        ranking
    }
}

/// Each source with what it stated, or why it stated nothing.
impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stated = self.statements.iter().map(|it| format!("{}: {}", it.source, it.id));
        let silent = self.silent.iter().map(|(source, reason)| format!("{source}: {reason}"));
        let all: Vec<String> = stated.chain(silent).collect();
        match all.is_empty() {
            true => formatter.write_str("no source"),
            false => formatter.write_str(&all.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(statements: &[(Source, i64)]) -> Identity {
        let mut identity = Identity::default();
        for (source, id) in statements {
            identity.add(Statement { source: *source, id: (*id).into(), username: None });
        }
        identity
    }

    fn settled(statements: &[(Source, i64)]) -> Option<i64> {
        identity(statements).settled().map(UserId::get)
    }

    fn concluded(statements: &[(Source, i64)]) -> Result<i64, UnknownUser> {
        identity(statements).conclusion("alice").map(UserId::get)
    }

    #[test]
    fn two_agreeing_sources_suffice() {
        use Source::{AccountsFile, CreatedBy, Participants, TokenClaims};
        assert_eq!(settled(&[(CreatedBy, 3)]), None);
        assert_eq!(settled(&[(AccountsFile, 3)]), None);
        assert_eq!(settled(&[(CreatedBy, 3), (Participants, 3)]), Some(3));
        assert_eq!(settled(&[(AccountsFile, 3), (TokenClaims, 3)]), Some(3));
        assert_eq!(settled(&[(TokenClaims, 9), (CreatedBy, 3), (Participants, 3)]), Some(3));
        assert_eq!(settled(&[(TokenClaims, 3), (CreatedBy, 3), (Participants, 4)]), None);
    }

    #[test]
    fn the_majority_decides_when_all_sources_were_tried() {
        use Source::{ConnectionEstablished, CreatedBy, Participants, TokenClaims};
        assert_eq!(concluded(&[(CreatedBy, 3)]), Ok(3));
        assert_eq!(concluded(&[(TokenClaims, 9), (CreatedBy, 3)]), Ok(3));
        let lying = [(CreatedBy, 2), (Participants, 3), (ConnectionEstablished, 3)];
        assert_eq!(concluded(&lying), Ok(3));
    }

    #[test]
    fn claims_alone_and_contradictions_are_not_conclusive() {
        use Source::{CreatedBy, Participants, TokenClaims};
        let mut claims = identity(&[(TokenClaims, 3)]);
        claims.add_silent(CreatedBy, "answered 502");
        let unknown = claims.conclusion("alice").unwrap_err().to_string();
        let expected = "the user id of `alice` is unknown; tried token claims: 3, \
                        `created_by` of its room: answered 502";
        assert_eq!(unknown, expected);
        assert!(matches!(concluded(&[]), Err(UnknownUser::Unstated { .. })));
        let contradictory = concluded(&[(CreatedBy, 2), (Participants, 3)]);
        assert!(matches!(contradictory, Err(UnknownUser::Contradictory { .. })));
    }

    #[test]
    fn the_username_is_that_of_the_concluded_user() {
        let mut identity = identity(&[(Source::TokenClaims, 3)]);
        for (source, id, name) in
            [(Source::CreatedBy, 2, "bob"), (Source::ConnectionEstablished, 3, "alice")]
        {
            let username = Some(name.to_owned());
            identity.add(Statement { source, id: id.into(), username });
        }
        assert_eq!(identity.username(3.into()), Some("alice"));
    }
}
