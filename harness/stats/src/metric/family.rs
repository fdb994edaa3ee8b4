//! Entries of the registry of metrics.

use super::Unit;
use crate::distribution::Distribution;
use crate::metric_value::MetricValue;
use crate::record::LoadRecord;

/// An entry of the registry: a single number, or latencies that have several statistics.
#[derive(Debug)]
pub struct MetricFamily {
    /// Id. In the id of a metric, a statistic follows the id of a latency: `delivery.p99`.
    pub id: &'static str,
    /// Description, one sentence.
    pub description: &'static str,
    pub(super) source: Source,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Latency(fn(&LoadRecord) -> Distribution),
    Number(Unit, fn(&LoadRecord) -> MetricValue),
}

/// A statistic of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    Quantile(f64),
    Mean,
}

/// Statistics by name.
pub(super) const STATISTICS: [(&str, Statistic); 8] = [
    ("p50", Statistic::Quantile(0.5)),
    ("p75", Statistic::Quantile(0.75)),
    ("p90", Statistic::Quantile(0.9)),
    ("p95", Statistic::Quantile(0.95)),
    ("p99", Statistic::Quantile(0.99)),
    ("p999", Statistic::Quantile(0.999)),
    ("max", Statistic::Quantile(1.0)),
    ("mean", Statistic::Mean),
];

impl MetricFamily {
    /// Unit of the metrics.
    pub fn unit(&self) -> Unit {
        match self.source {
            Source::Latency(_) => Unit::Milliseconds,
            Source::Number(unit, _) => unit,
        }
    }

    /// Ids of the metrics.
    pub fn ids(&self) -> Vec<String> {
        match self.source {
            Source::Number(..) => vec![self.id.to_owned()],
            Source::Latency(_) => {
                STATISTICS.iter().map(|(name, _)| format!("{}.{name}", self.id)).collect()
            }
        }
    }
}
