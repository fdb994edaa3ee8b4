//! The TOML format of profiles.

use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::time::Duration;

use hearback_config::{Document, FileError, Problem, Spanned};
use hearback_stats::{MessageTag, Slo};
use indexmap::IndexMap;
use serde::Deserialize;

use super::problem::ProfileProblem;
use super::texts::{LONGEST, Texts};
use super::{Abort, Profile, RoomGroup, Sizes};
use crate::persona::{Behavior, Interval, Persona, PersonaShare};
use crate::schedule::{Pacer, Phase, Shape};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
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
    message_bytes: Option<Spanned<Distributed>>,
    texts: Option<Spanned<String>>,
    #[serde(default)]
    sample_rooms: usize,
    phase: Vec<Spanned<PhaseTable>>,
    slos: Vec<Spanned<ServiceLevel>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a service level such as \"lost = 0\", or { slo = \"lost = 0\", abort_on_fail = true }"
)]
enum ServiceLevel {
    Plain(String),
    Aborting(AbortTable),
}

/// A service level with what a miss does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AbortTable {
    slo: String,
    #[serde(default)]
    abort_on_fail: bool,
    delay: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rooms {
    count: Spanned<usize>,
    members: Spanned<Distributed>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "a number, or { from = MINIMUM, to = MAXIMUM }")]
enum Distributed {
    Fixed(usize),
    Between { from: usize, to: usize },
}

/// A duration, or two between which each one is drawn.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a duration, or { from = \"MINIMUM\", to = \"MAXIMUM\" }")]
enum DistributedTime {
    Fixed(String),
    Between { from: String, to: String },
}

/// The share of a persona.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Share {
    weight: u32,
    interval: Option<Spanned<DistributedTime>>,
    stall: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseTable {
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

/// Parses and validates a profile; `text` is that of its file, and other files are relative to `folder`.
pub(super) fn parse(
    name: &str,
    document: &Document,
    text: &str,
    folder: Option<&Path>,
) -> Result<Profile, FileError> {
    let file = document.parse()?;
    profile(name, file, text, document.start(), folder).map_err(|problem| document.invalid(problem))
}

fn profile(
    name: &str,
    file: File,
    text: &str,
    whole: Range<usize>,
    folder: Option<&Path>,
) -> Result<Profile, Problem> {
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
    let texts = texts(file.message_bytes, file.texts, folder)?;
    let phases = file.phase.into_iter().map(PhaseTable::phase).collect::<Result<Vec<_>, _>>()?;
    if phases.is_empty() {
        return Err(located(bounds("phase", "at least one [[phase]]"), whole));
    }
    let levels = file.slos.iter().map(service_level).collect::<Result<Vec<_>, _>>()?;
    let aborts = levels
        .iter()
        .filter_map(|(slo, delay)| delay.map(|delay| Abort { slo: slo.clone(), delay }));
    let aborts = aborts.collect();
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
        texts,
        sample_rooms: file.sample_rooms,
        phases,
        slos: levels.into_iter().map(|(slo, _)| slo).collect(),
        aborts,
        duration_scale: 1.0,
        text: text.to_owned(),
    })
}

impl Rooms {
    fn largest(&self) -> usize {
        match self.members.get_ref() {
            Distributed::Fixed(size) => *size,
            Distributed::Between { to, .. } => *to,
        }
    }

    fn group(&self) -> Result<RoomGroup, Problem> {
        let count = *self.count.get_ref();
        if !(1..=100_000).contains(&count) {
            return Err(located(bounds("count", "between 1 and 100000"), self.count.span()));
        }
        let members = sizes("members", &self.members, 2..=usize::MAX, "at least 2")?;
        Ok(RoomGroup { count, members })
    }
}

/// A size or the bounds of one, within `range`; `accepted` describes it.
fn sizes(
    key: &'static str,
    given: &Spanned<Distributed>,
    range: RangeInclusive<usize>,
    accepted: &str,
) -> Result<Sizes, Problem> {
    match *given.get_ref() {
        Distributed::Between { from, to } if from > to => {
            Err(located(bounds("from", "at most `to`"), given.span()))
        }
        Distributed::Fixed(size) if range.contains(&size) => Ok(Sizes::Fixed(size)),
        Distributed::Between { from, to } if range.contains(&from) && range.contains(&to) => {
            Ok(Sizes::Between(from, to))
        }
        _ => Err(located(bounds(key, accepted), given.span())),
    }
}

