//! The metrics and their text format.

use std::fmt::{self, Write as _};

use hearback_loadtests::Progress;
use hearback_stats::{ErrorCounts, Second};

use super::cumulative::Cumulative;

/// Counters since the beginning of a run, and gauges of the last second.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    /// Labels of the run in text format.
    labels: String,
    offered: u64,
    sent: u64,
    delivered: u64,
    requests: u64,
    errors: ErrorCounts,
    delivery: Cumulative,
    last: Cumulative,
    lag: Cumulative,
    connections: u64,
    elapsed_s: f64,
    length_s: f64,
    generator_cpu: f64,
    server_cpu: Option<f64>,
}

impl Exposition {
    pub(super) fn new(labels: &[(&'static str, String)]) -> Self {
        let labels: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        Self { labels: labels.join(","), ..Self::default() }
    }

    /// Updates the metrics.
    pub(crate) fn observe(&mut self, progress: &Progress) {
        match progress {
            Progress::Connecting { open, .. } => self.connections = *open,
            Progress::Running { second, length_s } => {
                self.length_s = *length_s;
                self.add(second);
            }
            _ => {}
        }
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
        self.server_cpu = second.server_cpu;
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        head(text, "hearback_load_info", "gauge", "The run; its value is always 1.")?;
        writeln!(text, "hearback_load_info{{{}}} 1", self.labels)?;
        let counters = [
            ("messages_offered", self.offered, "Messages that were due."),
            ("messages_sent", self.sent, "Messages that were written to a socket."),
            ("deliveries", self.delivered, "Expected deliveries that arrived."),
            ("requests", self.requests, "Requests that got a response."),
        ];
        for (name, value, help) in counters {
            let name = format!("hearback_load_{name}_total");
            head(text, &name, "counter", help)?;
            writeln!(text, "{name} {value}")?;
        }
        let name = "hearback_load_errors_total";
        head(text, name, "counter", "Errors by kind.")?;
        for (kind, times) in self.errors.iter() {
            writeln!(text, "{name}{{kind=\"{}\"}} {times}", kind.id())?;
        }
        let histograms = [
            ("delivery", &self.delivery, "From the intended send to each recipient."),
            ("last_delivery", &self.last, "From the intended send to the last recipient."),
            ("lag", &self.lag, "From the intended to the actual send, caused by the generator."),
        ];
        for (name, latencies, help) in histograms {
            let name = format!("hearback_load_{name}_seconds");
            head(text, &name, "histogram", help)?;
            latencies.write(text, &name)?;
        }
        let gauges = [
            ("connections", Some(self.connections as f64), "Open sockets."),
            ("elapsed_seconds", Some(self.elapsed_s), "Time since the start of the schedule."),
            ("length_seconds", Some(self.length_s), "Length of the schedule with its drain."),
            ("generator_cpu_cores", Some(self.generator_cpu), "Processor time of the generator."),
            ("server_cpu_cores", self.server_cpu, "Processor time of the server, if known."),
        ];
        for (name, value, help) in gauges {
            if let Some(value) = value {
                let name = format!("hearback_load_{name}");
                head(text, &name, "gauge", help)?;
                writeln!(text, "{name} {value}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Exposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text)?;
        formatter.write_str(&text)
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// A label value, escaped for the text format.
fn escaped(value: &str) -> String {
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
            "hearback_load_length_seconds 32".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn every_sample_follows_its_help_and_type() {
        let exposition = Exposition::new(&[]);
        let text = exposition.to_string();
        let mut family = String::new();
        for line in text.lines() {
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
