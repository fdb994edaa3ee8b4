//! Combinations of switches: each changes the reference server or its surroundings, and leaves the server correct.

use std::fmt;

use hearback_mutants::{WEATHER, WeatherSet};

/// Largest number of switches in a random combination.
const LARGEST: usize = 3;

/// A switch that leaves the server correct.
#[derive(Clone, Debug)]
pub enum Switch {
    /// One kind of weather.
    Weather(WeatherSet),
}

impl Switch {
    /// Every switch, weather with its default parameter.
    pub fn all() -> Vec<Self> {
        WEATHER.iter().map(|kind| Self::Weather(WeatherSet::of(kind))).collect()
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weather(weather) => weather.fmt(formatter),
        }
    }
}

/// Switches that are on at the same time.
#[derive(Clone, Debug)]
pub struct Combination {
    switches: Vec<Switch>,
}

impl Combination {
    /// The weather of the combination.
    pub fn weather(&self) -> WeatherSet {
        let mut weather = WeatherSet::default();
        for switch in &self.switches {
            match switch {
                // A kind that is given twice counts once.
                Switch::Weather(kind) => drop(weather.extend(kind.clone())),
            }
        }
        weather
    }

    /// Number of switches.
    pub fn len(&self) -> usize {
        self.switches.len()
    }

    /// Returns whether no switch is on.
    pub fn is_empty(&self) -> bool {
        self.switches.is_empty()
    }

    /// Every combination with one switch less; none for a single switch.
    pub(super) fn parts(&self) -> Vec<Self> {
        let without = |index: usize| {
            let mut part = self.clone();
            part.switches.remove(index);
            part
        };
        (0..self.len()).map(without).filter(|part| !part.is_empty()).collect()
    }
}

impl From<Switch> for Combination {
    fn from(switch: Switch) -> Self {
        Self { switches: vec![switch] }
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, switch) in self.switches.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{switch}")?;
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
        Combination { switches: chosen.into_iter().map(|index| switches[index].clone()).collect() }
    };
    (0..count).map(|_| combination()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_depend_on_the_seed_only() {
        let switches = Switch::all();
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
        let pair = Combination { switches };
        assert_eq!(pair.to_string(), "latency=1s,bad-gateway=3");
        assert_eq!(pair.weather().to_string(), pair.to_string());
        let parts: Vec<_> = pair.parts().iter().map(ToString::to_string).collect();
        assert_eq!(parts, ["bad-gateway=3", "latency=1s"]);
        assert!(pair.parts()[0].parts().is_empty());
    }
}
