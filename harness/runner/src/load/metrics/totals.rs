//! The values of the live metrics.

use hearback_loadtests::Progress;
use hearback_stats::{DeliveryCounts, ErrorCounts, LoadRecord, Second};

use super::buckets::Buckets;

/// Counts since the start of a run, and values of its last second.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Totals {
    pub(super) offered: u64,
    pub(super) sent: u64,
    pub(super) delivered: u64,
    pub(super) requests: u64,
    pub(super) delivery: Buckets,
    pub(super) last: Buckets,
    pub(super) lag: Buckets,
    pub(super) connections: u64,
    pub(super) elapsed_s: f64,
    pub(super) length_s: f64,
    pub(super) generator_cpu: f64,
    /// `None` if the run did not start the process of the server.
    pub(super) server_cpu: Option<f64>,
    errors: ErrorCounts,
    ledger: DeliveryCounts,
}

impl Totals {
    /// Adds the progress of a run.
    pub(in crate::load) fn observe(&mut self, progress: &Progress) {
        match progress {
            Progress::Connecting { open, .. } => self.connections = *open,
            Progress::Running { second, length_s } => {
                self.length_s = *length_s;
                self.add(second);
            }
            Progress::SoFar(record) => self.ledger = record.deliveries,
            Progress::Draining { .. } => {}
        }
    }

    /// Takes over the record of the finished run. Its series begins before the schedule, and is complete.
    pub(super) fn finish(&mut self, record: &LoadRecord) {
        *self = Self { length_s: self.length_s, ..Self::default() };
        record.series.iter().for_each(|second| self.add(second));
        self.ledger = record.deliveries;
    }

    /// Errors by kind.
    pub(super) fn errors(&self) -> Vec<(&'static str, u64)> {
        self.errors.iter().map(|(kind, count)| (kind.id(), count)).collect()
    }

    /// Deliveries by defect.
    pub(super) fn defects(&self) -> Vec<(&'static str, u64)> {
        let DeliveryCounts { lost, duplicate, out_of_order, leaked, late, .. } = self.ledger;
        vec![
            ("lost", lost),
            ("duplicate", duplicate),
            ("out_of_order", out_of_order),
            ("leaked", leaked),
            ("late", late),
        ]
    }

    fn add(&mut self, second: &Second) {
        self.offered += second.offered;
        self.sent += second.sent;
        self.delivered += second.delivered;
        self.requests += second.requests;
        self.errors.merge(&second.errors);
        self.delivery.add(&second.delivery);
        self.last.add(&second.last);
        self.lag.add(&second.lag);
        self.connections = second.connections;
        self.elapsed_s = (second.at_s + second.length_s).max(0.0);
        self.generator_cpu = second.generator_cpu;
        self.server_cpu = second.server_cpu.or(self.server_cpu);
    }
}
