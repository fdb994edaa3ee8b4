//! The metrics that service levels and comparisons refer to.

mod registry;
mod unit;

use hearback_contract::UnknownId;

use crate::distribution::Distribution;
use crate::metric_value::MetricValue;
use crate::record::LoadRecord;

pub use registry::METRICS;
pub use unit::Unit;

/// An entry of the registry: a single number, or latencies that have several statistics.
#[derive(Debug)]
pub struct MetricFamily {
    /// Id. In the id of a metric, a statistic follows the id of a latency: `delivery.p99`.
    pub id: &'static str,
    /// Description, one sentence.
    pub description: &'static str,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Latency(fn(&LoadRecord) -> Distribution),
    Number(Unit, fn(&LoadRecord) -> MetricValue),
}

/// A statistic of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistic {
    Quantile(f64),
    Mean,
}

/// Statistics by name.
const STATISTICS: [(&str, Statistic); 8] = [
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

/// A single number that can be read from a record.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    family: &'static MetricFamily,
    statistic: Option<(&'static str, Statistic)>,
    /// Unit of the values.
    pub unit: Unit,
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Metric {
    /// The metric with this id.
    ///
    /// # Errors
    /// If no metric has this id.
    pub fn by_id(id: &str) -> Result<Self, UnknownId> {
        let metric = |family: &'static MetricFamily, statistic| Self {
            family,
            statistic,
            unit: family.unit(),
        };
        for family in METRICS {
            match family.source {
                Source::Number(..) if family.id == id => return Ok(metric(family, None)),
                Source::Number(..) => {}
                Source::Latency(_) => {
                    let name = id.strip_prefix(family.id).and_then(|rest| rest.strip_prefix('.'));
                    let found = STATISTICS.iter().find(|(known, _)| Some(*known) == name);
                    if let Some(statistic) = found {
                        return Ok(metric(family, Some(*statistic)));
                    }
                }
            }
        }
        let ids: Vec<String> = METRICS.iter().flat_map(MetricFamily::ids).collect();
        Err(UnknownId::new("metric", id, ids.iter().map(String::as_str)))
    }

    /// Id of the metric, such as `delivery.p99`.
    pub fn id(&self) -> String {
        match self.statistic {
            None => self.family.id.to_owned(),
            Some((name, _)) => format!("{}.{name}", self.family.id),
        }
    }

    /// Reads the value from a record, in the unit of the metric.
    pub fn read(&self, record: &LoadRecord) -> MetricValue {
        match self.family.source {
            Source::Number(_, read) => read(record),
            Source::Latency(read) => match self.statistic {
                Some((_, Statistic::Quantile(share))) => read(record).quantile(share),
                Some((_, Statistic::Mean)) => read(record).mean(),
                None => MetricValue::NoSamples,
            },
        }
    }
}
