//! The live metrics as a request of OTLP.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::super::buckets::Buckets;
use super::super::registry::{LIVE_METRICS, LiveMetric, Value};
use super::super::totals::Totals;

/// All values count from the start of the run, so that a request that is lost costs no data.
const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

/// The parts that all requests of a run share.
pub(super) struct Requests {
    resource: Resource,
    /// Nanoseconds from the Unix epoch to the start of the run.
    started: u64,
}

impl Requests {
    /// Requests of a run that starts now; `labels` distinguish runs.
    pub(super) fn new(labels: &[(&'static str, String)]) -> Self {
        let service = [
            text("service.name", "hearback".to_owned()),
            text("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        // Prometheus calls it the instance.
        let run = labels.iter().find(|(name, _)| *name == "run");
        let instance = run.map(|(_, name)| text("service.instance.id", name.clone()));
        let labels =
            labels.iter().map(|(name, value)| text(&format!("hearback.{name}"), value.clone()));
        let attributes = service.into_iter().chain(instance).chain(labels).collect();
        Self { resource: Resource { attributes, ..Resource::default() }, started: now() }
    }

    /// The request with these values.
    pub(super) fn request(&self, totals: &Totals) -> ExportMetricsServiceRequest {
        let points = Points { started: self.started, now: now() };
        let scope = InstrumentationScope {
            name: "hearback.load".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let metrics = ScopeMetrics {
            scope: Some(scope),
            metrics: LIVE_METRICS
                .iter()
                .filter_map(|metric| points.metric(metric, totals))
                .collect(),
            ..ScopeMetrics::default()
        };
        ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(self.resource.clone()),
                scope_metrics: vec![metrics],
                ..ResourceMetrics::default()
            }],
        }
    }
}

/// The times of data points, in nanoseconds from the Unix epoch.
struct Points {
    started: u64,
    now: u64,
}

impl Points {
    /// A metric; `None` if it has no values yet.
    fn metric(&self, metric: &LiveMetric, totals: &Totals) -> Option<Metric> {
        let data = match metric.value {
            Value::Histogram(read) => Data::Histogram(Histogram {
                data_points: vec![self.latencies(read(totals))],
                aggregation_temporality: CUMULATIVE,
            }),
            Value::Counter(read) => sum(vec![self.number(integer(read(totals)), Vec::new())])?,
            Value::Counters(read) => sum(self.by_kind(read(totals)))?,
            Value::Gauge(read) => {
                let value = Number::AsDouble(read(totals)?);
                gauge(vec![self.number(value, Vec::new())])?
            }
            Value::Gauges(read) => gauge(self.by_kind(read(totals)))?,
        };
        Some(Metric {
            name: metric.otlp(),
            description: metric.description.to_owned(),
            unit: metric.unit.to_owned(),
            data: Some(data),
            ..Metric::default()
        })
    }

    fn by_kind(&self, counts: Vec<(&'static str, u64)>) -> Vec<NumberDataPoint> {
        let point = |(kind, count): (&str, u64)| {
            self.number(integer(count), vec![text("kind", kind.to_owned())])
        };
        counts.into_iter().map(point).collect()
    }

    fn number(&self, value: Number, attributes: Vec<KeyValue>) -> NumberDataPoint {
        NumberDataPoint {
            attributes,
            start_time_unix_nano: self.started,
            time_unix_nano: self.now,
            value: Some(value),
            ..NumberDataPoint::default()
        }
    }

    fn latencies(&self, buckets: &Buckets) -> HistogramDataPoint {
        HistogramDataPoint {
            start_time_unix_nano: self.started,
            time_unix_nano: self.now,
            count: buckets.count(),
            sum: Some(buckets.sum_s()),
            bucket_counts: buckets.counts().to_vec(),
            explicit_bounds: Buckets::bounds_s().collect(),
            ..HistogramDataPoint::default()
        }
    }
}

fn sum(data_points: Vec<NumberDataPoint>) -> Option<Data> {
    let has_values = !data_points.is_empty();
    has_values.then_some(Data::Sum(Sum {
        data_points,
        aggregation_temporality: CUMULATIVE,
        is_monotonic: true,
    }))
}

fn gauge(data_points: Vec<NumberDataPoint>) -> Option<Data> {
    (!data_points.is_empty()).then_some(Data::Gauge(Gauge { data_points }))
}

fn integer(count: u64) -> Number {
    Number::AsInt(i64::try_from(count).unwrap_or(i64::MAX))
}

fn text(key: &str, value: String) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::StringValue(value)) };
    KeyValue { key: key.to_owned(), value: Some(value), ..KeyValue::default() }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
