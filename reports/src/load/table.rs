//! The figures of a load run as tables: what every format for people shows, once.

use hearback_stats::record::{LoadOutcome, LoadRecord, SizeRecord};
use hearback_stats::{DeliveryCounts, Distribution, Unit};

use super::words;
use crate::table::{Cell, Row, Table, Tone};
use crate::words::{counted, number};

/// Every table that has rows, in the order in which they are told.
pub(super) fn tables(record: &LoadRecord) -> Vec<Table> {
    let all = [
        slos(record),
        latencies(record),
        deliveries(record),
        sizes(record),
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
            // Green would say that the target is fine.
            Some(true) if record.outcome() == LoadOutcome::Invalid => (Tone::Plain, "met"),
            Some(true) => (Tone::Good, "met"),
            Some(false) => (Tone::Bad, "missed"),
        };
        Row::new(
            tone,
            [Cell::trusted(word), Cell::untrusted(slo.slo.as_str()), Cell::trusted(&slo.measured)],
        )
    });
    Table::new("Service levels", &["", "demanded", "#measured"], rows.collect())
}

fn latencies(record: &LoadRecord) -> Table {
    let latencies = &record.latencies;
    let rows = [
        ("each recipient", &latencies.delivery),
        ("last recipient", &latencies.last),
        ("each, from the real send", &latencies.service),
        ("the sender's own", &latencies.own),
        ("connecting", &latencies.connect),
        ("typing seen", &latencies.typing),
        ("receipt seen", &latencies.receipt),
        ("generator's own lag", &latencies.lag),
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
    let mut rows = vec![account("all".to_owned(), &record.deliveries)];
    if record.sizes.len() > 1 {
        rows.extend(record.sizes.iter().map(|size| account(members(size), &size.deliveries)));
    }
    let columns = [
        "rooms of",
        "#messages",
        "#expected",
        "#received",
        "#lost",
        "#doubled",
        "#disordered",
        "#leaked",
        "#late",
    ];
    Table::new("Deliveries", &columns, rows)
}

fn account(name: String, account: &DeliveryCounts) -> Row {
    let wrong = [account.lost, account.duplicate, account.out_of_order, account.leaked];
    let [lost, duplicate, out_of_order, leaked] = wrong.map(count);
    let cells = [
        Cell::trusted(name),
        count(account.messages),
        count(account.expected),
        count(account.received),
        lost,
        duplicate,
        out_of_order,
        leaked,
        count(account.late),
    ];
    Row::new(Tone::bad_if(wrong.iter().any(|wrong| *wrong > 0)), cells)
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
    Table::new("By the size of rooms", &columns, rows.collect())
}

fn errors(record: &LoadRecord) -> Table {
    let rows = record.errors.iter().map(|(kind, times)| {
        let example = record.examples.iter().find(|example| example.kind == kind);
        let example =
            example.map_or_else(|| Cell::trusted(""), |example| Cell::untrusted(&*example.text));
        Row::new(Tone::Bad, [Cell::trusted(kind.to_string()), count(times), example])
    });
    Table::new("What went wrong", &["", "#times", "for example"], rows.collect())
}

fn worst_rooms(record: &LoadRecord) -> Table {
    let rows = record.worst_rooms.iter().map(|room| {
        let account = &room.deliveries;
        let cells = [
            Cell::untrusted(&*room.room),
            count(room.members),
            count(account.lost),
            count(account.duplicate),
            count(account.out_of_order),
            count(account.leaked),
        ];
        Row::new(Tone::Plain, cells)
    });
    let columns = ["room", "#members", "#lost", "#doubled", "#disordered", "#leaked"];
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
    let columns = ["requirement", "found", "#findings"];
    Table::new("Broken in the rooms that were judged in full", &columns, rows.collect())
}

fn trials(record: &LoadRecord) -> Table {
    let trials = record.capacity.iter().flat_map(|capacity| &capacity.trials);
    let rows = trials.map(|trial| {
        let tone = match trial.outcome {
            LoadOutcome::Met => Tone::Good,
            LoadOutcome::Invalid => Tone::Plain,
            _ => Tone::Bad,
        };
        let because = trial.reasons().join("; ");
        let outcome = trial.outcome.to_string();
        Row::new(
            tone,
            [
                Cell::trusted(format!("{:.1}", trial.value)),
                Cell::trusted(outcome),
                Cell::untrusted(because),
            ],
        )
    });
    Table::new("Trials of the capacity", &["#tried", "came out", "because of"], rows.collect())
        .detail()
}

fn phases(record: &LoadRecord) -> Table {
    let rows = record.profile.phases.iter().map(|phase| {
        let rate = if phase.from_rate == phase.to_rate {
            format!("{:.1}", phase.from_rate)
        } else {
            format!("{:.1} to {:.1}", phase.from_rate, phase.to_rate)
        };
        let counts = if phase.measured { "yes" } else { "no" };
        let time = |seconds: f64| Cell::trusted(format!("{seconds:.1} s"));
        Row::new(
            Tone::Plain,
            [
                Cell::trusted(&*phase.kind),
                time(phase.from_s),
                time(phase.to_s),
                Cell::trusted(rate),
                Cell::trusted(counts),
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
        ("server's processor time", generator.server_cpu_s.map(cores).unwrap_or_default()),
        ("most memory", format!("{:.1} MiB", generator.peak_memory as f64 / f64::from(1 << 20))),
        ("lag p99, and its bound", format!("{lag}, {:.0} ms", generator.lag_bound_ms)),
        (
            "sockets opened",
            format!(
                "{} of {}, {} reconnects, {} dropped on purpose, most at once {}",
                number(connections.opened),
                number(connections.attempted),
                number(connections.reconnects),
                number(connections.dropped),
                number(connections.peak)
            ),
        ),
        (
            "messages sent",
            format!("{} of {} due", number(record.sends.sent), number(record.sends.offered)),
        ),
        ("excused", excused(&record.deliveries)),
        ("judged in full", judged(record)),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
    let rows =
        facts.map(|(name, text)| Row::new(Tone::Plain, [Cell::trusted(name), Cell::trusted(text)]));
    Table::new("The generator", &["", ""], rows.collect()).detail()
}

fn excused(account: &DeliveryCounts) -> String {
    let counts = [account.excused, account.earlier, account.foreign];
    if counts == [0; 3] {
        return String::new();
    }
    let [excused, earlier, foreign] = counts.map(number);
    format!(
        "{excused} deliveries to connections that ended, {earlier} from before a connection, \
         {foreign} messages of others"
    )
}

fn judged(record: &LoadRecord) -> String {
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
    fn every_row_has_a_cell_a_column() {
        for table in tables(&example_record()) {
            for row in &table.rows {
                assert_eq!(row.cells.len(), table.columns.len(), "{}", table.title);
            }
        }
    }

    #[test]
    fn a_full_record_fills_every_table_and_an_empty_one_only_what_is_always_known() {
        let titles = |record: &LoadRecord| {
            tables(record).iter().map(|table| table.title).collect::<Vec<_>>()
        };
        assert_eq!(titles(&example_record()).len(), 11);
        assert_eq!(titles(&LoadRecord::default()), ["The generator"]);
    }

    #[test]
    fn what_was_lost_stands_out() {
        let tables = tables(&example_record());
        let deliveries = tables.iter().find(|table| table.title == "Deliveries").unwrap();
        let tones: Vec<_> = deliveries.rows.iter().map(|row| row.tone).collect();
        assert_eq!(tones, [Tone::Bad, Tone::Plain, Tone::Bad]);
    }
}
