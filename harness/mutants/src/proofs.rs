//! The last proof of each switch: a file beside the tables, which `hearback prove --record` writes.

use std::collections::BTreeMap;

use hearback_contract::ReadingId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fault_id::FaultId;
use crate::weather::WeatherId;

const EMBEDDED: &str = include_str!("../proofs.json");

/// Something that a run of `hearback prove` shows to be caught, or to be tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// The requirement that a fault breaks caught it.
    Fault(FaultId),
    /// Nothing was blamed under a reading.
    Reading(ReadingId),
    /// Nothing was blamed in a kind of weather.
    Weather(WeatherId),
}

/// The run that last proved a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Day of the run.
    pub date: Date,
    /// Version of hearback.
    pub version: String,
    /// Seed of the run.
    pub seed: u64,
}

/// The last proof of each switch, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proofs {
    faults: BTreeMap<String, Proof>,
    readings: BTreeMap<String, Proof>,
    weather: BTreeMap<String, Proof>,
}

impl Proofs {
    /// The proofs when this version was built.
    pub fn embedded() -> Self {
        // A test parses the file; a listing without proofs is better than none.
        serde_json::from_str(EMBEDDED).unwrap_or_default()
    }

    /// The last proof of a switch.
    pub fn of(&self, proven: Proven) -> Option<&Proof> {
        match proven {
            Proven::Fault(id) => self.faults.get(id.as_str()),
            Proven::Reading(id) => self.readings.get(id.as_str()),
            Proven::Weather(id) => self.weather.get(id.as_str()),
        }
    }

    /// Replaces the proof of a switch.
    pub fn record(&mut self, proven: Proven, proof: Proof) {
        let (proofs, id) = match proven {
            Proven::Fault(id) => (&mut self.faults, id.as_str()),
            Proven::Reading(id) => (&mut self.readings, id.as_str()),
            Proven::Weather(id) => (&mut self.weather, id.as_str()),
        };
        proofs.insert(id.to_owned(), proof);
    }

    /// Removes the proofs of switches that exist no more.
    pub fn retain_known(&mut self) {
        let is_fault = |id: &str| crate::FAULTS.iter().any(|fault| fault.id.as_str() == id);
        let is_weather = |id: &str| crate::WEATHER.iter().any(|kind| kind.id.as_str() == id);
        self.faults.retain(|id, _| is_fault(id));
        self.readings.retain(|id, _| id.parse::<ReadingId>().is_ok());
        self.weather.retain(|id, _| is_weather(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_valid_and_names_only_switches_that_exist() {
        let proofs: Proofs = serde_json::from_str(EMBEDDED).unwrap();
        let mut known = proofs.clone();
        known.retain_known();
        assert_eq!(known, proofs);
        let mut faults = crate::FAULTS.iter().map(|fault| Proven::Fault(fault.id));
        assert!(faults.any(|fault| proofs.of(fault).is_some()), "no fault was ever proven");
    }

    #[test]
    fn a_later_proof_replaces_an_earlier_one_and_unknown_ids_are_dropped() {
        let text =
            r#"{"faults": {"no/such-fault": {"date": "2026-01-01", "version": "0", "seed": 1}}}"#;
        let mut proofs: Proofs = serde_json::from_str(text).unwrap();
        let proven = Proven::Reading(ReadingId::DeleteStatus204);
        let proof =
            |seed| Proof { date: Date::constant(2026, 1, 2), version: "1".to_owned(), seed };
        proofs.record(proven, proof(1));
        proofs.record(proven, proof(2));
        proofs.retain_known();
        assert_eq!(proofs.of(proven), Some(&proof(2)));
        assert!(proofs.faults.is_empty());
    }
}
