//! The record of a run from those of its workers.

use hearback_history::RunEnd;
use hearback_loadtests::judge_lag;
use hearback_runner::load::Specification;
use hearback_stats::LoadRecord;
use hearback_stats::record::WorkerRecord;

use super::clocks::WorkerClock;
use super::state::{Stage, Worker};

/// Merges the records of some workers, by index. `end` is the end that the coordinator decided, if it ended the run early.
pub(super) fn merged(
    specification: &Specification,
    workers: &[Worker],
    clocks: &[WorkerClock],
    records: Vec<(usize, LoadRecord)>,
    end: Option<RunEnd>,
) -> LoadRecord {
    let details = workers.iter().enumerate().map(|(index, worker)| {
        let record = records.iter().find(|(of, _)| *of == index).map(|(_, record)| record);
        detail(worker, clocks.get(index), record)
    });
    let details = details.collect();
    let named = records.into_iter().map(|(index, mut record)| {
        let number = workers[index].number;
        for reason in &mut record.invalid_reasons {
            *reason = format!("worker {number}: {reason}");
        }
        // Whether there are enough messages depends on all of them.
        record.notes.clear();
        record
    });
    let merged = LoadRecord::merged(named.collect());
    let mut record = merged.unwrap_or_else(|| specification.aborted(String::new()));
    if let Some(end) = end {
        record.end = end;
    }
    let rooms = workers.iter().map(|worker| worker.own_rooms).sum();
    let failures: Vec<_> = workers.iter().filter_map(|worker| worker.failure(rooms)).collect();
    if !failures.is_empty() && record.end != RunEnd::Interrupted {
        record.end = RunEnd::Aborted { reason: failures.join("; ") };
    }
    if record.invalid_reasons.is_empty() {
        judge_lag(&mut record, specification.profile.lag_bound);
    }
    record.workers = details;
    record
}

fn detail(
    worker: &Worker,
    clock: Option<&WorkerClock>,
    record: Option<&LoadRecord>,
) -> WorkerRecord {
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    let end = match (&worker.stage, record) {
        (Stage::Failed(reason), _) => RunEnd::Aborted { reason: reason.clone() },
        (_, Some(record)) => record.end.clone(),
        (_, None) => RunEnd::Interrupted,
    };
    WorkerRecord {
        number: worker.number as u64,
        host: worker.host.clone(),
        rooms: worker.rooms.len() as u64,
        members: worker.members as u64,
        end,
        late_ms: clock.map(|_| milliseconds(worker.late.get())),
        clock_error_ms: clock.and_then(|clock| clock.error).map(|it| milliseconds(it.get())),
        lag_p99_ms: record.and_then(|record| record.latencies.lag.quantile(0.99).value()),
        cpu_s: record.map_or(0.0, |record| record.generator.cpu_s),
    }
}
