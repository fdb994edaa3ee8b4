//! Rows of the weather tables.

use std::fmt;
use std::time::Duration;

use super::setup::Setup;

/// Id of a row of [`WEATHER`](super::WEATHER), in kebab case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct WeatherId(&'static str);

impl WeatherId {
    /// The id as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for WeatherId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0)
    }
}

/// A kind of weather that a server can start in.
#[derive(Clone, Copy)]
pub struct WeatherKind {
    /// Stable id.
    pub id: WeatherId,
    /// Behavior of a server in this weather.
    pub description: &'static str,
    /// Effect on a deployment, with the parameter of the kind.
    pub(super) effect: Effect,
}

/// The parameter of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Meaning and unit.
    pub meaning: &'static str,
    /// Value if none is given.
    pub default: Amount,
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A duration, written with a unit: `200ms`, `5s`.
    Time(Duration),
    /// A number.
    Count(u32),
}

/// The change that a kind makes to a setup.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    /// A kind without parameter.
    Switch(fn(&mut Setup)),
    /// A kind with a duration.
    Time(&'static str, Duration, fn(&mut Setup, Duration)),
    /// A kind with a number.
    Count(&'static str, u32, fn(&mut Setup, u32)),
}

impl WeatherKind {
    /// The parameter; `None` for a switch.
    pub fn parameter(&self) -> Option<Parameter> {
        match self.effect {
            Effect::Switch(_) => None,
            Effect::Time(meaning, default, _) => {
                Some(Parameter { meaning, default: Amount::Time(default) })
            }
            Effect::Count(meaning, default, _) => {
                Some(Parameter { meaning, default: Amount::Count(default) })
            }
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Time(time) if time.subsec_millis() == 0 => {
                write!(formatter, "{}s", time.as_secs())
            }
            Self::Time(time) => write!(formatter, "{}ms", time.as_millis()),
        }
    }
}

/// A row of a table.
pub(super) const fn row(
    id: &'static str,
    description: &'static str,
    effect: Effect,
) -> WeatherKind {
    WeatherKind { id: WeatherId(id), description, effect }
}
