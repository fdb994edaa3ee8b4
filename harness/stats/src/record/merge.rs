//! The record of a run that several workers performed together.

use std::collections::BTreeMap;

use hearback_history::RunEnd;

use super::{ErrorExample, LoadRecord, RequestRecord, RoomRecord, SampleRecord, SizeRecord};
use crate::ledger::DeliveryCounts;
use crate::series::Second;

/// Maximum number of rooms that are listed with their delivery counts.
const WORST_ROOMS: usize = 20;
/// Maximum number of examples of each kind of error.
const EXAMPLES: usize = 3;

impl LoadRecord {
    /// The record of a run from those of its workers; `None` without any.
    ///
    /// Every delivery belongs to one worker, so that counts and histograms are exact sums. Results of service levels are
    /// not: evaluate them afterwards.
    pub fn merged(records: Vec<Self>) -> Option<Self> {
        let mut records = records.into_iter();
        let mut merged = records.next()?;
        let mut series = vec![std::mem::take(&mut merged.series)];
        for mut record in records {
            series.push(std::mem::take(&mut record.series));
            merged.merge(&record);
        }
        merged.series = merged_series(&series);
        Some(merged)
    }

    /// Adds the measurements of another worker of the same run, without its series.
    fn merge(&mut self, other: &Self) {
        self.profile.rooms += other.profile.rooms;
        self.profile.members += other.profile.members;
        self.profile.accounts += other.profile.accounts;
        self.end = worse(&self.end, &other.end);
        self.invalid_reasons.extend(other.invalid_reasons.iter().cloned());
        self.notes.extend(other.notes.iter().cloned());
        self.duration_s = self.duration_s.max(other.duration_s);
        self.measured_s = self.measured_s.max(other.measured_s);
        self.merge_counts(other);
        self.merge_latencies(other);
        self.errors.merge(&other.errors);
        self.examples = examples(&self.examples, &other.examples);
        self.sizes = sizes(&self.sizes, &other.sizes);
        self.worst_rooms = worst_rooms(&self.worst_rooms, &other.worst_rooms);
        self.shared_rooms = match (self.shared_rooms.take(), &other.shared_rooms) {
            (Some(mut own), Some(other)) => {
                own.merge(other);
                Some(own)
            }
            (own, other) => own.or_else(|| other.clone()),
        };
        self.requests = requests(&self.requests, &other.requests);
        self.sample = match (self.sample.take(), &other.sample) {
            (None, other) => other.clone(),
            (own, None) => own,
            (Some(own), Some(other)) => Some(sample(own, other)),
        };
    }

    fn merge_counts(&mut self, other: &Self) {
        let (own, more) = (&mut self.connections, &other.connections);
        own.attempted += more.attempted;
        own.opened += more.opened;
        own.reconnects += more.reconnects;
        own.dropped += more.dropped;
        own.peak += more.peak;
        self.sends.offered += other.sends.offered;
        self.sends.sent += other.sends.sent;
        self.deliveries += other.deliveries;
        let (own, more) = (&mut self.generator, &other.generator);
        own.cpu_s += more.cpu_s;
        own.cores = own.cores.max(more.cores);
        own.peak_memory += more.peak_memory;
        own.descriptors += more.descriptors;
        own.lag_bound_ms = own.lag_bound_ms.max(more.lag_bound_ms);
        own.server_cpu_s = own.server_cpu_s.or(more.server_cpu_s);
    }

    fn merge_latencies(&mut self, other: &Self) {
        let (own, more) = (&mut self.latencies, &other.latencies);
        own.delivery.merge(&more.delivery);
        own.last.merge(&more.last);
        own.service.merge(&more.service);
        own.own.merge(&more.own);
        own.connect.merge(&more.connect);
        own.typing.merge(&more.typing);
        own.receipt.merge(&more.receipt);
        own.lag.merge(&more.lag);
    }
}

/// Sorts rooms by their failures, and drops those without any and those beyond a maximum.
pub fn keep_worst(rooms: &mut Vec<RoomRecord>) {
    rooms.retain(|room| failures(&room.deliveries) > 0);
    rooms.sort_by_key(|room| std::cmp::Reverse(failures(&room.deliveries)));
    rooms.truncate(WORST_ROOMS);
}

