//! The metrics that service levels may name, and how each is read from a record.

use std::fmt;

use crate::distribution::{Distribution, MetricValue};
use crate::errors::ErrorKind;
use crate::record::LoadRecord;

/// What a metric is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A number of things.
    Count,
    /// A share of all, in percent.
    Percent,
    /// A number of things a second.
    PerSecond,
    /// Processor time a second.
    Cores,
}

/// A row of the registry: one number, or latencies that have several.
#[derive(Debug)]
pub struct MetricFamily {
    /// What it is named by; a latency is followed by a statistic, `delivery.p99`.
    pub id: &'static str,
    /// What it measures, one sentence.
    pub description: &'static str,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Latency(fn(&LoadRecord) -> Distribution),
    Number(Unit, fn(&LoadRecord) -> MetricValue),
}

/// What can be asked of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistic {
    Quantile(f64),
    Mean,
}

/// Statistics by name. A percentile of what partly never came may be never.
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

/// Every metric.
pub const METRICS: &[MetricFamily] = &[
    latency(
        "delivery",
        "Time from when a message was due to be sent to each recipient's having it; lost ones never come.",
        |record| record.latencies.delivery.clone(),
    ),
    latency(
        "last",
        "Time from when a message was due to be sent to the last recipient's having it.",
        |record| record.latencies.last.clone(),
    ),
    latency(
        "service",
        "Time from when a message was really sent to each recipient's having it.",
        |record| record.latencies.service.clone(),
    ),
    latency(
        "own",
        "Time from when a message was due to be sent to the sender's seeing it.",
        |record| record.latencies.own.clone(),
    ),
    latency(
        "connect",
        "Time from when a socket was due to be opened to `connection_established`.",
        |record| record.latencies.connect.clone(),
    ),
    latency("typing", "Time from a `typing` event to each who sees it.", |record| {
        record.latencies.typing.clone()
    }),
    latency("receipt", "Time from a `read_receipt` event to each who sees it.", |record| {
        record.latencies.receipt.clone()
    }),
    latency("rest", "Time of requests, all operations together.", |record| {
        let mut all = Distribution::default();
        record.requests.iter().for_each(|row| all.merge(&row.latency));
        all
    }),
    latency(
        "lag",
        "The generator's own delay, from when a message was due to its being written.",
        |record| record.latencies.lag.clone(),
    ),
    number("lost", Unit::Count, "Deliveries that never came.", |record| {
        of_deliveries(record, record.deliveries.lost)
    }),
    number(
        "lost.share",
        Unit::Percent,
        "Deliveries that never came, of all that had to.",
        |record| share(record.deliveries.lost, record.deliveries.expected),
    ),
    number("duplicate", Unit::Count, "Messages that a connection received again.", |record| {
        of_deliveries(record, record.deliveries.duplicate)
    }),
    number(
        "out_of_order",
        Unit::Count,
        "Deliveries after a later message of the same sender.",
        |record| of_deliveries(record, record.deliveries.out_of_order),
    ),
    number(
        "leaked",
        Unit::Count,
        "Messages that reached a connection of another room.",
        |record| of_deliveries(record, record.deliveries.leaked),
    ),
    number("late", Unit::Count, "Deliveries that came after the profile's bound.", |record| {
        of_deliveries(record, record.deliveries.late)
    }),
    number("damaged", Unit::Count, "Messages whose text was altered.", |record| {
        of_deliveries(record, record.errors.of(ErrorKind::Damaged))
    }),
    number("connect.errors", Unit::Percent, "Openings of sockets that failed, of all.", |record| {
        share(record.errors.sum(ErrorKind::is_of_connecting), record.connections.attempted)
    }),
    number(
        "disconnects",
        Unit::Count,
        "Open connections that the target closed, or that broke.",
        |record| {
            if record.connections.opened == 0 {
                return MetricValue::NoSamples;
            }
            let errors = [ErrorKind::ClosedByTarget, ErrorKind::ConnectionBroken];
            MetricValue::Value(record.errors.sum(|kind| errors.contains(&kind)) as f64)
        },
    ),
    number(
        "send.errors",
        Unit::Percent,
        "Messages that could not be sent when they were due, of all that were due.",
        |record| share(record.errors.sum(ErrorKind::is_of_sending), record.sends.offered),
    ),
    number(
        "rest.errors",
        Unit::Percent,
        "Requests that were refused, or not answered, of all.",
        |record| {
            let failed = record.requests.iter().map(|row| row.failed).sum();
            share(failed, record.requests.iter().map(|row| row.sent).sum())
        },
    ),
    number(
        "error.events",
        Unit::Count,
        "Times that the target answered with an `error` event.",
        |record| {
            if record.sends.sent == 0 {
                return MetricValue::NoSamples;
            }
            MetricValue::Value(record.errors.of(ErrorKind::ErrorEvent) as f64)
        },
    ),
    number(
        "sent.share",
        Unit::Percent,
        "Messages that were sent, of all that were due.",
        |record| share(record.sends.sent, record.sends.offered),
    ),
    number(
        "delivered.rate",
        Unit::PerSecond,
        "Deliveries a second, over the measured phases.",
        |record| {
            let deliveries = record.latencies.delivery.samples();
            match record.measured_s > 0.0 && deliveries > 0 {
                true => MetricValue::Value(deliveries as f64 / record.measured_s),
                false => MetricValue::NoSamples,
            }
        },
    ),
    number(
        "sample.broken",
        Unit::Count,
        "Requirements of the level must that the sampled rooms break.",
        |record| match &record.sample {
            Some(sample) if sample.held > 0 || !sample.broken.is_empty() => {
                MetricValue::Value(sample.broken.len() as f64)
            }
            _ => MetricValue::NoSamples,
        },
    ),
    number("generator.cpu", Unit::Cores, "Processor time of the generator, in cores.", |record| {
        match record.duration_s > 0.0 {
            true => MetricValue::Value(record.generator.cpu_s / record.duration_s),
            false => MetricValue::NoSamples,
        }
    }),
];

