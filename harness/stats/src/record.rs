//! The record of a finished load run: the JSON that is kept, and what reports and comparisons are made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::errors::ErrorCounts;
use crate::ledger::DeliveryCounts;
use crate::series::Second;
use crate::slo::{Slo, SloResult};

/// The version of the record's own shape; it grows when a member changes its meaning or goes.
pub const FORMAT: u32 = 1;

/// Everything that is told of a load run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadRecord {
    /// The version of this shape.
    pub format: u32,
    /// The version of hearback that made the run.
    pub hearback_version: String,
    /// Name of the run; its rooms carry it.
    pub run: String,
    /// Base URL of the target, without credentials.
    pub target: String,
    /// Whether the target is the embedded server, in its own process on the same machine.
    pub embedded: bool,
    /// Seed of everything random.
    pub seed: u64,
    /// Wall-clock time of the start of the schedule, RFC 3339.
    pub started_at: String,
    /// What was asked for.
    pub profile: ProfileRecord,
    /// How the run ended.
    pub end: End,
    /// Why the figures say nothing about the target; the run is valid if there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_reasons: Vec<String>,
    /// From the start of the schedule to the end of the drain, in seconds.
    pub duration_s: f64,
    /// How long messages counted for the latencies were due, in seconds: without warm-up and drain.
    pub measured_s: f64,
    /// Sockets.
    pub connections: Connections,
    /// Messages.
    pub sends: Sends,
    /// What became of the deliveries, all rooms together, warm-up included.
    pub deliveries: DeliveryCounts,
    /// Latencies, without warm-up.
    pub latencies: Latencies,
    /// What went wrong, warm-up included.
    pub errors: ErrorCounts,
    /// Texts of what went wrong, the first ones of each kind: bounded, escaped, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<ErrorExample>,
    /// By the size of rooms, the smallest first.
    pub sizes: Vec<SizeRecord>,
    /// The rooms with the most lost, doubled, disordered and leaked deliveries, the worst first; those
    /// without any are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worst_rooms: Vec<RoomRecord>,
    /// Requests, by operation.
    pub requests: Vec<RequestRecord>,
    /// Second by second; its distributions are packed, since there can be many thousands of them.
    pub series: Vec<Second>,
    /// The generator itself.
    pub generator: Generator,
    /// Rooms whose whole traffic was judged by the rules of `check`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleRecord>,
    /// What the search for the capacity found; the rest of the record is then its last trial that met the
    /// service levels, or the first trial if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityRecord>,
    /// The service levels.
    pub slos: Vec<SloResult>,
}

/// A profile as it was carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What all durations were multiplied with.
    pub duration_scale: f64,
    /// Rooms.
    pub rooms: u64,
    /// Members of all rooms: sockets that are open in the steady state.
    pub members: u64,
    /// Accounts used.
    pub accounts: u64,
    /// The phases, in order.
    pub phases: Vec<PhaseRecord>,
    /// After this long a delivery is late, in seconds.
    pub late_after_s: f64,
    /// The profile's text.
    pub text: String,
}

/// A phase of the schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// Its kind: `constant`, `ramp`, `step`, `spike`, `soak`; `warm-up` and `drain` stand at the ends.
    pub kind: String,
    /// Seconds from the start of the schedule.
    pub from_s: f64,
    /// Seconds from the start of the schedule.
    pub to_s: f64,
    /// Messages a second at its beginning.
    pub from_rate: f64,
    /// Messages a second at its end.
    pub to_rate: f64,
    /// Whether messages due in it count for the latencies.
    pub measured: bool,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// The whole schedule was carried out.
    #[default]
    Completed,
    /// Somebody stopped it.
    Interrupted,
    /// It could not go on.
    Aborted {
        /// Why.
        reason: String,
    },
}

/// Sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// Openings tried, reconnects included.
    pub attempted: u64,
    /// Those that reached `connection_established`.
    pub opened: u64,
    /// Those of them that were reconnects.
    pub reconnects: u64,
    /// Connections that a persona dropped on purpose.
    pub dropped: u64,
    /// Most of them open at once.
    pub peak: u64,
}

/// Messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sends {
    /// Those that were due.
    pub offered: u64,
    /// Those that were written to a socket.
    pub sent: u64,
}

/// Latencies. All but those of connecting and the lag are of the measured phases only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    /// To each recipient, from the intended time; what was lost never came.
    pub delivery: Distribution,
    /// To the last recipient, from the intended time; a message that somebody lost was never complete.
    pub last: Distribution,
    /// To each recipient, from the send itself.
    pub service: Distribution,
    /// To the sender, from the intended time.
    pub own: Distribution,
    /// From the intended time of an opening to `connection_established`.
    pub connect: Distribution,
    /// From a `typing` event to each who saw it.
    pub typing: Distribution,
    /// From a `read_receipt` event to each who saw it.
    pub receipt: Distribution,
    /// From the intended time of a send to its write: the generator's own doing.
    pub lag: Distribution,
}

/// An example of what went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorExample {
    /// Which kind.
    pub kind: crate::errors::ErrorKind,
    /// What was said.
    pub text: String,
}

/// Rooms of about one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SizeRecord {
    /// Fewest members of a room of this class.
    pub from: u64,
    /// Most members of a room of this class.
    pub to: u64,
    /// Rooms.
    pub rooms: u64,
    /// What became of their deliveries.
    pub deliveries: DeliveryCounts,
    /// To each recipient, from the intended time.
    pub delivery: Distribution,
    /// To the last recipient, from the intended time.
    pub last: Distribution,
    /// What went wrong.
    pub errors: ErrorCounts,
}

/// One room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRecord {
    /// Its id at the target.
    pub room: String,
    /// Its members.
    pub members: u64,
    /// What became of its deliveries.
    pub deliveries: DeliveryCounts,
}

/// Requests for one operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The operation's id, as in `hearback list operations`.
    pub operation: String,
    /// Requests sent.
    pub sent: u64,
    /// Those that were refused, throttled or not answered.
    pub failed: u64,
    /// From the request to the end of its answer.
    pub latency: Distribution,
}

/// The generator itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Processor time used, in seconds.
    pub cpu_s: f64,
    /// Processors of the machine.
    pub cores: u64,
    /// Most memory resident, in bytes.
    pub peak_memory: u64,
    /// Descriptors allowed.
    pub descriptors: u64,
    /// The lag above which the run is void, in milliseconds, at the 99th percentile.
    pub lag_bound_ms: f64,
    /// Processor time of the server, where it is a process that the run started, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpu_s: Option<f64>,
}

/// What the rules of `check` say of the sampled rooms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord {
    /// Rooms whose whole traffic was kept.
    pub rooms: u64,
    /// Frames and requests kept.
    pub events: u64,
    /// Requirements that held.
    pub held: u64,
    /// Requirements of the level *must* that are broken, with the first finding of each.
    pub broken: Vec<SampleFinding>,
}

/// A requirement that is broken under load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFinding {
    /// The requirement's id.
    pub requirement: String,
    /// The requirement itself.
    pub statement: String,
    /// What was found, in words.
    pub finding: String,
    /// How many findings there are.
    pub findings: u64,
}

/// What the search for the capacity found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CapacityRecord {
    /// What was varied: `rate`, in messages a second, or `members`, in sockets.
    pub variable: String,
    /// The highest value that met the service levels each time it was tried, but for a single miss that did not
    /// come again; `limit` tells of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<f64>,
    /// The lowest value that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<f64>,
    /// The lowest value that the generator could not do, where that is below what broke: the target may hold
    /// more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator_limit: Option<f64>,
    /// How often each end was to be confirmed.
    pub confirmations: u64,
    /// Why the search says less than it was asked, if it does: an end that is not known, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Every trial, in order.
    pub trials: Vec<Trial>,
}

/// One trial of the search for the capacity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// What was tried.
    pub value: f64,
    /// What came of it.
    pub outcome: LoadOutcome,
    /// The service levels.
    pub slos: Vec<SloResult>,
    /// Why it is void, if it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_reasons: Vec<String>,
    /// Why it could not go on, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted: Option<String>,
}

