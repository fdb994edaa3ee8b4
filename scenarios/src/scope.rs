//! What is known at a place of a scenario: values, open sockets, and whether a fence stands.

use std::collections::{BTreeMap, BTreeSet};

use hearback_contract::Suggestions;

/// Members of a value, where they are known.
type Members = &'static [&'static str];

const PERSON: Members = &["id", "username"];
const UNKNOWN: Members = &["uuid", "number"];
const ANYTHING: Members = &[];

/// What has been said so far, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    values: BTreeMap<String, Members>,
    /// Open sockets, and whose they are.
    sockets: BTreeMap<String, String>,
    closed: BTreeSet<String>,
    /// Whether nothing was done since the last fence.
    fenced: bool,
}

/// What is wrong with a name, and what could be meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Scope {
    /// What is known before the first step.
    pub(crate) fn of(actors: &[String]) -> Self {
        let mut scope = Self::default();
        for name in ["run", "unique", "task", "property"] {
            scope.define(name);
        }
        scope.values.insert("unknown".to_owned(), UNKNOWN);
        scope.values.extend(actors.iter().map(|actor| (actor.clone(), PERSON)));
        scope
    }

    /// Notes that a value is kept under `name` from now on.
    pub(crate) fn define(&mut self, name: &str) {
        self.values.insert(name.to_owned(), ANYTHING);
    }

    /// Whether the placeholder `path` has a value, as far as can be told.
    pub(crate) fn look_up(&self, path: &str) -> Result<(), Stranger> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(members) = self.values.get(name) else {
            return Err(Stranger {
                message: format!("nothing is kept as `{name}` before this"),
                help: suggestion(name, self.values.keys().map(String::as_str), "known here"),
            });
        };
        let member = rest.split('.').next().unwrap_or_default();
        match members.is_empty() || rest.is_empty() || members.contains(&member) {
            true => Ok(()),
            false => Err(Stranger {
                message: format!("`{name}` has no `{member}`"),
                help: suggestion(member, members.iter().copied(), "it has"),
            }),
        }
    }

    /// Notes that a socket is open; says whether it was before.
    pub(crate) fn open(&mut self, socket: &str, actor: &str) -> bool {
        self.closed.remove(socket);
        self.sockets.insert(socket.to_owned(), actor.to_owned()).is_some()
    }

    /// Notes that a socket is closed.
    pub(crate) fn close(&mut self, socket: &str) {
        if self.sockets.remove(socket).is_some() {
            self.closed.insert(socket.to_owned());
        }
    }

    /// Whether `socket` is open, and `actor`'s.
    pub(crate) fn check_socket(&self, socket: &str, actor: &str) -> Result<(), Stranger> {
        match self.sockets.get(socket) {
            Some(owner) if owner == actor => Ok(()),
            Some(owner) => Err(Stranger {
                message: format!("the socket `{socket}` is {owner}'s"),
                help: format!("write {owner} before it, or have {actor} connect one"),
            }),
            None if self.closed.contains(socket) => Err(Stranger {
                message: format!("the socket `{socket}` is closed here"),
                help: format!("connect it again before this: {{ {actor}: connect }}"),
            }),
            None => Err(Stranger {
                message: format!("the socket `{socket}` is not connected before this"),
                help: match socket == actor {
                    true => format!("put a step before it: {{ {actor}: connect }}"),
                    false => format!(
                        "put a step before it: {{ {actor}: connect, socket: {socket} }}; {}",
                        suggestion(socket, self.sockets.keys().map(String::as_str), "open here")
                    ),
                },
            }),
        }
    }

    /// Notes that something was done that others may be told of.
    pub(crate) fn disturb(&mut self) {
        self.fenced = false;
    }

    /// Notes a fence.
    pub(crate) fn fence(&mut self) {
        self.fenced = true;
    }

    /// Whether nothing was done since the last fence.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fenced
    }

    /// Takes over what a branch that runs beside others has come to know.
    pub(crate) fn join(&mut self, branch: Self) {
        self.values.extend(branch.values);
        self.sockets.extend(branch.sockets);
        self.fenced = false;
    }
}

/// The maximum length of a list that is shown in addition to suggestions.
const SHORT: usize = 12;

/// Suggests similar names, and lists all allowed ones unless the list is long and not needed.
pub(crate) fn suggestion<'a>(
    name: &str,
    allowed: impl Iterator<Item = &'a str> + Clone,
    introduction: &str,
) -> String {
    let all: Vec<_> = allowed.clone().collect();
    let listed = match all.is_empty() {
        true => format!("{introduction}: nothing"),
        false => format!("{introduction}: {}", all.join(", ")),
    };
    let suggestions = Suggestions::new(name, allowed);
    match (suggestions.help(), &suggestions) {
        (Some(help), Suggestions::Similar(_)) if all.len() > SHORT => help,
        (Some(help), Suggestions::Similar(_)) => format!("{help} {listed}"),
        _ => listed,
    }
}
