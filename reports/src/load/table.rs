//! Tables of the figures of a load run, shared by all formats for people.

use hearback_history::RunEnd;
use hearback_runner::load::{WorkerState, WorkerStatus};
use hearback_stats::record::{LoadOutcome, LoadRecord, SizeRecord};
use hearback_stats::{DeliveryCounts, Distribution, MetricValue, Second, Unit};

use super::words;
use crate::table::{Cell, Row, Table, Tone};
use crate::words::{counted, number};

/// The tables that have rows, in the order of reports.
pub(super) fn tables(record: &LoadRecord) -> Vec<Table> {
    let all = [
        slos(record),
        latencies(record),
        deliveries(record),
        sizes(record),
        shared_rooms(record),
        workers(record),
        errors(record),
        worst_rooms(record),
        requests(record),
        sample(record),
        trials(record),
        phases(record),
        generator(record),
    ];
    all.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn count(count: u64) -> Cell {
    Cell::trusted(number(count))
}

fn quantile(latencies: &Distribution, share: f64) -> Cell {
    Cell::trusted(words::latency(latencies.quantile(share)))
}

fn slos(record: &LoadRecord) -> Table {
    let rows = record.slos.iter().map(|slo| {
        let (tone, word) = match slo.met {
            None => (Tone::Plain, ""),
            Some(true) => (Tone::Good, "met"),
            Some(false) => (Tone::Bad, "missed"),
        };
        Row::new(
            tone,
            [Cell::trusted(word), Cell::untrusted(slo.slo.as_str()), Cell::trusted(&slo.measured)],
        )
    });
    Table::new("Service levels", &["", "service level", "#measured"], rows.collect())
}

fn workers(record: &LoadRecord) -> Table {
    let milliseconds = |value: Option<f64>| {
        value.map_or_else(|| "-".to_owned(), |value| words::latency(MetricValue::Value(value)))
    };
    let rows = record.workers.iter().map(|worker| {
        let (tone, end) = match &worker.end {
            RunEnd::Completed => (Tone::Plain, "completed"),
            RunEnd::Interrupted => (Tone::Plain, "interrupted"),
            RunEnd::Aborted { reason } => (Tone::Bad, reason.as_str()),
        };
        Row::new(
            tone,
            [
                Cell::untrusted(worker_name(worker.number, &worker.host)),
                count(worker.rooms),
                count(worker.members),
                Cell::trusted(milliseconds(worker.late_ms)),
                Cell::trusted(milliseconds(worker.clock_error_ms)),
                Cell::trusted(milliseconds(worker.lag_p99_ms)),
                Cell::trusted(format!("{:.1} s", worker.cpu_s)),
                Cell::untrusted(end),
            ],
        )
    });
    let columns =
        ["worker", "#rooms", "#sockets", "#late", "#clock error", "#lag p99", "#cpu", "end"];
    Table::new("Workers", &columns, rows.collect())
}

/// The workers of a run that is going on.
pub(super) fn worker_states(workers: &[WorkerStatus]) -> Table {
    let rows = workers.iter().map(|worker| {
        let (tone, state) = match &worker.state {
            WorkerState::Waiting => (Tone::Plain, "waiting".to_owned()),
            WorkerState::Running => (Tone::Plain, "running".to_owned()),
            WorkerState::Done => (Tone::Good, "done".to_owned()),
            WorkerState::Silent => (Tone::Bad, "silent".to_owned()),
            WorkerState::Lost { reason } => (Tone::Bad, format!("lost: {reason}")),
        };
        let cells = [
            Cell::untrusted(worker_name(worker.number as u64, &worker.host)),
            count(worker.rooms as u64),
            count(worker.members as u64),
            Cell::trusted(format!("{:.1} s ago", worker.heard_s)),
            Cell::untrusted(state),
        ];
        Row::new(tone, cells)
    });
    let columns = ["worker", "#rooms", "#sockets", "#last report", "state"];
    Table::new("Workers", &columns, rows.collect())
}

/// The number of a worker and the name of its machine, if it is known.
fn worker_name(number: u64, host: &str) -> String {
    match host {
        "" => number.to_string(),
        host => format!("{number} on {host}"),
    }
}

/// The figures of the last second of a run that is going on.
pub(super) fn second(second: &Second) -> Table {
    let per_second =
        |count: u64| number((count as f64 / second.length_s.max(0.001)).round() as u64);
    let latency = |latency: Option<f64>| {
        latency.map_or_else(|| "-".to_owned(), |value| words::latency(MetricValue::Value(value)))
    };
    let figures = [
        ("messages due", per_second(second.offered)),
        ("messages sent", per_second(second.sent)),
        ("deliveries", per_second(second.delivered)),
        ("each recipient, median", latency(second.delivery.p50_ms)),
        ("each recipient, p99", latency(second.delivery.p99_ms)),
        ("last recipient, p99", latency(second.last.p99_ms)),
        ("errors", number(second.errors.sum(|_| true))),
        ("open sockets", number(second.connections)),
        ("generator lag, p99", latency(second.lag.p99_ms)),
        ("generator, cores", format!("{:.2}", second.generator_cpu)),
    ];
    let row = |(name, figure): (&'static str, String)| {
        Row::new(Tone::Plain, [Cell::trusted(name), Cell::trusted(figure)])
    };
    Table::new("Last second", &["figure", "#value"], figures.into_iter().map(row).collect())
}

fn latencies(record: &LoadRecord) -> Table {
    let latencies = &record.latencies;
    let rows = [
        ("each recipient", &latencies.delivery),
        ("last recipient", &latencies.last),
        ("each, from the actual send", &latencies.service),
        ("sender", &latencies.own),
        ("connect", &latencies.connect),
        ("typing indicator", &latencies.typing),
        ("read receipt", &latencies.receipt),
        ("generator lag", &latencies.lag),
    ];
    let rows = rows.into_iter().filter(|(_, latencies)| !latencies.is_empty());
    let rows = rows.map(|(name, latencies)| {
        let shares = [0.5, 0.9, 0.99, 0.999].map(|share| quantile(latencies, share));
        let [p50, p90, p99, p999] = shares;
        let longest = Cell::trusted(words::latency(latencies.longest()));
        let cells = [Cell::trusted(name), count(latencies.samples()), p50, p90, p99, p999, longest];
        Row::new(Tone::Plain, cells)
    });
    let columns = ["latency", "#samples", "#p50", "#p90", "#p99", "#p99.9", "#max"];
    Table::new("Latencies", &columns, rows.collect())
}

fn deliveries(record: &LoadRecord) -> Table {
    if record.deliveries == DeliveryCounts::default() {
        return Table::new("Deliveries", &[], Vec::new());
    }
    let mut rows = vec![delivery_counts("all".to_owned(), &record.deliveries)];
    if record.sizes.len() > 1 {
        rows.extend(
            record.sizes.iter().map(|size| delivery_counts(members(size), &size.deliveries)),
        );
    }
    let columns = [
        "room size",
        "#messages",
        "#expected",
        "#received",
        "#lost",
        "#duplicate",
        "#out of order",
        "#leaked",
        "#late",
    ];
    Table::new("Deliveries", &columns, rows)
}

fn delivery_counts(name: String, counts: &DeliveryCounts) -> Row {
    let failures = [counts.lost, counts.duplicate, counts.out_of_order, counts.leaked];
    let [lost, duplicate, out_of_order, leaked] = failures.map(count);
    let cells = [
        Cell::trusted(name),
        count(counts.messages),
        count(counts.expected),
        count(counts.received),
        lost,
        duplicate,
        out_of_order,
        leaked,
        count(counts.late),
    ];
    Row::new(Tone::bad_if(failures.iter().any(|failures| *failures > 0)), cells)
}

fn members(size: &SizeRecord) -> String {
    match (size.from, size.to) {
        (from, to) if from == to => number(from),
        (from, to) => format!("{} to {}", number(from), number(to)),
    }
}

fn sizes(record: &LoadRecord) -> Table {
    let rows = record.sizes.iter().map(|size| {
        let cells = [
            Cell::trusted(members(size)),
            count(size.rooms),
            quantile(&size.delivery, 0.5),
            quantile(&size.delivery, 0.99),
            quantile(&size.last, 0.5),
            quantile(&size.last, 0.99),
        ];
        Row::new(Tone::Plain, cells)
    });
    let columns = ["members", "#rooms", "#each p50", "#each p99", "#last p50", "#last p99"];
    Table::new("Latency by room size", &columns, rows.collect())
}

/// Deliveries from one worker to another.
fn shared_rooms(record: &LoadRecord) -> Table {
    let rows = record.shared_rooms.iter().map(|shared| {
        let DeliveryCounts { expected, received, lost, duplicate, out_of_order, .. } =
            shared.deliveries;
        let error = shared.clock_error_ms.map_or_else(
            || "unknown".to_owned(),
            |error| words::latency(MetricValue::Value(error)),
        );
        let cells = [
            count(shared.rooms),
            count(expected),
            count(received),
            count(lost),
            count(duplicate),
            count(out_of_order),
            quantile(&shared.latency, 0.5),
            quantile(&shared.latency, 0.99),
            Cell::trusted(error),
        ];
        Row::new(Tone::bad_if(lost + duplicate + out_of_order > 0), cells)
    });
    let columns = [
        "#shared rooms",
        "#expected",
        "#received",
        "#lost",
        "#duplicate",
        "#out of order",
        "#p50",
        "#p99",
        "#clock error",
    ];
    Table::new("Deliveries from one worker to another", &columns, rows.collect())
}

fn errors(record: &LoadRecord) -> Table {
    let rows = record.errors.iter().map(|(kind, times)| {
        let example = record.examples.iter().find(|example| example.kind == kind);
        let example =
            example.map_or_else(|| Cell::trusted(""), |example| Cell::untrusted(&*example.text));
        Row::new(Tone::Bad, [Cell::trusted(kind.to_string()), count(times), example])
    });
    Table::new("Errors", &["kind", "#count", "example"], rows.collect())
}

fn worst_rooms(record: &LoadRecord) -> Table {
    let rows = record.worst_rooms.iter().map(|room| {
        let counts = &room.deliveries;
        let cells = [
            Cell::untrusted(&*room.room),
            count(room.members),
            count(counts.lost),
            count(counts.duplicate),
            count(counts.out_of_order),
            count(counts.leaked),
        ];
        Row::new(Tone::Plain, cells)
    });
    let columns = ["room", "#members", "#lost", "#duplicate", "#out of order", "#leaked"];
    Table::new("Worst rooms", &columns, rows.collect()).detail()
}

fn requests(record: &LoadRecord) -> Table {
    let rows = record.requests.iter().map(|request| {
        let cells = [
            Cell::trusted(&*request.operation),
            count(request.sent),
            count(request.failed),
            quantile(&request.latency, 0.5),
            quantile(&request.latency, 0.99),
            Cell::trusted(words::latency(request.latency.longest())),
        ];
        Row::new(Tone::bad_if(request.failed > 0), cells)
    });
    let columns = ["operation", "#requests", "#failed", "#p50", "#p99", "#max"];
    Table::new("Requests", &columns, rows.collect())
}

fn sample(record: &LoadRecord) -> Table {
    let broken = record.sample.iter().flat_map(|sample| &sample.broken);
    let rows = broken.map(|finding| {
        let cells = [
            Cell::trusted(&*finding.requirement),
            Cell::untrusted(&*finding.finding),
            count(finding.findings),
        ];
        Row::new(Tone::Bad, cells)
    });
    let columns = ["requirement", "first finding", "#findings"];
    Table::new("Broken requirements in sampled rooms", &columns, rows.collect())
}

fn trials(record: &LoadRecord) -> Table {
    let trials = record.capacity.iter().flat_map(|capacity| &capacity.trials);
    let rows = trials.map(|trial| {
        let tone = match trial.outcome {
            LoadOutcome::Met => Tone::Good,
            LoadOutcome::Invalid => Tone::Plain,
            _ => Tone::Bad,
        };
        let reasons = trial.reasons().join("; ");
        let outcome = trial.outcome.to_string();
        Row::new(
            tone,
            [
                Cell::trusted(format!("{:.1}", trial.value)),
                Cell::trusted(outcome),
                Cell::untrusted(reasons),
            ],
        )
    });
    Table::new("Trials of the capacity search", &["#value", "outcome", "reasons"], rows.collect())
        .detail()
}

fn phases(record: &LoadRecord) -> Table {
    let rows = record.profile.phases.iter().map(|phase| {
        let rate = if phase.from_rate == phase.to_rate {
            format!("{:.1}", phase.from_rate)
        } else {
            format!("{:.1} to {:.1}", phase.from_rate, phase.to_rate)
        };
        let measured = if phase.measured { "yes" } else { "no" };
        let time = |seconds: f64| Cell::trusted(format!("{seconds:.1} s"));
        Row::new(
            Tone::Plain,
            [
                Cell::trusted(&*phase.kind),
                time(phase.from_s),
                time(phase.to_s),
                Cell::trusted(rate),
                Cell::trusted(measured),
            ],
        )
    });
    let columns = ["phase", "#from", "#to", "#messages/s", "measured"];
    Table::new("Schedule", &columns, rows.collect()).detail()
}

fn generator(record: &LoadRecord) -> Table {
    let (generator, connections) = (&record.generator, &record.connections);
    let cores = |seconds: f64| {
        let cores = if record.duration_s > 0.0 { seconds / record.duration_s } else { 0.0 };
        format!("{seconds:.1} s, {cores:.2} of {} cores", generator.cores)
    };
    let lag = Unit::Milliseconds.format(record.latencies.lag.quantile(0.99));
    let facts = [
        ("processor time", cores(generator.cpu_s)),
        ("processor time of the server", generator.server_cpu_s.map(cores).unwrap_or_default()),
        ("peak memory", format!("{:.1} MiB", generator.peak_memory as f64 / f64::from(1 << 20))),
        ("lag p99 (bound)", format!("{lag} ({:.0} ms)", generator.lag_bound_ms)),
        (
            "opened sockets",
            format!(
                "{} of {}, {} reconnects, {} dropped by personas, at most {} at once",
                number(connections.opened),
                number(connections.attempted),
                number(connections.reconnects),
                number(connections.dropped),
                number(connections.peak)
            ),
        ),
        (
            "sent messages",
            format!("{} of {} due", number(record.sends.sent), number(record.sends.offered)),
        ),
        ("deliveries not owed", not_owed(&record.deliveries)),
        ("sampled rooms", sample_counts(record)),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
    let rows =
        facts.map(|(name, text)| Row::new(Tone::Plain, [Cell::trusted(name), Cell::trusted(text)]));
    Table::new("Generator", &["", ""], rows.collect()).detail()
}

fn not_owed(counts: &DeliveryCounts) -> String {
    let counts = [counts.excused, counts.earlier, counts.foreign];
    if counts == [0; 3] {
        return String::new();
    }
    let [excused, earlier, foreign] = counts.map(number);
    format!("{excused} excused, {earlier} from before the connection, {foreign} messages of others")
}

fn sample_counts(record: &LoadRecord) -> String {
    record.sample.as_ref().map_or_else(String::new, |sample| {
        format!(
            "{} with {}: {} held, {} broken",
            counted(sample.rooms, "room"),
            counted(sample.events, "event"),
            counted(sample.held, "requirement"),
            number(sample.broken.len() as u64)
        )
    })
}

#[cfg(test)]
mod tests {
    use hearback_testkit::load::example_record;

    use super::*;

    #[test]
    fn rows_have_one_cell_per_column() {
        for table in tables(&example_record()) {
            for row in &table.rows {
                assert_eq!(row.cells.len(), table.columns.len(), "{}", table.title);
            }
        }
    }

    #[test]
    fn tables_without_rows_are_omitted() {
        let titles = |record: &LoadRecord| {
            tables(record).iter().map(|table| table.title).collect::<Vec<_>>()
        };
        assert_eq!(titles(&example_record()).len(), 11);
        assert_eq!(titles(&LoadRecord::default()), ["Generator"]);
    }

    #[test]
    fn losses_are_highlighted() {
        let tables = tables(&example_record());
        let deliveries = tables.iter().find(|table| table.title == "Deliveries").unwrap();
        let tones: Vec<_> = deliveries.rows.iter().map(|row| row.tone).collect();
        assert_eq!(tones, [Tone::Bad, Tone::Plain, Tone::Bad]);
    }
}
