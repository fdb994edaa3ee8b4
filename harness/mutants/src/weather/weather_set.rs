//! Sets of weather, and how they are written.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hearback_contract::UnknownId;
use jiff::SignedDuration;

use super::kind::{Amount, Effect, WeatherKind};
use super::kinds::WEATHER;
use super::setup::Setup;

/// Longest duration of a parameter.
const LONGEST: Duration = Duration::from_secs(3600);

/// Error of parsing a set of weather.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WeatherError {
    /// No kind has this id.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// The value of a parameter is invalid.
    #[error("invalid value `{value}` of weather `{id}`: expected {expected}")]
    Value {
        /// The kind.
        id: &'static str,
        /// The value.
        value: String,
        /// The expected values.
        expected: &'static str,
    },
    /// The kind is named twice.
    #[error("weather `{0}` is given twice")]
    Twice(&'static str),
}

/// Kinds of weather with their parameters: `latency=200ms,refresh-rotation`; none by default.
#[derive(Clone, Default)]
pub struct WeatherSet {
    kinds: Vec<(&'static WeatherKind, Option<Amount>)>,
}

impl WeatherSet {
    /// One kind with the default of its parameter.
    pub fn of(kind: &'static WeatherKind) -> Self {
        Self { kinds: vec![(kind, kind.parameter().map(|parameter| parameter.default))] }
    }

    /// The kinds of the set.
    pub fn iter(&self) -> impl Iterator<Item = &'static WeatherKind> {
        self.kinds.iter().map(|(kind, _)| *kind)
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds the kinds of another set.
    ///
    /// # Errors
    /// If both contain the same kind.
    pub fn extend(&mut self, other: Self) -> Result<(), WeatherError> {
        for (kind, amount) in other.kinds {
            if self.iter().any(|own| own.id == kind.id) {
                return Err(WeatherError::Twice(kind.id.as_str()));
            }
            self.kinds.push((kind, amount));
        }
        Ok(())
    }

    /// The parts that a deployment needs.
    pub(super) fn setup(&self) -> Setup {
        let mut setup = Setup::default();
        for (kind, amount) in &self.kinds {
            match (kind.effect, amount) {
                (Effect::Switch(apply), _) => apply(&mut setup),
                (Effect::Time(_, _, apply), Some(Amount::Time(time))) => apply(&mut setup, *time),
                (Effect::Time(_, default, apply), _) => apply(&mut setup, default),
                (Effect::Count(_, _, apply), Some(Amount::Count(count))) => {
                    apply(&mut setup, *count);
                }
                (Effect::Count(_, default, apply), _) => apply(&mut setup, default),
            }
        }
        setup
    }
}

impl FromStr for WeatherSet {
    type Err = WeatherError;

    fn from_str(text: &str) -> Result<Self, WeatherError> {
        let mut set = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (id, value) = match part.split_once('=') {
                Some((id, value)) => (id.trim(), Some(value.trim())),
                None => (part, None),
            };
            let kind = WEATHER.iter().find(|kind| kind.id.as_str() == id).ok_or_else(|| {
                UnknownId::new("weather", id, WEATHER.iter().map(|kind| kind.id.as_str()))
            })?;
            let default = kind.parameter().map(|parameter| parameter.default);
            let amount = value.map(|value| amount(kind, value)).transpose()?.or(default);
            set.extend(Self { kinds: vec![(kind, amount)] })?;
        }
        Ok(set)
    }
}

fn amount(kind: &WeatherKind, value: &str) -> Result<Amount, WeatherError> {
    let (amount, expected) = match kind.effect {
        Effect::Switch(_) => (None, "no value"),
        Effect::Time(..) => {
            let time = value.parse::<SignedDuration>().ok();
            let time = time.and_then(|time| Duration::try_from(time).ok());
            let time = time.filter(|time| !time.is_zero() && *time <= LONGEST);
            (time.map(Amount::Time), "a duration up to one hour, such as 200ms or 5s")
        }
        Effect::Count(..) => {
            let count = value.parse().ok().filter(|count| *count > 0);
            (count.map(Amount::Count), "a number above 0")
        }
    };
    let invalid =
        || WeatherError::Value { id: kind.id.as_str(), value: value.to_owned(), expected };
    amount.ok_or_else(invalid)
}

impl fmt::Display for WeatherSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (kind, amount)) in self.kinds.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{}", kind.id)?;
            if let Some(amount) = amount {
                write!(formatter, "={amount}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for WeatherSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WeatherSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_as_they_are_parsed() {
        let text = "latency=250ms,bad-gateway=7,refresh-rotation,restart=2s";
        assert_eq!(text.parse::<WeatherSet>().unwrap().to_string(), text);
        let defaults: WeatherSet = " latency , bad-gateway ".parse().unwrap();
        assert_eq!(defaults.to_string(), "latency=200ms,bad-gateway=40");
        assert!("".parse::<WeatherSet>().unwrap().is_empty());
    }

    #[test]
    fn every_kind_is_parsed_with_its_default() {
        for kind in &WEATHER {
            let set = WeatherSet::of(kind);
            let again: WeatherSet = set.to_string().parse().unwrap();
            assert_eq!(again.to_string(), set.to_string());
        }
    }

    #[test]
    fn errors_name_the_expected_value() {
        let error = |text: &str| text.parse::<WeatherSet>().unwrap_err().to_string();
        assert!(error("latncy").contains("did you mean `latency`"), "{}", error("latncy"));
        assert_eq!(
            error("latency=fast"),
            "invalid value `fast` of weather `latency`: expected a duration up to one hour, such as 200ms or 5s"
        );
        assert!(error("latency=2h").contains("up to one hour"));
        assert!(error("bad-gateway=0").contains("a number above 0"));
        assert!(error("refresh-rotation=yes").contains("expected no value"));
        assert_eq!(error("latency,latency=1s"), "weather `latency` is given twice");
    }
}
