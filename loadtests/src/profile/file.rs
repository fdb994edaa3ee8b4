//! The profile's file: TOML.

use std::ops::Range;
use std::time::Duration;

use hearback_stats::{MessageTag, Slo};
use indexmap::IndexMap;
use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::problem::Problem;
use super::{Profile, RoomGroup, Sizes};
use crate::persona::{self, Part, Persona};
use crate::schedule::{Phase, Shape};

/// Most messages a second that one pacer hands out on time.
pub(super) const FASTEST: f64 = 50_000.0;

/// A problem and the bytes of the file that it is about.
type Located = (Problem, Range<usize>);

const KEYS: [&str; 27] = [
    "description",
    "accounts",
    "sharing",
    "rooms",
    "personas",
    "connect_rate",
    "warm_up",
    "drain",
    "late_after",
    "lag_bound",
    "message_bytes",
    "sample_rooms",
    "phase",
    "slos",
    "count",
    "members",
    "from",
    "to",
    "weight",
    "every",
    "kind",
    "for",
    "rate",
    "peak",
    "steps",
    "stall",
    "name",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    accounts: Option<Spanned<usize>>,
    #[serde(default)]
    sharing: bool,
    rooms: Vec<Rooms>,
    personas: IndexMap<Spanned<String>, Member>,
    connect_rate: Option<Spanned<f64>>,
    warm_up: Option<Spanned<String>>,
    drain: Option<Spanned<String>>,
    late_after: Option<Spanned<String>>,
    lag_bound: Option<Spanned<String>>,
    message_bytes: Option<Spanned<usize>>,
    #[serde(default)]
    sample_rooms: usize,
    phase: Vec<Spanned<Row>>,
    slos: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rooms {
    count: Spanned<usize>,
    members: Spanned<Members>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a number, or { from = 2, to = 50 }")]
enum Members {
    Fixed(usize),
    Between { from: usize, to: usize },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    weight: u32,
    every: Option<Spanned<String>>,
    stall: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: Kind,
    r#for: Spanned<String>,
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

/// Parses and checks the text of a profile.
pub(super) fn parse(name: &str, text: &str) -> Result<Profile, Located> {
    let file: File = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    let whole = 0..text.len().min(1);
    let rooms = file.rooms.iter().map(Rooms::group).collect::<Result<Vec<_>, _>>()?;
    if rooms.is_empty() {
        return Err((bounds("rooms", "at least one [[rooms]]"), whole));
    }
    let largest = rooms.iter().map(|group| group.members.largest()).max().unwrap_or_default();
    let accounts = file.accounts.as_ref().map_or(largest, |accounts| *accounts.get_ref());
    if accounts < 2 {
        let span = file.accounts.map_or(whole, |accounts| accounts.span());
        return Err((bounds("accounts", "at least 2"), span));
    }
    if largest > accounts && !file.sharing {
        let group = file.rooms.iter().find(|group| group.largest() == largest);
        let span = group.map_or(whole, |group| group.members.span());
        return Err((Problem::TooLarge { members: largest, accounts }, span));
    }
    let parts = file
        .personas
        .into_iter()
        .map(|(name, member)| member.part(&name))
        .collect::<Result<Vec<_>, _>>()?;
    if !parts.iter().any(|part| part.persona.sends() && part.weight > 0) {
        return Err((Problem::Silent, whole));
    }
    let connect_rate = file.connect_rate.as_ref().map_or(200.0, |rate| *rate.get_ref());
    if !(0.1..=10_000.0).contains(&connect_rate) {
        let span = file.connect_rate.map_or(whole, |rate| rate.span());
        return Err((bounds("connect_rate", "between 0.1 and 10000 sockets a second"), span));
    }
    let message_bytes = file.message_bytes.as_ref().map_or(100, |bytes| *bytes.get_ref());
    if !(MessageTag::LENGTH..=16_384).contains(&message_bytes) {
        let span = file.message_bytes.map_or(whole, |bytes| bytes.span());
        let range = format!("between {} and 16384 bytes", MessageTag::LENGTH);
        return Err((bounds("message_bytes", range), span));
    }
    let phases = file.phase.into_iter().map(Row::phase).collect::<Result<Vec<_>, _>>()?;
    if phases.is_empty() {
        return Err((bounds("phase", "at least one [[phase]]"), whole));
    }
    let slos = file.slos.iter().map(slo).collect::<Result<Vec<_>, _>>()?;
    let length = |given: &Option<Spanned<String>>, otherwise| match given {
        None => Ok(Duration::from_millis(otherwise)),
        Some(text) => duration(text),
    };
    Ok(Profile {
        name: name.to_owned(),
        description: file.description,
        accounts,
        sharing: file.sharing,
        rooms,
        parts,
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

    fn group(&self) -> Result<RoomGroup, Located> {
        let count = *self.count.get_ref();
        if !(1..=100_000).contains(&count) {
            return Err((bounds("count", "between 1 and 100000"), self.count.span()));
        }
        let members = match *self.members.get_ref() {
            Members::Fixed(size) if size >= 2 => Sizes::Fixed(size),
            Members::Between { from, to } if from >= 2 && to >= from => Sizes::Between(from, to),
            Members::Between { from, to } if from > to => {
                return Err((bounds("from", "no more than `to`"), self.members.span()));
            }
            _ => return Err((bounds("members", "at least 2"), self.members.span())),
        };
        Ok(RoomGroup { count, members })
    }
}

impl Member {
    fn part(self, name: &Spanned<String>) -> Result<Part, Located> {
        let persona = Persona::by_name(name.get_ref()).ok_or_else(|| {
            let nearest = nearest(name.get_ref(), persona::names());
            (Problem::UnknownPersona { name: name.get_ref().clone(), nearest }, name.span())
        })?;
        let habit = |given: Option<Spanned<String>>, usual| match given {
            None => Ok(usual),
            Some(text) => match duration(&text)? {
                short if short < Duration::from_millis(10) => {
                    Err((bounds("every", "at least 10 ms"), text.span()))
                }
                length => Ok(length),
            },
        };
        Ok(Part {
            persona,
            weight: self.weight,
            every: habit(self.every, persona.usual_interval())?,
            stall: habit(self.stall, Duration::from_secs(2))?,
        })
    }
}

impl Row {
    fn phase(row: Spanned<Self>) -> Result<Phase, Located> {
        let span = row.span();
        let row = row.into_inner();
        let length = duration(&row.r#for)?;
        if length.is_zero() {
            return Err((bounds("for", "longer than nothing"), row.r#for.span()));
        }
        let needs = |kind, needs| (Problem::Phase { kind, needs }, span.clone());
        let shape = match (row.kind, row.rate, row.from, row.to, row.steps, row.peak) {
            (Kind::Constant, Some(rate), None, None, None, None) => Shape::Constant { rate },
            (Kind::Soak, Some(rate), None, None, None, None) => Shape::Soak { rate },
            (Kind::Ramp, None, Some(from), Some(to), None, None) => Shape::Ramp { from, to },
            (Kind::Step, None, Some(from), Some(to), Some(steps @ 2..), None) => {
                Shape::Step { from, to, steps }
            }
            (Kind::Spike, Some(rate), None, None, None, Some(peak)) => Shape::Spike { rate, peak },
            (Kind::Constant, ..) => return Err(needs("constant", "`rate`")),
            (Kind::Soak, ..) => return Err(needs("soak", "`rate`")),
            (Kind::Ramp, ..) => return Err(needs("ramp", "`from` and `to`")),
            (Kind::Step, ..) => {
                return Err(needs("step", "`from`, `to`, and `steps` of 2 or more"));
            }
            (Kind::Spike, ..) => return Err(needs("spike", "`rate` and `peak`")),
        };
        let phase = Phase { shape, length };
        let rates = [phase.first(), phase.last(), phase.peak()];
        if rates.iter().any(|rate| !rate.is_finite() || *rate < 0.0) || phase.peak() <= 0.0 {
            return Err((bounds("rate", "above 0"), span));
        }
        if phase.peak() > FASTEST {
            return Err((Problem::TooFast { rate: phase.peak() }, span));
        }
        Ok(phase)
    }
}

fn slo(text: &Spanned<String>) -> Result<Slo, Located> {
    Slo::parse(text.get_ref()).map_err(|(error, place)| {
        // Inside of the quotes.
        let start = text.span().start + 1;
        (error.into(), start + place.start..start + place.end)
    })
}

fn duration(text: &Spanned<String>) -> Result<Duration, Located> {
    let parsed = text.get_ref().parse::<SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= Duration::from_secs(7 * 86_400))
        .ok_or_else(|| (Problem::Duration(text.get_ref().clone()), text.span()))
}

fn bounds(what: &'static str, bounds: impl Into<String>) -> Problem {
    Problem::Bounds { what, bounds: bounds.into() }
}

fn syntax(text: &str, error: &toml::de::Error) -> Located {
    let span = error.span().unwrap_or(0..text.len().min(1));
    if error.message().starts_with("unknown field") {
        let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']).to_owned();
        let nearest = nearest(&key, KEYS.to_vec());
        return (Problem::UnknownKey { key, nearest }, span);
    }
    (Problem::Syntax(error.message().to_owned()), span)
}

fn nearest(name: &str, known: Vec<&str>) -> Option<String> {
    let scored = known.into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    scored
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .filter(|(likeness, _)| *likeness > 0.75)
        .map(|(_, known)| known.to_owned())
}
