//! The record of a run, out of what its members left behind.

use std::collections::{BTreeMap, HashSet};

use hearback_history::{CallId, ConnectionId, Event, EventKind, RunEnd, ScenarioName, Sink};
use hearback_stats::ledger::DeliveryCounts;
use hearback_stats::record::{
    Connections, FORMAT, Generator, Latencies, PhaseRecord, ProfileRecord, RoomRecord, Sends,
    SizeRecord,
};
use hearback_stats::{ErrorCounts, LoadRecord, Nanoseconds, SecondaryLatency};

use super::PreparedRun;
use crate::machine;
use crate::profile::Profile;
use crate::swarm::{Swarm, of};

/// Rooms that are named for what went wrong in them.
const WORST: usize = 20;

impl PreparedRun {
    /// The record, but for what the watcher and goose add. `ends` are those of the schedule and of the drain.
    pub(super) fn record(
        &self,
        profile: &Profile,
        swarm: &Swarm,
        end: &RunEnd,
        begin: Nanoseconds,
        ends: (Nanoseconds, Nanoseconds),
    ) -> LoadRecord {
        let seconds = |nanoseconds: Nanoseconds| nanoseconds as f64 / 1e9;
        let (measured_until, finished) = ends;
        let measured_from = swarm.measured_from.load(std::sync::atomic::Ordering::Relaxed);
        let counts = &swarm.counts;
        let now = jiff::Timestamp::now();
        let ago = jiff::SignedDuration::from_nanos(finished.saturating_sub(begin) as i64);
        let mut record = LoadRecord {
            format: FORMAT,
            hearback_version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.options.run.clone(),
            target: self.options.target.rest().to_string(),
            embedded: self.options.embedded,
            seed: self.options.seed,
            started_at: format!("{:.3}", now.checked_sub(ago).unwrap_or(now)),
            profile: self.profile_record(profile),
            end: end.clone(),
            duration_s: seconds(finished.saturating_sub(begin)),
            measured_s: seconds(measured_until.saturating_sub(measured_from)),
            connections: Connections {
                attempted: of(&counts.attempted),
                opened: of(&counts.opened),
                reconnects: of(&counts.reconnects),
                dropped: of(&counts.dropped),
                peak: of(&counts.peak),
            },
            sends: Sends { offered: of(&counts.offered), sent: of(&counts.sent) },
            examples: swarm.examples(),
            generator: Generator {
                cores: machine::cores(),
                peak_memory: machine::peak_memory(),
                descriptors: self.descriptors,
                ..Generator::default()
            },
            ..LoadRecord::default()
        };
        self.add_deliveries(&mut record, swarm, measured_from);
        record
    }

    fn add_deliveries(&self, record: &mut LoadRecord, swarm: &Swarm, measured_from: Nanoseconds) {
        let counters = swarm.counters();
        let mut sizes: BTreeMap<usize, SizeRecord> = BTreeMap::new();
        let mut latencies = Latencies::default();
        let mut rooms = Vec::new();
        for room in &swarm.rooms {
            let ledger = room.ledger.lock();
            let account = ledger.counts();
            let size = sizes.entry(room.class).or_insert_with(|| SizeRecord {
                from: room.class as u64,
                to: room.class as u64 * 2 - 1,
                ..SizeRecord::default()
            });
            size.rooms += 1;
            size.deliveries += account;
            record.deliveries += account;
            for (intended, missing) in ledger.incomplete() {
                if intended >= measured_from {
                    size.delivery.record_never(missing);
                    size.last.record_never(1);
                }
            }
            rooms.push(RoomRecord {
                room: room.id.to_string(),
                members: ledger.members() as u64,
                deliveries: account,
            });
        }
        for (class, seen) in &counters.by_size {
            let size = sizes.entry(*class).or_default();
            size.delivery.merge(&seen.delivery);
            size.last.merge(&seen.last);
            size.errors.merge(&seen.errors);
            latencies.service.merge(&seen.service);
            latencies.own.merge(&seen.own);
        }
        for size in sizes.values() {
            latencies.delivery.merge(&size.delivery);
            latencies.last.merge(&size.last);
        }
        let aside = |aside| counters.secondary.get(&aside).cloned().unwrap_or_default();
        latencies.connect = aside(SecondaryLatency::Connect);
        latencies.typing = aside(SecondaryLatency::Typing);
        latencies.receipt = aside(SecondaryLatency::Receipt);
        latencies.lag = aside(SecondaryLatency::Lag);
        record.latencies = latencies;
        let mut errors = ErrorCounts::default();
        sizes.values().for_each(|size| errors.merge(&size.errors));
        record.errors = errors;
        record.sizes = sizes.into_values().collect();
        rooms.retain(|room| wrong(&room.deliveries) > 0);
        rooms.sort_by_key(|room| std::cmp::Reverse(wrong(&room.deliveries)));
        rooms.truncate(WORST);
        record.worst_rooms = rooms;
    }