/// The worst rooms of two workers, which can share some.
fn worst_rooms(own: &[RoomRecord], other: &[RoomRecord]) -> Vec<RoomRecord> {
    let mut merged: Vec<RoomRecord> = own.to_vec();
    for room in other {
        match merged.iter_mut().find(|known| known.room == room.room) {
            Some(known) => {
                known.members += room.members;
                known.deliveries += room.deliveries;
            }
            None => merged.push(room.clone()),
        }
    }
    keep_worst(&mut merged);
    merged
}

fn failures(counts: &DeliveryCounts) -> u64 {
    counts.lost + counts.duplicate + counts.out_of_order + counts.leaked
}

/// The end that says most about a run: an abort, then an interruption.
fn worse(own: &RunEnd, other: &RunEnd) -> RunEnd {
    match (own, other) {
        (RunEnd::Aborted { .. }, _) | (_, RunEnd::Completed) => own.clone(),
        _ => other.clone(),
    }
}

fn examples(own: &[ErrorExample], other: &[ErrorExample]) -> Vec<ErrorExample> {
    let mut merged: Vec<ErrorExample> = own.to_vec();
    for example in other {
        let of_kind = merged.iter().filter(|it| it.kind == example.kind).count();
        if of_kind < EXAMPLES && !merged.contains(example) {
            merged.push(example.clone());
        }
    }
    merged.sort_by_key(|example| example.kind);
    merged
}

fn sizes(own: &[SizeRecord], other: &[SizeRecord]) -> Vec<SizeRecord> {
    let mut merged: BTreeMap<u64, SizeRecord> = BTreeMap::new();
    for size in own.iter().chain(other) {
        let sum = merged.entry(size.from).or_insert_with(|| SizeRecord {
            from: size.from,
            to: size.to,
            ..SizeRecord::default()
        });
        sum.rooms += size.rooms;
        sum.deliveries += size.deliveries;
        sum.delivery.merge(&size.delivery);
        sum.last.merge(&size.last);
        sum.errors.merge(&size.errors);
    }
    merged.into_values().collect()
}

fn requests(own: &[RequestRecord], other: &[RequestRecord]) -> Vec<RequestRecord> {
    let mut merged: BTreeMap<&str, RequestRecord> = BTreeMap::new();
    for request in own.iter().chain(other) {
        let sum = merged.entry(&request.operation).or_insert_with(|| RequestRecord {
            operation: request.operation.clone(),
            ..RequestRecord::default()
        });
        sum.sent += request.sent;
        sum.failed += request.failed;
        sum.latency.merge(&request.latency);
    }
    merged.into_values().collect()
}

/// The seconds of all workers, which begin within milliseconds of each other.
///
/// One second after the other, since a histogram is far larger than its encoded form.
fn merged_series(series: &[Vec<Second>]) -> Vec<Second> {
    let mut numbered: BTreeMap<i64, Vec<Vec<&Second>>> = BTreeMap::new();
    for worker in series {
        // Two seconds of a worker can round to the same number; they follow each other.
        let mut own: BTreeMap<i64, Vec<&Second>> = BTreeMap::new();
        for second in worker {
            own.entry(second.at_s.round() as i64).or_default().push(second);
        }
        for (number, seconds) in own {
            numbered.entry(number).or_default().push(seconds);
        }
    }
    numbered.into_values().map(|workers| Second::merged(&workers)).collect()
}