const fn latency(
    id: &'static str,
    description: &'static str,
    source: fn(&LoadRecord) -> Distribution,
) -> MetricFamily {
    MetricFamily { id, description, source: Source::Latency(source) }
}

const fn number(
    id: &'static str,
    unit: Unit,
    description: &'static str,
    source: fn(&LoadRecord) -> MetricValue,
) -> MetricFamily {
    MetricFamily { id, description, source: Source::Number(unit, source) }
}

/// A count that says something only if there was anything to count.
fn of_deliveries(record: &LoadRecord, count: u64) -> MetricValue {
    match record.deliveries.expected {
        0 => MetricValue::NoSamples,
        _ => MetricValue::Value(count as f64),
    }
}

fn share(part: u64, whole: u64) -> MetricValue {
    match whole {
        0 => MetricValue::NoSamples,
        _ => MetricValue::Value(100.0 * part as f64 / whole as f64),
    }
}

impl MetricFamily {
    /// What it is given in.
    pub fn unit(&self) -> Unit {
        match self.source {
            Source::Latency(_) => Unit::Milliseconds,
            Source::Number(unit, _) => unit,
        }
    }

    /// The metrics that it stands for.
    pub fn ids(&self) -> Vec<String> {
        match self.source {
            Source::Number(..) => vec![self.id.to_owned()],
            Source::Latency(_) => {
                STATISTICS.iter().map(|(name, _)| format!("{}.{name}", self.id)).collect()
            }
        }
    }
}

