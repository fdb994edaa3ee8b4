//! The registry of live metrics: their names, units and descriptions, and the way each is read.

use super::buckets::Buckets;
use super::totals::Totals;

/// Unit of latencies and durations.
const SECONDS: &str = "s";

/// A metric of a load run that is going on.
#[derive(Clone, Copy, Debug)]
pub struct LiveMetric {
    /// Name without prefix, unit and suffix.
    name: &'static str,
    /// Unit, in the notation of UCUM.
    pub unit: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// The way it is read.
    pub(super) value: Value,
}

/// The way a metric is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A count since the start of the run.
    Counter(fn(&Totals) -> u64),
    /// Counts since the start of the run, by kind.
    Counters(fn(&Totals) -> Vec<(&'static str, u64)>),
    /// A current value; `None` if it is not measured.
    Gauge(fn(&Totals) -> Option<f64>),
    /// Current values, by kind.
    Gauges(fn(&Totals) -> Vec<(&'static str, u64)>),
    /// Latencies since the start of the run.
    Histogram(fn(&Totals) -> &Buckets),
}

impl LiveMetric {
    /// Name of the family in the format of OpenMetrics, without the suffixes of its samples.
    pub fn openmetrics(&self) -> String {
        let unit = if self.is_in_seconds() { "_seconds" } else { "" };
        format!("{}{unit}", self.base())
    }

    /// Names of its samples in the format of OpenMetrics, which are those in Prometheus.
    pub fn samples(&self) -> Vec<String> {
        let suffixes: &[&str] = match self.value {
            Value::Counter(_) | Value::Counters(_) => &["_total"],
            Value::Gauge(_) | Value::Gauges(_) => &[""],
            Value::Histogram(_) => &["_bucket", "_sum", "_count"],
        };
        suffixes.iter().map(|suffix| format!("{}{suffix}", self.openmetrics())).collect()
    }

    /// Name in OTLP. Receivers that translate it for Prometheus, with units and suffixes, arrive at the same samples.
    pub fn otlp(&self) -> String {
        format!("hearback.load.{}", self.name)
    }

    /// Type of the metric.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Counter(_) | Value::Counters(_) => "counter",
            Value::Gauge(_) | Value::Gauges(_) => "gauge",
            Value::Histogram(_) => "histogram",
        }
    }

    /// Name in the format of OpenMetrics, without its unit.
    pub(super) fn base(&self) -> String {
        format!("hearback_load_{}", self.name)
    }

    /// Returns whether it is measured in seconds.
    pub(super) fn is_in_seconds(&self) -> bool {
        self.unit == SECONDS
    }
}

/// All live metrics, in the order of `hearback list live-metrics`.
pub const LIVE_METRICS: &[LiveMetric] = &[
    metric(
        "messages_offered",
        "{message}",
        "Messages that were due.",
        Value::Counter(|totals| totals.offered),
    ),
    metric(
        "messages_sent",
        "{message}",
        "Messages that were written to a socket.",
        Value::Counter(|totals| totals.sent),
    ),
    metric(
        "deliveries",
        "{delivery}",
        "Owed deliveries that arrived.",
        Value::Counter(|totals| totals.delivered),
    ),
    metric(
        "requests",
        "{request}",
        "Requests that were answered.",
        Value::Counter(|totals| totals.requests),
    ),
    metric("errors", "{error}", "Errors by kind.", Value::Counters(Totals::errors)),
    metric(
        "delivery_defects",
        "{delivery}",
        "Deliveries that are lost, duplicate, out of order, leaked or late. During the run, missing deliveries are lost \
         once they are late; after it, those that never arrived.",
        Value::Gauges(Totals::defects),
    ),
    metric(
        "delivery",
        SECONDS,
        "Time from the intended send time of a message to its delivery to each recipient.",
        Value::Histogram(|totals| &totals.delivery),
    ),
    metric(
        "last_delivery",
        SECONDS,
        "Time from the intended send time of a message to its delivery to the last recipient.",
        Value::Histogram(|totals| &totals.last),
    ),
    metric(
        "lag",
        SECONDS,
        "Lag of the generator: time from the intended send time of a message to its actual send time.",
        Value::Histogram(|totals| &totals.lag),
    ),
    metric(
        "connections",
        "{connection}",
        "Open sockets.",
        Value::Gauge(|totals| Some(totals.connections as f64)),
    ),
    metric(
        "elapsed",
        SECONDS,
        "Time since the start of the schedule.",
        Value::Gauge(|totals| Some(totals.elapsed_s)),
    ),
    metric(
        "length",
        SECONDS,
        "Length of the schedule, including its drain.",
        Value::Gauge(|totals| Some(totals.length_s)),
    ),
    metric(
        "generator_cpu_cores",
        "{core}",
        "Processor time of the generator, in cores.",
        Value::Gauge(|totals| Some(totals.generator_cpu)),
    ),
    metric(
        "server_cpu_cores",
        "{core}",
        "Processor time of the embedded server, in cores.",
        Value::Gauge(|totals| totals.server_cpu),
    ),
];

const fn metric(
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    value: Value,
) -> LiveMetric {
    LiveMetric { name, unit, description, value }
}
