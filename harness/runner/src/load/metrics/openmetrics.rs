//! The live metrics in the text format of OpenMetrics.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::buckets::Buckets;
use super::registry::{LIVE_METRICS, LiveMetric, Value};
use super::totals::Totals;

/// The metrics with these values; `labels` distinguish runs.
pub(super) fn exposition(labels: &[(&'static str, String)], totals: Totals) -> String {
    let labels: Vec<_> = labels.iter().map(|(name, value)| (*name, escape(value))).collect();
    let mut registry = Registry::default();
    registry.register("hearback_load", "The run", Info::new(labels));
    registry.register_collector(Box::new(Values(totals)));
    let mut text = String::new();
    // A string accepts everything.
    let _written = encode(&mut text, &registry).is_ok();
    text
}

/// The values of all metrics.
#[derive(Debug)]
struct Values(Totals);

impl Collector for Values {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for metric in LIVE_METRICS {
            let unit = metric.is_in_seconds().then_some(Unit::Seconds);
            let name = metric.base();
            let description = metric.description;
            let family =
                encoder.encode_descriptor(&name, description, unit.as_ref(), kind(metric))?;
            encode_samples(family, metric, &self.0)?;
        }
        Ok(())
    }
}

fn encode_samples(
    mut family: MetricEncoder<'_>,
    metric: &LiveMetric,
    totals: &Totals,
) -> fmt::Result {
    match metric.value {
        Value::Counter(read) => {
            family.encode_counter::<NoLabelSet, u64, u64>(&read(totals), None)?;
        }
        Value::Counters(read) => {
            for (kind, count) in read(totals) {
                let labels = [("kind", kind)];
                let mut sample = family.encode_family(&labels)?;
                sample.encode_counter::<NoLabelSet, u64, u64>(&count, None)?;
            }
        }
        Value::Gauge(read) => {
            read(totals).map_or(Ok(()), |value| family.encode_gauge(&value))?;
        }
        Value::Gauges(read) => {
            for (kind, count) in read(totals) {
                family.encode_family(&[("kind", kind)])?.encode_gauge(&(count as f64))?;
            }
        }
        Value::Histogram(read) => {
            let latencies = read(totals);
            // The crate writes the largest number as infinity.
            let bounds = Buckets::bounds_s().chain([f64::MAX]);
            let buckets: Vec<_> = bounds.zip(latencies.counts().iter().copied()).collect();
            let (sum, count) = (latencies.sum_s(), latencies.count());
            family.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
    }
    Ok(())
}

fn kind(metric: &LiveMetric) -> MetricType {
    match metric.value {
        Value::Counter(_) | Value::Counters(_) => MetricType::Counter,
        Value::Gauge(_) | Value::Gauges(_) => MetricType::Gauge,
        Value::Histogram(_) => MetricType::Histogram,
    }
}

/// Escapes a label value, which the crate does not.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use hearback_loadtests::Progress;
    use hearback_testkit::load::example_record;

    use super::*;

    fn lines_of_example() -> Vec<String> {
        let record = example_record();
        let mut totals = Totals::default();
        for second in &record.series {
            totals.observe(&Progress::Running { second: Box::new(second.clone()), length_s: 32.0 });
        }
        totals.observe(&Progress::SoFar(Box::new(record)));
        let text = exposition(&[("run", "a\"b\\\n".to_owned())], totals);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn counters_add_up_over_a_run() {
        let (record, lines) = (example_record(), lines_of_example());
        let received = record.deliveries.received;
        for line in [
            "hearback_load_info{run=\"a\\\"b\\\\\\n\"} 1".to_owned(),
            format!("hearback_load_messages_offered_total {}", record.sends.offered),
            format!("hearback_load_deliveries_total {received}"),
            format!("hearback_load_delivery_seconds_count {received}"),
            format!("hearback_load_delivery_seconds_bucket{{le=\"+Inf\"}} {received}"),
            format!("hearback_load_delivery_defects{{kind=\"lost\"}} {}.0", record.deliveries.lost),
            "hearback_load_errors_total{kind=\"error_event\"} 3".to_owned(),
            "hearback_load_connections 250.0".to_owned(),
            "hearback_load_length_seconds 32.0".to_owned(),
        ] {
            assert!(lines.contains(&line), "{line}\n{lines:#?}");
        }
    }

    #[test]
    fn every_metric_has_the_samples_that_the_registry_names() {
        let lines = lines_of_example();
        for metric in LIVE_METRICS {
            for name in metric.samples() {
                let is_sample = |line: &String| {
                    line.strip_prefix(&name).is_some_and(|rest| rest.starts_with([' ', '{']))
                };
                assert!(lines.iter().any(is_sample), "{name}\n{lines:#?}");
            }
        }
    }

    #[test]
    fn every_sample_follows_its_help_and_type() {
        let text = exposition(&[], Totals::default());
        let mut family = String::new();
        let lines = text.strip_suffix("# EOF\n").unwrap().lines();
        for line in lines {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                family = rest.split(' ').next().unwrap().to_owned();
            } else if let Some(rest) =
                line.strip_prefix("# TYPE ").or_else(|| line.strip_prefix("# UNIT "))
            {
                assert!(rest.starts_with(&format!("{family} ")), "{line}");
            } else {
                assert!(line.starts_with(&*family), "{line}");
                assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
            }
        }
    }
}
