//! Faults that the server can be started with, so that a harness can show that it would notice.
//!
//! Most are rows that change what comes in ([`request`]) or goes out ([`response`], [`event`]); the others are [`Behaviour`]s, each
//! asked for at one place of the server. A server without faults takes none of these paths.

mod behaviour;
mod content;
mod edit;
mod event;
pub(crate) mod foreign;
mod frames;
pub(crate) mod graveyard;
pub(crate) mod marks;
pub(crate) mod promotion;
mod queries;
mod request;
mod response;
pub(crate) mod sending;
pub(crate) mod sequence;
mod table;
mod token;
mod values;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hearback_contract::requirement::nearest;

pub(crate) use behaviour::Behaviour;
pub(crate) use content::Mangling;
pub(crate) use event::Tampering;
pub(crate) use frames::BadInput;
pub(crate) use request::misread;
pub(crate) use response::falsify;
pub(crate) use token::{Check, stand_in};

use event::EventFault;
use graveyard::Graveyard;
use request::RequestFault;
use response::ResponseFault;

/// A fault that can be switched on.
#[derive(Clone, Copy, Debug)]
pub struct FaultSpec {
    /// Stable name, `family/what-is-wrong`.
    pub id: &'static str,
    /// Id of the requirement that it breaks.
    pub breaks: &'static str,
    /// What the server does wrong.
    pub description: &'static str,
    /// Whether it shows only after certain commands in a certain order, or when some come at the same
    /// time: sequences of commands reach it, scenarios in files need not.
    pub in_sequences: bool,
    kind: Kind,
}

impl FaultSpec {
    /// The same; only sequences of commands reach it.
    const fn in_sequences(self) -> Self {
        Self { in_sequences: true, ..self }
    }
}

/// How a fault is brought about.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The server itself acts differently.
    Behaviour(Behaviour),
    /// Requests are taken for others on their way in.
    Request(RequestFault),
    /// Responses are changed on their way out.
    Response(ResponseFault),
    /// Events are changed on their way out.
    Event(EventFault),
}

/// Every fault, by family.
pub static FAULTS: LazyLock<Vec<FaultSpec>> = LazyLock::new(table::all);

/// The faults that a server is started with; none by default.
#[derive(Clone, Debug, Default)]
pub struct FaultSet {
    chosen: Vec<&'static FaultSpec>,
}

/// A name that is no fault's, with the nearest that are.
#[derive(Debug, thiserror::Error)]
#[error("no fault is called `{name}`; {}", suggestion(.nearest))]
pub struct UnknownFault {
    /// What was asked for.
    pub name: String,
    /// Up to three ids like it, the nearest first.
    pub nearest: Vec<&'static str>,
}

fn suggestion(nearest: &[&str]) -> String {
    match nearest {
        [] => "`hearback list faults` names those there are".to_owned(),
        nearest => format!("near it: {}", nearest.join(", ")),
    }
}

impl FaultSet {
    /// The faults with these ids.
    ///
    /// # Errors
    ///
    /// [`UnknownFault`] for the first id that no fault has.
    pub fn named<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownFault> {
        let find = |id: &str| {
            FAULTS.iter().find(|fault| fault.id == id).ok_or_else(|| UnknownFault {
                name: id.to_owned(),
                nearest: nearest(id, FAULTS.iter().map(|fault| fault.id)),
            })
        };
        Ok(Self { chosen: ids.into_iter().map(find).collect::<Result<_, _>>()? })
    }

    /// The faults of the set.
    pub fn iter(&self) -> impl Iterator<Item = &'static FaultSpec> {
        self.chosen.iter().copied()
    }
}

impl From<&'static FaultSpec> for FaultSet {
    fn from(fault: &'static FaultSpec) -> Self {
        Self { chosen: vec![fault] }
    }
}

/// The faults of a running server, by kind.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    behaviours: Vec<Behaviour>,
    requests: Vec<RequestFault>,
    responses: Vec<ResponseFault>,
    events: Vec<EventFault>,
    occasions: AtomicU64,
    graveyard: Graveyard,
    drift: sequence::Drift,
}

impl Faults {
    /// Sorts the faults of a set.
    pub(crate) fn new(set: &FaultSet) -> Self {
        let mut faults = Self::default();
        for fault in set.iter() {
            match fault.kind {
                Kind::Behaviour(behaviour) => faults.behaviours.push(behaviour),
                Kind::Request(request) => faults.requests.push(request),
                Kind::Response(response) => faults.responses.push(response),
                Kind::Event(event) => faults.events.push(event),
            }
        }
        faults
    }

    /// Whether the server is to act in this way.
    pub(crate) fn has(&self, behaviour: Behaviour) -> bool {
        self.behaviours.contains(&behaviour)
    }

    /// Whether the server is to act in this way now, which it does once in so many occasions.
    pub(crate) fn strikes(&self, behaviour: Behaviour, every: u64) -> bool {
        self.has(behaviour)
            && (self.occasions.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }

    /// Whether requests need [`misread`].
    pub(crate) fn misreads(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Whether responses need [`falsify`].
    pub(crate) fn falsifies(&self) -> bool {
        !self.responses.is_empty()
    }

    /// What to do to events, if anything.
    pub(crate) fn tampering(&self) -> Option<Tampering> {
        (!self.events.is_empty()).then(|| Tampering::new(self.events.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearback_contract::RequirementId;

    use super::*;

    #[test]
    fn every_fault_breaks_a_requirement_under_a_name_of_its_own() {
        let mut ids = BTreeSet::new();
        for fault in FAULTS.iter() {
            assert!(ids.insert(fault.id), "{} is there twice", fault.id);
            fault.breaks.parse::<RequirementId>().unwrap_or_else(|error| panic!("{error}"));
            let family = |id: &'static str| id.split_once('/').unwrap().0;
            assert_eq!(family(fault.id), family(fault.breaks), "{}", fault.id);
            let kebab =
                |letter: char| letter.is_ascii_lowercase() || "-/0123456789".contains(letter);
            assert!(fault.id.chars().all(kebab), "{}", fault.id);
            assert!(fault.description.ends_with('.'), "{}", fault.id);
        }
    }

    #[test]
    fn every_requirement_has_a_fault() {
        let broken: BTreeSet<_> = FAULTS.iter().map(|fault| fault.breaks).collect();
        let without: Vec<_> =
            RequirementId::all().map(|id| id.as_str()).filter(|id| !broken.contains(id)).collect();
        assert!(without.is_empty(), "no fault breaks {without:#?}");
    }

    #[test]
    fn sets_are_made_of_known_names() {
        let set = FaultSet::named([FAULTS[0].id, FAULTS[1].id]).unwrap();
        assert_eq!(set.iter().count(), 2);
        let unknown = FaultSet::named(["auth/accepts-any-passwrd"]).unwrap_err();
        assert_eq!(unknown.nearest[0], "auth/accepts-any-password");
    }
}