    fn profile_record(&self, profile: &Profile) -> ProfileRecord {
        let mut from_s = 0.0;
        let first = profile.phases.first().map_or(0.0, |phase| phase.first());
        let mut phases = Vec::new();
        let mut add = |kind: &str, length: f64, from_rate, to_rate, measured| {
            if length > 0.0 {
                let to_s = from_s + length;
                let kind = kind.to_owned();
                phases.push(PhaseRecord { kind, from_s, to_s, from_rate, to_rate, measured });
                from_s = to_s;
            }
        };
        add("warm-up", profile.warm_up.as_secs_f64(), first, first, false);
        for phase in &profile.phases {
            let length = phase.length.as_secs_f64();
            add(phase.kind(), length, phase.first(), phase.last(), true);
        }
        add("drain", profile.drain.as_secs_f64(), 0.0, 0.0, false);
        ProfileRecord {
            name: profile.name.clone(),
            description: profile.description.clone(),
            duration_scale: profile.duration_scale,
            rooms: self.plan.rooms.len() as u64,
            members: self.plan.members.len() as u64,
            accounts: self.plan.accounts as u64,
            phases,
            late_after_s: profile.late_after.as_secs_f64(),
            text: profile.text.clone(),
        }
    }
}

fn wrong(account: &DeliveryCounts) -> u64 {
    account.lost + account.duplicate + account.out_of_order + account.leaked
}

/// Passes on the events of sampled rooms, and those about the run and its actors.
pub struct SampledRooms {
    scenarios: HashSet<ScenarioName>,
    calls: HashSet<CallId>,
    connections: HashSet<ConnectionId>,
    sink: Box<dyn Sink>,
}

impl SampledRooms {
    /// A filter in front of `sink` for the rooms whose traffic is recorded under `scenarios`.
    pub fn new(scenarios: HashSet<ScenarioName>, sink: Box<dyn Sink>) -> Self {
        Self { scenarios, calls: HashSet::new(), connections: HashSet::new(), sink }
    }

    fn wants(&mut self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Invoked(invocation) => {
                self.scenarios.contains(&invocation.scenario) && self.calls.insert(invocation.call)
            }
            EventKind::Returned { call, .. } | EventKind::Failed { call, .. } => {
                self.calls.remove(call)
            }
            EventKind::Connecting { connection, scenario, .. } => {
                self.scenarios.contains(scenario) && self.connections.insert(*connection)
            }
            EventKind::Connected { connection }
            | EventKind::Sent { connection, .. }
            | EventKind::Received { connection, .. } => self.connections.contains(connection),
            EventKind::ConnectFailed { connection, .. } | EventKind::Closed { connection, .. } => {
                self.connections.remove(connection)
            }
            _ => true,
        }
    }
}

impl Sink for SampledRooms {
    fn accept(&mut self, event: &Event) {
        if self.wants(&event.kind) {
            self.sink.accept(event);
        }
    }
}
