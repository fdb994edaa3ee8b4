//! Ids of the embedded scenario files.

use std::fmt;
use std::str::FromStr;

use hearback_contract::UnknownId;

include!(concat!(env!("OUT_DIR"), "/scenario_id.rs"));

impl ScenarioId {
    /// The path of the file below the folder of scenarios.
    pub fn file(self) -> String {
        format!("{self}.yaml")
    }
}

impl fmt::Display for ScenarioId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for ScenarioId {
    type Err = UnknownId;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|id| id.as_str() == name);
        found.ok_or_else(|| UnknownId::new("scenario", name, Self::ALL.map(Self::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_parsed() {
        for id in ScenarioId::ALL {
            assert_eq!(id.to_string().parse::<ScenarioId>().unwrap(), id);
        }
        let unknown = "crowd/coming-and-gone".parse::<ScenarioId>().unwrap_err();
        assert_eq!(unknown.suggestions.names()[0], "crowd/coming-and-going");
    }
}