impl Trial {
    /// Why it came out as it did, in words; nothing if it met every service level.
    pub fn reasons(&self) -> Vec<String> {
        let missed = self.slos.iter().filter(|slo| slo.is_missed());
        let missed = missed.map(|slo| format!("{}: {}", slo.slo, slo.measured));
        match self.outcome {
            LoadOutcome::Met => Vec::new(),
            // What was measured then says nothing.
            LoadOutcome::Invalid => self.invalid_reasons.clone(),
            _ => self.aborted.iter().cloned().chain(missed).collect(),
        }
    }
}

/// What comes of a run; decides the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadOutcome {
    /// Every service level is met.
    Met,
    /// One is not.
    NotMet,
    /// The run says nothing about the target: the generator did not keep its schedule.
    Invalid,
    /// The run could not finish, or the search for the capacity ended where the generator does.
    Incomplete,
    /// Nothing was sent, or nothing was demanded.
    #[default]
    NothingMeasured,
}

/// In words.
impl fmt::Display for LoadOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::Invalid => "invalid",
            Self::Incomplete => "incomplete",
            Self::NothingMeasured => "nothing measured",
        })
    }
}

impl LoadRecord {
    /// Holds the record against service levels.
    pub fn evaluate(&mut self, slos: &[Slo]) {
        self.slos = slos.iter().map(|slo| slo.evaluate(self)).collect();
    }

    /// What comes of it.
    pub fn outcome(&self) -> LoadOutcome {
        let is_cut_short =
            self.capacity.as_ref().is_some_and(|capacity| capacity.generator_limit.is_some());
        if self.end != End::Completed || is_cut_short {
            LoadOutcome::Incomplete
        } else if !self.invalid_reasons.is_empty() {
            LoadOutcome::Invalid
        } else if self.sends.sent == 0 || self.slos.is_empty() {
            LoadOutcome::NothingMeasured
        } else if self.slos.iter().all(|slo| slo.met == Some(true)) {
            LoadOutcome::Met
        } else {
            LoadOutcome::NotMet
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn a_record_survives_json() {
        let record = made_up::record();
        let text = serde_json::to_string_pretty(&record).unwrap();
        let read: LoadRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(read.latencies, record.latencies);
        assert_eq!(read.sizes, record.sizes);
        assert_eq!((&read.deliveries, &read.errors), (&record.deliveries, &record.errors));
        assert_eq!((read.outcome(), read.series.len()), (record.outcome(), record.series.len()));
        let keys = |text: &str| text.matches("\":").count();
        assert_eq!(keys(&serde_json::to_string(&read).unwrap()), keys(&text));
    }

    #[test]
    fn a_trial_says_why_it_came_out_as_it_did() {
        let slos = made_up::record().slos;
        let trial = |outcome| Trial {
            outcome,
            slos: slos.clone(),
            invalid_reasons: vec!["late".to_owned()],
            aborted: Some("gone".to_owned()),
            ..Trial::default()
        };
        assert!(trial(LoadOutcome::Met).reasons().is_empty());
        assert_eq!(trial(LoadOutcome::Invalid).reasons(), ["late"]);
        let reasons = trial(LoadOutcome::Incomplete).reasons();
        assert_eq!(reasons, ["gone", "delivery.p99 < 250 ms: 311 ms", "lost = 0: 12"]);
    }

    #[test]
    fn what_is_worth_less_decides_first() {
        let mut record = made_up::record();
        record.slos.retain(|slo| !slo.is_missed());
        assert_eq!(record.outcome(), LoadOutcome::Met);
        record.capacity.as_mut().unwrap().generator_limit = Some(130.0);
        assert_eq!(record.outcome(), LoadOutcome::Incomplete);
        record.capacity.as_mut().unwrap().generator_limit = None;
        record.slos[0].met = Some(false);
        assert_eq!(record.outcome(), LoadOutcome::NotMet);
        record.sends.sent = 0;
        assert_eq!(record.outcome(), LoadOutcome::NothingMeasured);
        record.invalid_reasons.push("too slow".to_owned());
        assert_eq!(record.outcome(), LoadOutcome::Invalid);
        record.end = End::Interrupted;
        assert_eq!(record.outcome(), LoadOutcome::Incomplete);
    }
}
