//! The record of a run, assembled from its ledgers and counters.

use std::collections::BTreeMap;

use hearback_history::{Nanoseconds, RunEnd};
use hearback_stats::record::{
    Connections, FORMAT, Generator, Latencies, PhaseRecord, ProfileRecord, RoomRecord, Sends,
    SharedRoomsRecord, SizeRecord, keep_worst,
};
use hearback_stats::{ErrorCounts, LoadRecord, SecondaryLatency};

use super::PreparedRun;
use crate::machine;
use crate::profile::Profile;
use crate::swarm::{Swarm, load};

impl PreparedRun {
    /// The record of a finished run, without the additions of the watcher and of goose. `ends` are the ends of the measured
    /// phases and of the drain.
    pub(super) fn record(
        &self,
        profile: &Profile,
        swarm: &Swarm,
        end: &RunEnd,
        begin: Nanoseconds,
        ends: (Nanoseconds, Nanoseconds),
    ) -> LoadRecord {
        let mut record = self.figures(profile, swarm, begin, ends);
        record.end = end.clone();
        self.add_deliveries(&mut record, swarm, None);
        record
    }

    /// The record of a run that is going on, as if it were interrupted now. Missing deliveries are lost once they are late.
    pub(super) fn record_so_far(
        &self,
        profile: &Profile,
        swarm: &Swarm,
        begin: Nanoseconds,
        now: Nanoseconds,
    ) -> LoadRecord {
        let measured_until = now.max(swarm.measured_from());
        let mut record = self.figures(profile, swarm, begin, (measured_until, now));
        record.end = RunEnd::Interrupted;
        record.requests = swarm.requests.records();
        self.add_deliveries(&mut record, swarm, Some(now));
        record
    }

    fn figures(
        &self,
        profile: &Profile,
        swarm: &Swarm,
        begin: Nanoseconds,
        ends: (Nanoseconds, Nanoseconds),
    ) -> LoadRecord {
        let (measured_until, finished) = ends;
        let measured_from = swarm.measured_from();
        let counts = &swarm.counts;
        let now = jiff::Timestamp::now();
        let ago = jiff::SignedDuration::from_nanos((finished - begin).get() as i64);
        LoadRecord {
            format: FORMAT,
            hearback_version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.options.run.clone(),
            target: self.options.target.rest().to_string(),
            embedded: self.options.embedded,
            seed: self.options.seed,
            started_at: format!("{:.3}", now.checked_sub(ago).unwrap_or(now)),
            profile: self.profile_record(profile),
            duration_s: (finished - begin).as_secs_f64(),
            measured_s: (measured_until - measured_from).as_secs_f64(),
            connections: Connections {
                attempted: load(&counts.attempted),
                opened: load(&counts.opened),
                reconnects: load(&counts.reconnects),
                dropped: load(&counts.dropped),
                peak: load(&counts.peak),
            },
            sends: Sends { offered: load(&counts.offered), sent: load(&counts.sent) },
            examples: swarm.examples(),
            generator: Generator {
                cores: machine::cores(),
                peak_memory: machine::peak_memory(),
                descriptors: self.descriptors,
                ..Generator::default()
            },
            ..LoadRecord::default()
        }
    }

    /// Adds what the ledgers and counters say, at `now` if the run is going on.
    fn add_deliveries(&self, record: &mut LoadRecord, swarm: &Swarm, now: Option<Nanoseconds>) {
        let measured_from = swarm.measured_from();
        let counters = swarm.counters();
        let mut sizes: BTreeMap<usize, SizeRecord> = BTreeMap::new();
        let mut latencies = Latencies::default();
        let mut rooms = Vec::new();
        let mut shared = SharedRoomsRecord::default();
        for room in &swarm.rooms {
            let ledger = room.ledger.lock();
            let counts = now.map_or_else(|| ledger.counts(), |now| ledger.counts_so_far(now));
            let size = sizes.entry(room.class).or_insert_with(|| SizeRecord {
                from: room.class as u64,
                to: room.class as u64 * 2 - 1,
                ..SizeRecord::default()
            });
            size.rooms += u64::from(ledger.share().part == 0);
            size.deliveries += counts;
            record.deliveries += counts;
            if let Some((across, lost)) = ledger.across() {
                shared.rooms += u64::from(ledger.share().part == 0);
                shared.deliveries += across;
                shared.latency.record_never(lost);
            }
            for (intended, missing) in ledger.overdue(now.unwrap_or(Nanoseconds::MAX)) {
                if intended >= measured_from {
                    size.delivery.record_never(missing);
                    size.last.record_never(1);
                }
            }
            rooms.push(RoomRecord {
                room: room.id.to_string(),
                members: ledger.members() as u64,
                deliveries: counts,
            });
        }
        for (class, counted) in &counters.by_size {
            let size = sizes.entry(*class).or_default();
            size.delivery.merge(&counted.delivery);
            size.last.merge(&counted.last);
            size.errors.merge(&counted.errors);
            latencies.service.merge(&counted.service);
            latencies.own.merge(&counted.own);
        }
        for size in sizes.values() {
            latencies.delivery.merge(&size.delivery);
            latencies.last.merge(&size.last);
        }
        let secondary = |kind| counters.secondary.get(&kind).cloned().unwrap_or_default();
        latencies.connect = secondary(SecondaryLatency::Connect);
        latencies.typing = secondary(SecondaryLatency::Typing);
        latencies.receipt = secondary(SecondaryLatency::Receipt);
        latencies.lag = secondary(SecondaryLatency::Lag);
        record.latencies = latencies;
        if self.plan.shared_rooms() > 0 {
            shared.latency.merge(&secondary(SecondaryLatency::Across));
            record.shared_rooms = Some(shared);
        }
        let mut errors = ErrorCounts::default();
        sizes.values().for_each(|size| errors.merge(&size.errors));
        record.errors = errors;
        record.sizes = sizes.into_values().collect();
        keep_worst(&mut rooms);
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
            rooms: self.plan.own_rooms() as u64,
            members: self.plan.members.len() as u64,
            accounts: self.plan.accounts as u64,
            phases,
            late_after_s: profile.late_after.as_secs_f64(),
            text: profile.text.clone(),
        }
    }
}