/// The texts of messages. A file of texts is relative to `folder`, that of the profile.
fn texts(
    bytes: Option<Spanned<Distributed>>,
    file: Option<Spanned<String>>,
    folder: Option<&Path>,
) -> Result<Texts, Problem> {
    match (bytes, file) {
        (None, None) => Ok(Texts::default()),
        (Some(bytes), None) => {
            let accepted = format!("between {} and {LONGEST} bytes", MessageTag::LENGTH);
            let range = MessageTag::LENGTH..=LONGEST;
            Ok(Texts::Words(sizes("message_bytes", &bytes, range, &accepted)?))
        }
        (None, Some(file)) => {
            let path = folder.unwrap_or(Path::new("")).join(file.get_ref());
            Texts::read(&path)
                .map_err(|reason| {
                    let file = file.get_ref().clone();
                    ProfileProblem::Texts { file, reason }
                })
                .map_err(|problem| located(problem, file.span()))
        }
        (Some(_), Some(file)) => Err(located(ProfileProblem::TwoTexts, file.span())),
    }
}

impl Share {
    fn persona(self, name: &Spanned<String>) -> Result<PersonaShare, Problem> {
        let persona = Persona::by_name(name.get_ref())
            .map_err(|unknown| Problem::from(unknown).at(name.span()))?;
        let interval = match self.interval {
            None => Interval::fixed(persona.default_interval()),
            Some(interval) => interval_of(&interval)?,
        };
        let stall = self.stall.as_ref().map_or(Ok(Duration::from_secs(2)), |stall| {
            long_enough("stall", duration(stall)?, stall.span())
        })?;
        let behavior = Behavior { persona, interval, stall };
        Ok(PersonaShare { weight: self.weight, behavior })
    }
}

fn interval_of(interval: &Spanned<DistributedTime>) -> Result<Interval, Problem> {
    let span = || interval.span();
    let parse = |text: &String| {
        let length = super::duration::parse(text);
        let length =
            length.ok_or_else(|| located(ProfileProblem::Duration(text.clone()), span()))?;
        long_enough("interval", length, span())
    };
    match interval.get_ref() {
        DistributedTime::Fixed(text) => Ok(Interval::fixed(parse(text)?)),
        DistributedTime::Between { from, to } => {
            let (from, to) = (parse(from)?, parse(to)?);
            match from <= to {
                true => Ok(Interval { from, to }),
                false => Err(located(bounds("from", "at most `to`"), span())),
            }
        }
    }
}

fn long_enough(
    key: &'static str,
    length: Duration,
    span: Range<usize>,
) -> Result<Duration, Problem> {
    match length < Duration::from_millis(10) {
        true => Err(located(bounds(key, "at least 10 ms"), span)),
        false => Ok(length),
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

/// A service level, and the delay after which a miss ends the run if it does.
fn service_level(level: &Spanned<ServiceLevel>) -> Result<(Slo, Option<Duration>), Problem> {
    match level.get_ref() {
        ServiceLevel::Plain(text) => {
            let slo = Slo::parse(text).map_err(|(error, range)| {
                // Positions are relative to the text inside the quotes.
                let start = level.span().start + 1;
                located(error.into(), start + range.start..start + range.end)
            });
            Ok((slo?, None))
        }
        ServiceLevel::Aborting(table) => {
            let slo = Slo::parse(&table.slo);
            let slo = slo.map_err(|(error, _)| located(error.into(), level.span()))?;
            let delay = table.delay.as_deref().map_or(Some(Duration::ZERO), super::duration::parse);
            let delay = delay.ok_or_else(|| {
                let text = table.delay.clone().unwrap_or_default();
                located(ProfileProblem::Duration(text), level.span())
            })?;
            if table.delay.is_some() && !table.abort_on_fail {
                return Err(located(ProfileProblem::Delay, level.span()));
            }
            Ok((slo, table.abort_on_fail.then_some(delay)))
        }
    }
}

fn duration(text: &Spanned<String>) -> Result<Duration, Problem> {
    let parsed = super::duration::parse(text.get_ref());
    parsed.ok_or_else(|| located(ProfileProblem::Duration(text.get_ref().clone()), text.span()))
}

fn located(problem: ProfileProblem, span: Range<usize>) -> Problem {
    Problem::from(problem).at(span)
}

fn bounds(key: &'static str, bounds: impl Into<String>) -> ProfileProblem {
    ProfileProblem::Bounds { key, bounds: bounds.into() }
}