/// One number that can be read from a record.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    row: &'static MetricFamily,
    statistic: Option<(&'static str, Statistic)>,
    /// What it is given in.
    pub unit: Unit,
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Metric {
    /// The metric of this name.
    ///
    /// # Errors
    /// If there is none; with the names that are like it.
    pub fn by_id(id: &str) -> Result<Self, UnknownMetric> {
        let of = |row: &'static MetricFamily, statistic| Self { row, statistic, unit: row.unit() };
        for row in METRICS {
            match row.source {
                Source::Number(..) if row.id == id => return Ok(of(row, None)),
                Source::Number(..) => {}
                Source::Latency(_) => {
                    let asked = id.strip_prefix(row.id).and_then(|rest| rest.strip_prefix('.'));
                    let found = STATISTICS.iter().find(|(name, _)| Some(*name) == asked);
                    if let Some(statistic) = found {
                        return Ok(of(row, Some(*statistic)));
                    }
                }
            }
        }
        Err(UnknownMetric::new(id))
    }

    /// Its name.
    pub fn id(&self) -> String {
        match self.statistic {
            None => self.row.id.to_owned(),
            Some((name, _)) => format!("{}.{name}", self.row.id),
        }
    }

    /// Reads it from a record, in its unit.
    pub fn read(&self, record: &LoadRecord) -> MetricValue {
        match self.row.source {
            Source::Number(_, read) => read(record),
            Source::Latency(read) => match self.statistic {
                Some((_, Statistic::Quantile(share))) => read(record).quantile(share),
                Some((_, Statistic::Mean)) => read(record).mean(),
                None => MetricValue::NoSamples,
            },
        }
    }
}

impl Unit {
    /// What stands behind a number.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Milliseconds => " ms",
            Self::Count => "",
            Self::Percent => " %",
            Self::PerSecond => " /s",
            Self::Cores => " cores",
        }
    }

    /// A value in words.
    pub fn shown(self, value: MetricValue) -> String {
        let value = match value {
            MetricValue::NoSamples => return "no samples".to_owned(),
            MetricValue::Never => return "never".to_owned(),
            MetricValue::Value(value) => value,
        };
        let number = match self {
            Self::Count => format!("{value:.0}"),
            Self::Milliseconds if value < 100.0 => format!("{value:.2}"),
            Self::Milliseconds | Self::PerSecond => format!("{value:.0}"),
            Self::Percent if value > 0.0 && value < 0.01 => format!("{value:.4}"),
            Self::Percent | Self::Cores => format!("{value:.2}"),
        };
        format!("{number}{}", self.suffix())
    }
}

/// A name that is no metric's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMetric {
    /// What was asked for.
    pub name: String,
    /// The metric most like it, if one is.
    pub nearest: Option<String>,
}

impl UnknownMetric {
    fn new(name: &str) -> Self {
        let nearest = METRICS
            .iter()
            .flat_map(MetricFamily::ids)
            .map(|id| (strsim::jaro_winkler(name, &id), id))
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .filter(|(likeness, _)| *likeness > 0.75)
            .map(|(_, id)| id);
        Self { name: name.to_owned(), nearest }
    }
}

impl std::error::Error for UnknownMetric {}

impl fmt::Display for UnknownMetric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no metric is called `{}`; ", self.name)?;
        match &self.nearest {
            Some(nearest) => write!(formatter, "did you mean `{nearest}`?"),
            None => {
                let ids: Vec<_> = METRICS.iter().map(|row| row.id).collect();
                write!(formatter, "there is {}", ids.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn every_metric_is_found_by_its_id_and_read_from_a_full_record() {
        let record = made_up::record();
        for id in METRICS.iter().flat_map(MetricFamily::ids) {
            let metric = Metric::by_id(&id).unwrap();
            assert_eq!(metric.id(), id);
            assert_ne!(metric.read(&record), MetricValue::NoSamples, "{id}");
        }
    }

    #[test]
    fn an_empty_record_has_no_samples_of_anything() {
        let record = LoadRecord::default();
        for id in METRICS.iter().flat_map(MetricFamily::ids) {
            assert_eq!(Metric::by_id(&id).unwrap().read(&record), MetricValue::NoSamples, "{id}");
        }
    }

    #[test]
    fn readings_are_shown_with_their_unit() {
        let shown = |unit: Unit, value| unit.shown(MetricValue::Value(value));
        assert_eq!(shown(Unit::Milliseconds, 12.3456), "12.35 ms");
        assert_eq!(shown(Unit::Milliseconds, 1234.5), "1234 ms");
        assert_eq!(shown(Unit::Count, 3.0), "3");
        assert_eq!(shown(Unit::Percent, 0.0012), "0.0012 %");
        assert_eq!(Unit::Count.shown(MetricValue::Never), "never");
    }
}
