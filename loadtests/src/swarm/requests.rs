//! The requests that members make, by operation.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_stats::Distribution;
use hearback_stats::record::RequestRecord;
use indexmap::IndexMap;
use parking_lot::Mutex;

/// Rows that wait for a goose user to put them into goose's tables.
const WAITING: usize = 10_000;

/// A row for goose's tables.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// An HTTP method, or `WS`.
    pub(crate) method: &'static str,
    pub(crate) name: &'static str,
    pub(crate) latency: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) failure: Option<String>,
}

/// Latencies and failures of requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    tallies: Mutex<IndexMap<Operation, RequestTally>>,
    rows: Mutex<Vec<Row>>,
}

#[derive(Debug, Default)]
struct RequestTally {
    sent: u64,
    failed: u64,
    latency: Distribution,
}

impl Requests {
    /// Notes a request.
    pub(crate) fn note(&self, operation: Operation, row: Row) {
        let mut tallies = self.tallies.lock();
        let counters = tallies.entry(operation).or_default();
        counters.sent += 1;
        counters.failed += u64::from(row.failure.is_some());
        if row.status.is_some() {
            counters.latency.record(u64::try_from(row.latency.as_nanos()).unwrap_or(u64::MAX));
        }
        drop(tallies);
        self.queue(row);
    }

    /// Keeps a row until a goose user takes it.
    pub(super) fn queue(&self, row: Row) {
        let mut rows = self.rows.lock();
        if rows.len() < WAITING {
            rows.push(row);
        }
    }

    /// The rows that goose has not seen.
    pub(super) fn take_rows(&self) -> Vec<Row> {
        match self.rows.try_lock() {
            Some(mut rows) if !rows.is_empty() => std::mem::take(&mut rows),
            _ => Vec::new(),
        }
    }

    /// What is told of them.
    pub(crate) fn records(&self) -> Vec<RequestRecord> {
        let tallies = self.tallies.lock();
        let mut records: Vec<_> = tallies
            .iter()
            .map(|(operation, counters)| RequestRecord {
                operation: operation.id().to_owned(),
                sent: counters.sent,
                failed: counters.failed,
                latency: counters.latency.clone(),
            })
            .collect();
        records.sort_by(|one, other| one.operation.cmp(&other.operation));
        records
    }
}
