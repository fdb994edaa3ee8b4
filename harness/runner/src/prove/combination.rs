//! Combinations of switches: each changes the reference server or its surroundings, and leaves the server correct.

use std::fmt;

use hearback_contract::{ReadingId, ambiguity};
use hearback_mutants::{ReadingSet, Switches, WEATHER, WeatherSet};

/// Largest number of switches in a random combination.
const LARGEST: usize = 3;

/// A switch that leaves the server correct.
#[derive(Clone, Debug)]
pub enum Switch {
    /// One kind of weather.
    Weather(WeatherSet),
    /// One reading.
    Reading(ReadingId),
}

impl Switch {
    /// Every kind of weather, with its default parameter.
    pub fn weather() -> Vec<Self> {
        WEATHER.iter().map(|kind| Self::Weather(WeatherSet::of(kind))).collect()
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weather(weather) => weather.fmt(formatter),
            Self::Reading(reading) => reading.fmt(formatter),
        }
    }
}

/// Switches that are on at the same time.
#[derive(Clone, Debug)]
pub struct Combination {
    switches: Vec<Switch>,
    /// Seed of its run, if it has one of its own.
    pub seed: Option<u64>,
}

impl Combination {
    /// The switches of the server.
    pub fn switches(&self) -> Switches {
        let mut weather = WeatherSet::default();
        let mut readings = Vec::new();
        for switch in &self.switches {
            match switch {
                // A kind that is given twice counts once.
                Switch::Weather(kind) => drop(weather.extend(kind.clone())),
                Switch::Reading(reading) => readings.push(*reading),
            }
        }
        // There is one reading per question, so none contradicts another.
        let readings = ReadingSet::new(readings).unwrap_or_default();
        Switches { readings, weather, ..Switches::default() }
    }

    /// Number of switches.
    pub fn len(&self) -> usize {
        self.switches.len()
    }

    /// Returns whether no switch is on.
    pub fn is_empty(&self) -> bool {
        self.switches.is_empty()
    }

    /// The switch, if there is only one.
    pub(super) fn only(&self) -> Option<&Switch> {
        match self.switches.as_slice() {
            [switch] => Some(switch),
            _ => None,
        }
    }

    /// The halves of a large combination, and every combination with one switch less; none for a single switch.
    pub(super) fn parts(&self) -> Vec<Self> {
        let of = |switches: Vec<Switch>| Self { switches, seed: self.seed };
        let without = |index: usize| {
            let mut switches = self.switches.clone();
            switches.remove(index);
            of(switches)
        };
        let (first, second) = self.switches.split_at(self.len() / 2);
        let halves = [first, second].map(|half| of(half.to_vec()));
        let halves = halves.into_iter().filter(|_| self.len() > LARGEST);
        halves.chain((0..self.len()).map(without)).filter(|part| !part.is_empty()).collect()
    }
}

impl From<Switch> for Combination {
    fn from(switch: Switch) -> Self {
        Self { switches: vec![switch], seed: None }
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, switch) in self.switches.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{switch}")?;
        }
        if let Some(seed) = self.seed {
            write!(formatter, " (seed {seed})")?;
        }
        Ok(())
    }
}

/// Random combinations of two or three different switches, which depend on the seed only.
pub fn combinations(switches: &[Switch], count: usize, seed: u64) -> Vec<Combination> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut combination = || {
        let size = random.usize(2..=LARGEST);
        let chosen = random.choose_multiple(0..switches.len(), size);
        let switches = chosen.into_iter().map(|index| switches[index].clone()).collect();
        Combination { switches, seed: None }
    };
    (0..count).map(|_| combination()).collect()
}

/// Correct servers with a random reading of every question, up to two kinds of weather, and seeds of their own.
pub fn correct_servers(count: usize, seed: u64) -> Vec<Combination> {
    const MOST_WEATHER: usize = 2;
    let weather = Switch::weather();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut server = || {
        let answers = ambiguity::all().iter().filter_map(|row| random.choice(row.readings));
        let readings = answers.filter(|reading| !reading.is_reference);
        let mut switches: Vec<_> = readings.map(|it| Switch::Reading(it.id)).collect();
        let kinds = random.usize(0..=MOST_WEATHER);
        let chosen = random.choose_multiple(0..weather.len(), kinds);
        switches.extend(chosen.into_iter().map(|index| weather[index].clone()));
        Combination { switches, seed: Some(u64::from(random.u32(..))) }
    };
    (0..count).map(|_| server()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_depend_on_the_seed_only() {
        let switches = Switch::weather();
        assert_eq!(switches.len(), WEATHER.len());
        let texts = |seed| -> Vec<_> {
            combinations(&switches, 5, seed).iter().map(ToString::to_string).collect()
        };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
        let sizes: Vec<_> = combinations(&switches, 20, 3).iter().map(Combination::len).collect();
        assert!(sizes.contains(&2) && sizes.contains(&3), "{sizes:?}");
        assert!(sizes.iter().all(|size| (2..=3).contains(size)), "{sizes:?}");
    }

    #[test]
    fn parts_lack_one_switch() {
        let switches: Vec<_> =
            ["latency=1s", "bad-gateway=3"].map(|it| Switch::Weather(it.parse().unwrap())).into();
        let pair = Combination { switches, seed: None };
        assert_eq!(pair.to_string(), "latency=1s,bad-gateway=3");
        assert_eq!(pair.switches().weather.to_string(), pair.to_string());
        let parts: Vec<_> = pair.parts().iter().map(ToString::to_string).collect();
        assert_eq!(parts, ["bad-gateway=3", "latency=1s"]);
        assert!(pair.parts()[0].parts().is_empty());
    }

    #[test]
    fn correct_servers_have_readings_weather_and_seeds_and_are_halved() {
        let servers = correct_servers(20, 1);
        let texts: Vec<_> = servers.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            correct_servers(20, 1).iter().map(ToString::to_string).collect::<Vec<_>>()
        );
        assert!(texts.iter().all(|text| text.contains("(seed ")), "{texts:?}");
        assert!(servers.iter().any(|server| !server.switches().weather.to_string().is_empty()));
        for server in servers {
            assert!(server.switches().readings.iter().count() > 10);
            let halves: usize = server.parts().iter().take(2).map(Combination::len).sum();
            assert_eq!(halves, server.len());
        }
    }
}
