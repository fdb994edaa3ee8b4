//! The metrics that service levels and comparisons refer to.

mod family;
mod registry;
mod unit;

use hearback_contract::UnknownId;

use crate::metric_value::MetricValue;
use crate::record::LoadRecord;

use family::{STATISTICS, Source, Statistic};

pub use family::MetricFamily;
pub use registry::METRICS;
pub use unit::Unit;

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