fn sample(own: SampleRecord, other: &SampleRecord) -> SampleRecord {
    let mut broken = own.broken;
    for finding in &other.broken {
        match broken.iter_mut().find(|it| it.requirement == finding.requirement) {
            Some(known) => known.findings += finding.findings,
            None => broken.push(finding.clone()),
        }
    }
    SampleRecord {
        rooms: own.rooms + other.rooms,
        events: own.events + other.events,
        // The same requirements are checked in every room.
        held: own.held.max(other.held),
        broken,
    }
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use proptest::prelude::*;

    use super::*;
    use crate::distribution::{Distribution, HistogramSnapshot};
    use crate::errors::ErrorKind;

    /// A delivery that some worker measured.
    #[derive(Clone, Debug)]
    struct Measured {
        worker: usize,
        second: u8,
        size: u64,
        latency_us: u64,
        is_lost: bool,
    }

    fn measured() -> impl Strategy<Value = Measured> {
        let latency = 1..10_000_000_u64;
        (0..4_usize, 0..5_u8, 1..3_u32, latency, prop::bool::weighted(0.1)).prop_map(
            |(worker, second, size, latency_us, is_lost)| Measured {
                worker,
                second,
                size: 1 << size,
                latency_us,
                is_lost,
            },
        )
    }

    /// The record of some deliveries.
    fn record(deliveries: &[Measured]) -> LoadRecord {
        let mut record = LoadRecord::default();
        let mut seconds: BTreeMap<u8, (u64, Distribution)> = BTreeMap::new();
        let mut sizes: BTreeMap<u64, SizeRecord> = BTreeMap::new();
        for one in deliveries {
            let size = sizes.entry(one.size).or_insert_with(|| SizeRecord {
                from: one.size,
                to: one.size * 2 - 1,
                ..SizeRecord::default()
            });
            record.deliveries.expected += 1;
            if one.is_lost {
                record.deliveries.lost += 1;
                record.latencies.delivery.record_never(1);
                size.delivery.record_never(1);
                continue;
            }
            let latency = Nanoseconds::new(one.latency_us * 1000);
            record.deliveries.received += 1;
            record.latencies.delivery.record(latency);
            size.delivery.record(latency);
            let (delivered, of_second) = seconds.entry(one.second).or_default();
            *delivered += 1;
            of_second.record(latency);
            record.errors.add(ErrorKind::Damaged, u64::from(one.latency_us % 7 == 0));
        }
        record.sizes = sizes.into_values().collect();
        record.series = seconds
            .into_iter()
            .map(|(at, (delivered, delivery))| Second {
                at_s: f64::from(at),
                length_s: 1.0,
                delivered,
                delivery: HistogramSnapshot::from(&delivery),
                ..Second::default()
            })
            .collect();
        record
    }

    proptest! {
        #[test]
        fn workers_together_have_the_record_of_one(all in prop::collection::vec(measured(), 0..200)) {
            let parts = (0..4).map(|worker| {
                let own: Vec<_> = all.iter().filter(|one| one.worker == worker).cloned().collect();
                record(&own)
            });
            prop_assert_eq!(LoadRecord::merged(parts.collect()), Some(record(&all)));
        }
    }

    #[test]
    fn the_end_that_says_most_remains() {
        let aborted = RunEnd::Aborted { reason: "gone".to_owned() };
        for (own, other, merged) in [
            (RunEnd::Completed, RunEnd::Completed, RunEnd::Completed),
            (RunEnd::Completed, RunEnd::Interrupted, RunEnd::Interrupted),
            (aborted.clone(), RunEnd::Interrupted, aborted.clone()),
            (RunEnd::Interrupted, aborted.clone(), aborted.clone()),
        ] {
            assert_eq!(worse(&own, &other), merged);
        }
    }

    #[test]
    fn the_worst_rooms_of_all_workers_are_kept() {
        let room = |worker, lost| RoomRecord {
            room: format!("room-{worker}-{lost}"),
            members: 2,
            deliveries: DeliveryCounts { lost, ..DeliveryCounts::default() },
        };
        let of = |worker: u8, rooms: Vec<u64>| LoadRecord {
            worst_rooms: rooms.into_iter().map(|lost| room(worker, lost)).collect(),
            ..LoadRecord::default()
        };
        let merged =
            LoadRecord::merged(vec![of(1, (1..=20).collect()), of(2, (11..=30).collect())]);
        let merged = merged.unwrap();
        let lost: Vec<_> = merged.worst_rooms.iter().map(|room| room.deliveries.lost).collect();
        assert_eq!((lost.len(), lost[0], lost[19]), (WORST_ROOMS, 30, 16));
    }

    #[test]
    fn a_room_of_several_workers_is_listed_once() {
        let of = |lost| LoadRecord {
            worst_rooms: vec![RoomRecord {
                room: "shared".to_owned(),
                members: 2,
                deliveries: DeliveryCounts { lost, ..DeliveryCounts::default() },
            }],
            ..LoadRecord::default()
        };
        let rooms = LoadRecord::merged(vec![of(3), of(4)]).unwrap().worst_rooms;
        let figures: Vec<_> = rooms.iter().map(|it| (it.members, it.deliveries.lost)).collect();
        assert_eq!(figures, [(4, 7)]);
    }
}
