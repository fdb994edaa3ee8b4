//! The registry of metrics, and the way each is read from a record.

use super::Unit;
use super::family::{MetricFamily, Source};
use crate::distribution::Distribution;
use crate::errors::ErrorKind;
use crate::metric_value::MetricValue;
use crate::record::LoadRecord;

/// All metrics, in the order of `hearback list metrics`.
pub const METRICS: &[MetricFamily] = &[
    latency(
        "delivery",
        "Time from the intended send time of a message to its delivery to each recipient. Lost deliveries never arrive.",
        |record| record.latencies.delivery.clone(),
    ),
    latency(
        "last",
        "Time from the intended send time of a message to its delivery to the last recipient.",
        |record| record.latencies.last.clone(),
    ),
    latency(
        "service",
        "Time from the actual send time of a message to its delivery to each recipient.",
        |record| record.latencies.service.clone(),
    ),
    latency(
        "own",
        "Time from the intended send time of a message to its delivery to the sender.",
        |record| record.latencies.own.clone(),
    ),
    latency(
        "connect",
        "Time from the intended time of a connection attempt to `connection_established`.",
        |record| record.latencies.connect.clone(),
    ),
    latency("typing", "Time from a `typing` event to its delivery to each member.", |record| {
        record.latencies.typing.clone()
    }),
    latency(
        "receipt",
        "Time from a `read_receipt` event to its delivery to each member.",
        |record| record.latencies.receipt.clone(),
    ),
    latency("rest", "Duration of requests, over all operations.", |record| {
        let mut all = Distribution::default();
        record.requests.iter().for_each(|request| all.merge(&request.latency));
        all
    }),
    latency(
        "lag",
        "Lag of the generator: time from the intended send time of a message to its actual send time.",
        |record| record.latencies.lag.clone(),
    ),
    number("lost", Unit::Count, "Owed deliveries that never arrived.", |record| {
        of_deliveries(record, record.deliveries.lost)
    }),
    number(
        "lost.share",
        Unit::Percent,
        "Owed deliveries that never arrived, in percent.",
        |record| share(record.deliveries.lost, record.deliveries.expected),
    ),
    number(
        "duplicate",
        Unit::Count,
        "Messages that a connection received more than once.",
        |record| of_deliveries(record, record.deliveries.duplicate),
    ),
    number(
        "out_of_order",
        Unit::Count,
        "Deliveries that arrived after a later message of the same sender.",
        |record| of_deliveries(record, record.deliveries.out_of_order),
    ),
    number(
        "leaked",
        Unit::Count,
        "Messages delivered to a connection of another room.",
        |record| of_deliveries(record, record.deliveries.leaked),
    ),
    number(
        "late",
        Unit::Count,
        "Deliveries that took longer than the profile's `late_after`.",
        |record| of_deliveries(record, record.deliveries.late),
    ),
    number("damaged", Unit::Count, "Messages whose text was altered.", |record| {
        of_deliveries(record, record.errors.of(ErrorKind::Damaged))
    }),
    number(
        "connect.errors",
        Unit::Percent,
        "Connection attempts that failed, in percent.",
        |record| {
            share(record.errors.sum(ErrorKind::is_connect_error), record.connections.attempted)
        },
    ),
    number(
        "disconnects",
        Unit::Count,
        "Open connections that the target closed, or that broke.",
        |record| {
            if record.connections.opened == 0 {
                return MetricValue::NoSamples;
            }
            let kinds = [ErrorKind::ClosedByTarget, ErrorKind::ConnectionBroken];
            MetricValue::Value(record.errors.sum(|kind| kinds.contains(&kind)) as f64)
        },
    ),
    number(
        "send.errors",
        Unit::Percent,
        "Messages that could not be sent when they were due, in percent.",
        |record| share(record.errors.sum(ErrorKind::is_send_error), record.sends.offered),
    ),
    number(
        "rest.errors",
        Unit::Percent,
        "Requests that were rejected or not answered, in percent.",
        |record| {
            let failed = record.requests.iter().map(|request| request.failed).sum();
            share(failed, record.requests.iter().map(|request| request.sent).sum())
        },
    ),
    number("error.events", Unit::Count, "`error` events received.", |record| {
        if record.sends.sent == 0 {
            return MetricValue::NoSamples;
        }
        MetricValue::Value(record.errors.of(ErrorKind::ErrorEvent) as f64)
    }),
    number(
        "sent.share",
        Unit::Percent,
        "Messages sent, in percent of the messages that were due.",
        |record| share(record.sends.sent, record.sends.offered),
    ),
    number(
        "delivered.rate",
        Unit::PerSecond,
        "Deliveries per second, over the measured phases.",
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
        "Requirements of level *must* that are broken in the sampled rooms.",
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

/// A count of deliveries, which is meaningful only if deliveries were owed.
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
