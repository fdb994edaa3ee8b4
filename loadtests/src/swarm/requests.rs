//! Statistics of the requests that members make, by operation.

use std::time::Duration;

use hearback_contract::Operation;
use hearback_stats::Distribution;
use hearback_stats::record::RequestRecord;
use indexmap::IndexMap;
use parking_lot::Mutex;

/// Maximum number of rows that wait for a goose user to report them.
const MAX_ROWS: usize = 10_000;

/// A row of goose's tables.
#[derive(Clone, Debug)]
pub(super) struct GooseRow {
    /// An HTTP method, or `WS`.
    pub(super) method: &'static str,
    pub(super) name: &'static str,
    pub(super) latency: Duration,
    pub(super) status: Option<u16>,
    pub(super) failure: Option<String>,
}

/// Statistics of requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    operations: Mutex<IndexMap<Operation, OperationCounters>>,
    rows: Mutex<Vec<GooseRow>>,
}

#[derive(Debug, Default)]
struct OperationCounters {
    sent: u64,
    failed: u64,
    latency: Distribution,
}

impl Requests {
    /// Records a request.
    pub(super) fn record(&self, operation: Operation, row: GooseRow) {
        let mut operations = self.operations.lock();
        let counters = operations.entry(operation).or_default();
        counters.sent += 1;
        counters.failed += u64::from(row.failure.is_some());
        if row.status.is_some() {
            counters.latency.record(row.latency.into());
        }
        drop(operations);
        self.queue(row);
    }

    /// Queues a row for goose, unless too many are waiting.
    pub(super) fn queue(&self, row: GooseRow) {
        let mut rows = self.rows.lock();
        if rows.len() < MAX_ROWS {
            rows.push(row);
        }
    }

    /// Removes all queued rows.
    pub(super) fn take_rows(&self) -> Vec<GooseRow> {
        match self.rows.try_lock() {
            Some(mut rows) if !rows.is_empty() => std::mem::take(&mut rows),
            _ => Vec::new(),
        }
    }

    /// The statistics, sorted by operation.
    pub(crate) fn records(&self) -> Vec<RequestRecord> {
        let operations = self.operations.lock();
        let mut records: Vec<_> = operations
            .iter()
            .map(|(operation, counters)| RequestRecord {
                operation: operation.id().to_owned(),
                sent: counters.sent,
                failed: counters.failed,
                latency: counters.latency.clone(),
            })
            .collect();
        records.sort_by(|left, right| left.operation.cmp(&right.operation));
        records
    }
}
