//! The metrics of a load run, and their text format.

use std::fmt;
use std::sync::atomic::AtomicU64;

use hearback_loadtests::Progress;
use hearback_stats::Second;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::histogram::LatencyHistogram;

type Cores = Gauge<f64, AtomicU64>;
type Seconds = Gauge<f64, AtomicU64>;

/// Counters since the start of a run, and gauges of the last second.
#[derive(Debug, Default)]
pub(in crate::load) struct Exposition {
    registry: Registry,
    offered: Counter,
    sent: Counter,
    delivered: Counter,
    requests: Counter,
    errors: Family<[(&'static str, &'static str); 1], Counter>,
    delivery: LatencyHistogram,
    last: LatencyHistogram,
    lag: LatencyHistogram,
    connections: Gauge,
    elapsed_s: Seconds,
    length_s: Seconds,
    generator_cpu: Cores,
    /// Registered when the processor time of the server is known.
    server_cpu: Option<Cores>,
}

impl Exposition {
    pub(super) fn new(labels: &[(&'static str, String)]) -> Self {
        let labels: Vec<_> = labels.iter().map(|(name, value)| (*name, escape(value))).collect();
        let mut exposition = Self::default();
        exposition.registry.register("hearback_load", "The run", Info::new(labels));
        exposition.register_counters();
        exposition.register_histograms();
        exposition.register_gauges();
        exposition
    }

    fn register_counters(&mut self) {
        let counters = [
            ("messages_offered", &self.offered, "Messages that were due"),
            ("messages_sent", &self.sent, "Messages that were written to a socket"),
            ("deliveries", &self.delivered, "Owed deliveries that arrived"),
            ("requests", &self.requests, "Requests that were answered"),
        ];
        for (name, counter, help) in counters {
            self.registry.register(format!("hearback_load_{name}"), help, counter.clone());
        }
        self.registry.register("hearback_load_errors", "Errors by kind", self.errors.clone());
    }

    fn register_histograms(&mut self) {
        let histograms = [
            ("delivery", &self.delivery, "Time from the intended send time to each recipient"),
            ("last_delivery", &self.last, "Time from the intended send time to the last recipient"),
            ("lag", &self.lag, "Time from the intended to the actual send time"),
        ];
        for (name, histogram, help) in histograms {
            let name = format!("hearback_load_{name}_seconds");
            self.registry.register(name, help, histogram.clone());
        }
    }

    fn register_gauges(&mut self) {
        let registry = &mut self.registry;
        registry.register("hearback_load_connections", "Open sockets", self.connections.clone());
        let gauges = [
            ("elapsed_seconds", &self.elapsed_s, "Time since the start of the schedule"),
            ("length_seconds", &self.length_s, "Length of the schedule, including its drain"),
            ("generator_cpu_cores", &self.generator_cpu, "Processor time of the generator"),
        ];
        for (name, gauge, help) in gauges {
            registry.register(format!("hearback_load_{name}"), help, gauge.clone());
        }
    }

    /// Updates the metrics.
    pub(in crate::load) fn observe(&mut self, progress: &Progress) {
        match progress {
            Progress::Connecting { open, .. } => {
                self.connections.set(i64::try_from(*open).unwrap_or(i64::MAX));
            }
            Progress::Running { second, length_s } => {
                self.length_s.set(*length_s);
                self.add(second);
            }
            Progress::SoFar(_) | Progress::Draining { .. } => {}
        }
    }

    fn add(&mut self, second: &Second) {
        self.offered.inc_by(second.offered);
        self.sent.inc_by(second.sent);
        self.delivered.inc_by(second.delivered);
        self.requests.inc_by(second.requests);
        for (kind, count) in second.errors.iter() {
            self.errors.get_or_create(&[("kind", kind.id())]).inc_by(count);
        }
        self.delivery.add(&second.delivery);
        self.last.add(&second.last);
        self.lag.add(&second.lag);
        self.connections.set(i64::try_from(second.connections).unwrap_or(i64::MAX));
        self.elapsed_s.set((second.at_s + second.length_s).max(0.0));
        self.generator_cpu.set(second.generator_cpu);
        if let Some(cores) = second.server_cpu {
            let registry = &mut self.registry;
            let gauge = self.server_cpu.get_or_insert_with(|| {
                let (gauge, help) = (Cores::default(), "Processor time of the server");
                registry.register("hearback_load_server_cpu_cores", help, gauge.clone());
                gauge
            });
            gauge.set(cores);
        }
    }
}

/// The text format of OpenMetrics.
impl fmt::Display for Exposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode(formatter, &self.registry)
    }
}

/// Escapes a label value, which the crate does not.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;

    use super::*;

    #[test]
    fn counters_add_up_over_a_run() {
        let record = example_record();
        let mut exposition = Exposition::new(&[("run", "a\"b\\\n".to_owned())]);
        for second in &record.series {
            exposition
                .observe(&Progress::Running { second: Box::new(second.clone()), length_s: 32.0 });
        }
        let text = exposition.to_string();
        for line in [
            "hearback_load_info{run=\"a\\\"b\\\\\\n\"} 1".to_owned(),
            format!("hearback_load_messages_offered_total {}", record.sends.offered),
            format!("hearback_load_deliveries_total {}", record.deliveries.received),
            format!("hearback_load_delivery_seconds_count {}", record.deliveries.received),
            "hearback_load_errors_total{kind=\"error_event\"} 3".to_owned(),
            "hearback_load_connections 250".to_owned(),
            "hearback_load_length_seconds 32.0".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn every_sample_follows_its_help_and_type() {
        let exposition = Exposition::new(&[]);
        let text = exposition.to_string();
        let mut family = String::new();
        let lines = text.strip_suffix("# EOF\n").unwrap().lines();
        for line in lines {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                family = rest.split(' ').next().unwrap().to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                assert!(rest.starts_with(&format!("{family} ")), "{line}");
            } else {
                assert!(line.starts_with(&*family), "{line}");
                assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
            }
        }
    }
}
