//! The names that are defined at one point of a scenario: values, open sockets, and the last fence.

use std::collections::{BTreeMap, BTreeSet};

use hearback_contract::UnknownId;

use crate::characters;
use crate::diagnostic::listed_beside;

/// Names of the members of a value; empty if they are not known.
type Members = &'static [&'static str];

const PERSON: Members = &["id", "username"];
const UNKNOWN: Members = &["uuid", "number"];
const ANYTHING: Members = &[];

/// The variables that every scenario has, besides `unknown`, the actors and generated texts.
pub(crate) const VARIABLES: &[&str] = &["run", "unique", "now", "task", "property"];

/// The effects of the steps so far, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    values: BTreeMap<String, Members>,
    /// Open sockets and their owners.
    sockets: BTreeMap<String, String>,
    closed: BTreeSet<String>,
    /// True if the last action was a fence.
    fenced: bool,
}

/// A name that is not defined at one point of a scenario.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ScopeError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl ScopeError {
    fn unknown<'a>(
        kind: &'static str,
        name: &str,
        introduction: &str,
        defined: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let error = UnknownId::new(kind, name, defined.clone());
        Self { message: error.to_string(), help: listed_beside(&error, introduction, defined) }
    }
}

impl Scope {
    /// The scope before the first step.
    pub(crate) fn of(actors: &[String]) -> Self {
        let mut scope = Self::default();
        for name in VARIABLES {
            scope.define(name);
        }
        scope.values.insert("unknown".to_owned(), UNKNOWN);
        scope.values.insert(characters::NAME.to_owned(), characters::KINDS);
        scope.values.extend(actors.iter().map(|actor| (actor.clone(), PERSON)));
        scope
    }

    /// Defines a value with unknown members.
    pub(crate) fn define(&mut self, name: &str) {
        self.values.insert(name.to_owned(), ANYTHING);
    }

    /// Checks that the placeholder `path` has a value.
    ///
    /// # Errors
    /// If its name is not defined, or its first member does not exist.
    pub(crate) fn look_up(&self, path: &str) -> Result<(), ScopeError> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(members) = self.values.get(name) else {
            let defined = self.values.keys().map(String::as_str);
            return Err(ScopeError::unknown("variable", name, "defined here", defined));
        };
        let member = rest.split('.').next().unwrap_or_default();
        match members.is_empty() || rest.is_empty() || members.contains(&member) {
            true if name == characters::NAME && characters::text(rest).is_none() => {
                Err(ScopeError {
                    message: format!("invalid length in `{{{path}}}`"),
                    help: Some("name a kind and a length: {characters.emoji.2000}".to_owned()),
                })
            }
            true => Ok(()),
            false => {
                let fields = format!("fields of `{name}`");
                Err(ScopeError::unknown("field", member, &fields, members.iter().copied()))
            }
        }
    }

    /// Marks a socket as open; returns whether it was open before.
    pub(crate) fn open(&mut self, socket: &str, actor: &str) -> bool {
        self.closed.remove(socket);
        self.sockets.insert(socket.to_owned(), actor.to_owned()).is_some()
    }

    /// Marks a socket as closed.
    pub(crate) fn close(&mut self, socket: &str) {
        if self.sockets.remove(socket).is_some() {
            self.closed.insert(socket.to_owned());
        }
    }

    /// Checks that `socket` is open and belongs to `actor`.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) fn check_socket(&self, socket: &str, actor: &str) -> Result<(), ScopeError> {
        match self.sockets.get(socket) {
            Some(owner) if owner == actor => Ok(()),
            Some(owner) => Err(ScopeError {
                message: format!("socket `{socket}` belongs to {owner}, not to {actor}"),
                help: Some(format!("use {owner} as the actor, or connect a socket of {actor}")),
            }),
            None if self.closed.contains(socket) => Err(ScopeError {
                message: format!("socket `{socket}` is closed"),
                help: Some(format!("connect it again before this step: {{ {actor}: connect }}")),
            }),
            None if socket == actor => Err(ScopeError {
                message: format!("socket `{socket}` is not connected"),
                help: Some(format!("connect it before this step: {{ {actor}: connect }}")),
            }),
            None => Err(ScopeError {
                message: UnknownId::new("socket", socket, self.sockets.keys().map(String::as_str))
                    .to_string(),
                help: Some(format!(
                    "connect it before this step: {{ {actor}: connect, socket: {socket} }}"
                )),
            }),
        }
    }

    /// Marks an action that may cause events after the last fence.
    pub(crate) fn invalidate_fence(&mut self) {
        self.fenced = false;
    }

    /// Marks a fence.
    pub(crate) fn set_fence(&mut self) {
        self.fenced = true;
    }

    /// True if no action followed the last fence.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fenced
    }

    /// Adds the names that a parallel list of steps defined.
    pub(crate) fn merge(&mut self, branch: Self) {
        self.values.extend(branch.values);
        self.sockets.extend(branch.sockets);
        self.fenced = false;
    }
}
