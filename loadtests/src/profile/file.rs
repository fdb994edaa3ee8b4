//! The TOML format of profiles.

use std::ops::Range;
use std::time::Duration;

use hearback_config::{Document, FileError, Problem, Spanned};
use hearback_stats::{MessageTag, Slo};
use indexmap::IndexMap;
use jiff::SignedDuration;
use serde::Deserialize;

use super::problem::ProfileProblem;
use super::{Profile, RoomGroup, Sizes};
use crate::persona::{Behavior, Persona, PersonaShare};
use crate::schedule::{Pacer, Phase, Shape};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    accounts: Option<Spanned<usize>>,
    #[serde(default)]
    shared_accounts: bool,
    rooms: Vec<Rooms>,
    personas: IndexMap<Spanned<String>, Share>,
    connect_rate: Option<Spanned<f64>>,
    warm_up: Option<Spanned<String>>,
    drain: Option<Spanned<String>>,
    late_after: Option<Spanned<String>>,
    lag_bound: Option<Spanned<String>>,
    message_bytes: Option<Spanned<usize>>,
    #[serde(default)]
    sample_rooms: usize,
    phase: Vec<Spanned<PhaseTable>>,
    slos: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rooms {
    count: Spanned<usize>,
    members: Spanned<Members>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a number, or { from = MINIMUM, to = MAXIMUM }")]
enum Members {
    Fixed(usize),
    Between { from: usize, to: usize },
}

/// The share of a persona.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    weight: u32,
    interval: Option<Spanned<String>>,
    stall: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhaseTable {
    kind: Kind,
    duration: Spanned<String>,
    rate: Option<f64>,
    from: Option<f64>,
    to: Option<f64>,
    steps: Option<u32>,
    peak: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Constant,
    Ramp,
    Step,
    Spike,
    Soak,
}

/// Parses and validates a profile; `text` is that of its file.
pub(super) fn parse(name: &str, document: &Document, text: &str) -> Result<Profile, FileError> {
    let file = document.parse()?;
    profile(name, file, text, document.start()).map_err(|problem| document.invalid(problem))
}

fn profile(name: &str, file: File, text: &str, whole: Range<usize>) -> Result<Profile, Problem> {
    let rooms = file.rooms.iter().map(Rooms::group).collect::<Result<Vec<_>, _>>()?;
    if rooms.is_empty() {
        return Err(located(bounds("rooms", "at least one [[rooms]]"), whole));
    }
    let largest = rooms.iter().map(|group| group.members.largest()).max().unwrap_or_default();
    let accounts = file.accounts.as_ref().map_or(largest, |accounts| *accounts.get_ref());
    if accounts < 2 {
        let span = file.accounts.map_or(whole, |accounts| accounts.span());
        return Err(located(bounds("accounts", "at least 2"), span));
    }
    if largest > accounts && !file.shared_accounts {
        let group = file.rooms.iter().find(|group| group.largest() == largest);
        let span = group.map_or(whole, |group| group.members.span());
        return Err(located(ProfileProblem::TooLarge { members: largest, accounts }, span));
    }
    let personas = file
        .personas
        .into_iter()
        .map(|(name, share)| share.persona(&name))
        .collect::<Result<Vec<_>, _>>()?;
    if !personas.iter().any(|share| share.behavior.persona.sends() && share.weight > 0) {
        return Err(located(ProfileProblem::Silent, whole));
    }
    let connect_rate = file.connect_rate.as_ref().map_or(200.0, |rate| *rate.get_ref());
    if !(0.1..=10_000.0).contains(&connect_rate) {
        let span = file.connect_rate.map_or(whole, |rate| rate.span());
        return Err(located(
            bounds("connect_rate", "between 0.1 and 10000 sockets per second"),
            span,
        ));
    }
    let message_bytes = file.message_bytes.as_ref().map_or(100, |bytes| *bytes.get_ref());
    if !(MessageTag::LENGTH..=16_384).contains(&message_bytes) {
        let span = file.message_bytes.map_or(whole, |bytes| bytes.span());
        let range = format!("between {} and 16384 bytes", MessageTag::LENGTH);
        return Err(located(bounds("message_bytes", range), span));
    }
    let phases = file.phase.into_iter().map(PhaseTable::phase).collect::<Result<Vec<_>, _>>()?;
    if phases.is_empty() {
        return Err(located(bounds("phase", "at least one [[phase]]"), whole));
    }
    let slos = file.slos.iter().map(slo).collect::<Result<Vec<_>, _>>()?;
    let length = |given: &Option<Spanned<String>>, default_ms| match given {
        None => Ok(Duration::from_millis(default_ms)),
        Some(text) => duration(text),
    };
    Ok(Profile {
        name: name.to_owned(),
        description: file.description,
        accounts,
        shared_accounts: file.shared_accounts,
        rooms,
        personas,
        connect_rate,
        warm_up: length(&file.warm_up, 2000)?,
        drain: length(&file.drain, 5000)?,
        late_after: length(&file.late_after, 5000)?,
        lag_bound: length(&file.lag_bound, 25)?,
        message_bytes,
        sample_rooms: file.sample_rooms,
        phases,
        slos,
        duration_scale: 1.0,
        text: text.to_owned(),
    })
}

impl Rooms {
    fn largest(&self) -> usize {
        match self.members.get_ref() {
            Members::Fixed(size) => *size,
            Members::Between { to, .. } => *to,
        }
    }

    fn group(&self) -> Result<RoomGroup, Problem> {
        let count = *self.count.get_ref();
        if !(1..=100_000).contains(&count) {
            return Err(located(bounds("count", "between 1 and 100000"), self.count.span()));
        }
        let members = match *self.members.get_ref() {
            Members::Fixed(size) if size >= 2 => Sizes::Fixed(size),
            Members::Between { from, to } if from >= 2 && to >= from => Sizes::Between(from, to),
            Members::Between { from, to } if from > to => {
                return Err(located(bounds("from", "at most `to`"), self.members.span()));
            }
            _ => return Err(located(bounds("members", "at least 2"), self.members.span())),
        };
        Ok(RoomGroup { count, members })
    }
}

impl Share {
    fn persona(self, name: &Spanned<String>) -> Result<PersonaShare, Problem> {
        let persona = Persona::by_name(name.get_ref())
            .map_err(|unknown| Problem::from(unknown).at(name.span()))?;
        let duration_or = |given: Option<Spanned<String>>, key, default| match given {
            None => Ok(default),
            Some(text) => match duration(&text)? {
                short if short < Duration::from_millis(10) => {
                    Err(located(bounds(key, "at least 10 ms"), text.span()))
                }
                length => Ok(length),
            },
        };
        let behavior = Behavior {
            persona,
            interval: duration_or(self.interval, "interval", persona.default_interval())?,
            stall: duration_or(self.stall, "stall", Duration::from_secs(2))?,
        };
        Ok(PersonaShare { weight: self.weight, behavior })
    }
}

impl PhaseTable {
    fn phase(table: Spanned<Self>) -> Result<Phase, Problem> {
        let span = table.span();
        let table = table.into_inner();
        let length = duration(&table.duration)?;
        if length.is_zero() {
            return Err(located(bounds("duration", "longer than 0 s"), table.duration.span()));
        }
        let requires = |kind, keys| located(ProfileProblem::Phase { kind, keys }, span.clone());
        let shape = match (table.kind, table.rate, table.from, table.to, table.steps, table.peak) {
            (Kind::Constant, Some(rate), None, None, None, None) => Shape::Constant { rate },
            (Kind::Soak, Some(rate), None, None, None, None) => Shape::Soak { rate },
            (Kind::Ramp, None, Some(from), Some(to), None, None) => Shape::Ramp { from, to },
            (Kind::Step, None, Some(from), Some(to), Some(steps @ 2..), None) => {
                Shape::Step { from, to, steps }
            }
            (Kind::Spike, Some(rate), None, None, None, Some(peak)) => Shape::Spike { rate, peak },
            (Kind::Constant, ..) => return Err(requires("constant", "`rate`")),
            (Kind::Soak, ..) => return Err(requires("soak", "`rate`")),
            (Kind::Ramp, ..) => return Err(requires("ramp", "`from` and `to`")),
            (Kind::Step, ..) => {
                return Err(requires("step", "`from`, `to`, and 2 or more `steps`"));
            }
            (Kind::Spike, ..) => return Err(requires("spike", "`rate` and `peak`")),
        };
        let phase = Phase { shape, length };
        let rates = [phase.first(), phase.last(), phase.peak()];
        if rates.iter().any(|rate| !rate.is_finite() || *rate < 0.0) || phase.peak() <= 0.0 {
            return Err(located(bounds("rate", "above 0"), span));
        }
        if phase.peak() > Pacer::MAX_RATE {
            return Err(located(ProfileProblem::TooFast { rate: phase.peak() }, span));
        }
        Ok(phase)
    }
}

fn slo(text: &Spanned<String>) -> Result<Slo, Problem> {
    Slo::parse(text.get_ref()).map_err(|(error, range)| {
        // Positions are relative to the text inside the quotes.
        let start = text.span().start + 1;
        located(error.into(), start + range.start..start + range.end)
    })
}

fn duration(text: &Spanned<String>) -> Result<Duration, Problem> {
    let parsed = text.get_ref().parse::<SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= Duration::from_secs(7 * 86_400))
        .ok_or_else(|| located(ProfileProblem::Duration(text.get_ref().clone()), text.span()))
}

fn located(problem: ProfileProblem, span: Range<usize>) -> Problem {
    Problem::from(problem).at(span)
}

fn bounds(key: &'static str, bounds: impl Into<String>) -> ProfileProblem {
    ProfileProblem::Bounds { key, bounds: bounds.into() }
}
