//! An example record of a load run, for samples and tests of reports.

use hearback_history::{Nanoseconds, RunEnd};
use hearback_stats::distribution::{Distribution, HistogramSnapshot};
use hearback_stats::errors::{ErrorCounts, ErrorKind};
use hearback_stats::ledger::DeliveryCounts;
use hearback_stats::record::{
    CapacityRecord, Connections, ErrorExample, FORMAT, Generator, Latencies, LoadOutcome,
    LoadRecord, PhaseRecord, ProfileRecord, RequestRecord, RoomRecord, SampleFinding, SampleRecord,
    Sends, SizeRecord, Trial,
};
use hearback_stats::series::Second;
use hearback_stats::slo::Slo;

const MILLISECOND: Nanoseconds = Nanoseconds::from_millis(1);

/// Length of the run, in seconds. The server stalls for half a second in second [`STALL`].
const SECONDS: u64 = 30;
const STALL: u64 = 18;

/// A record with a value in every field: a run of 30 seconds with a warm-up, a ramp, a constant rate, a stall, a few losses,
/// and missed service levels.
pub fn example_record() -> LoadRecord {
    let series: Vec<Second> = (0..SECONDS).map(second).collect();
    let mut record = LoadRecord {
        format: FORMAT,
        hearback_version: "0.1.0".to_owned(),
        run: "1a2b3c".to_owned(),
        target: "http://127.0.0.1:8000/api".to_owned(),
        embedded: true,
        seed: 1,
        started_at: "2026-11-22T10:24:22Z".to_owned(),
        profile: profile(),
        end: RunEnd::Completed,
        invalid_reasons: Vec::new(),
        notes: Vec::new(),
        aborted_by: None,
        shared_rooms: None,
        workers: Vec::new(),
        duration_s: 32.0,
        measured_s: 25.0,
        connections: Connections {
            attempted: 262,
            opened: 260,
            reconnects: 10,
            dropped: 8,
            peak: 250,
        },
        sends: Sends {
            offered: series.iter().map(|second| second.offered).sum(),
            sent: series.iter().map(|second| second.sent).sum(),
        },
        deliveries: delivery_counts(series.iter().map(|second| second.delivered).sum()),
        latencies: latencies(&series),
        errors: errors(),
        examples: vec![ErrorExample {
            kind: ErrorKind::HandshakeRejected,
            text: "503 instead of 101: <b>overloaded</b>".to_owned(),
        }],
        sizes: sizes(&series),
        worst_rooms: vec![RoomRecord {
            room: "550e8400-e29b-41d4-a716-446655440000".to_owned(),
            members: 200,
            deliveries: DeliveryCounts {
                messages: 900,
                expected: 180_000,
                received: 179_988,
                lost: 12,
                ..DeliveryCounts::default()
            },
        }],
        requests: vec![request("messages.list", 120, 1, 8), request("rooms.list", 40, 0, 15)],
        series,
        generator: Generator {
            cpu_s: 14.0,
            cores: 2,
            peak_memory: 48 << 20,
            descriptors: 20_000,
            lag_bound_ms: 10.0,
            server_cpu_s: Some(11.0),
        },
        sample: Some(SampleRecord {
            rooms: 1,
            events: 5200,
            held: 61,
            broken: vec![SampleFinding {
                requirement: "order/per-sender".to_owned(),
                statement:
                    "Messages of one sender MUST be delivered in the order in which they were sent."
                        .to_owned(),
                finding: "bob received message 12 before message 11 of alice".to_owned(),
                findings: 3,
            }],
        }),
        capacity: Some(CapacityRecord {
            variable: "rate".to_owned(),
            holds: Some(120.0),
            breaks: Some(140.0),
            confirmations: 3,
            generator_limit: None,
            note: None,
            trials: Vec::new(),
        }),
        slos: Vec::new(),
    };
    let slos = ["delivery.p99 < 250 ms", "last.p99 < 700 ms", "lost = 0", "connect.errors < 1 %"];
    let slos = slos.map(|text| text.parse::<Slo>().expect("valid service levels"));
    record.slos = slos.iter().map(|slo| slo.evaluate(&record)).collect();
    let trials = [
        (100.0, LoadOutcome::Met),
        (200.0, LoadOutcome::NotMet),
        (140.0, LoadOutcome::NotMet),
        (120.0, LoadOutcome::Met),
        (120.0, LoadOutcome::Met),
        (120.0, LoadOutcome::Met),
        (140.0, LoadOutcome::NotMet),
        (140.0, LoadOutcome::NotMet),
    ];
    if let Some(capacity) = &mut record.capacity {
        let slos = &record.slos;
        let trial =
            |(value, outcome)| Trial { value, outcome, slos: slos.clone(), ..Trial::default() };
        capacity.trials = trials.map(trial).into();
    }
    record
}

fn profile() -> ProfileRecord {
    let phase = |kind: &str, from_s, to_s, from_rate, to_rate| PhaseRecord {
        kind: kind.to_owned(),
        from_s,
        to_s,
        from_rate,
        to_rate,
        measured: !matches!(kind, "warm-up" | "drain"),
    };
    ProfileRecord {
        name: "example".to_owned(),
        description: "One room of 200 members and ten of 5.".to_owned(),
        duration_scale: 1.0,
        rooms: 11,
        members: 250,
        accounts: 200,
        phases: vec![
            phase("warm-up", 0.0, 5.0, 20.0, 20.0),
            phase("ramp", 5.0, 15.0, 20.0, 100.0),
            phase("constant", 15.0, 30.0, 100.0, 100.0),
            phase("drain", 30.0, 32.0, 0.0, 0.0),
        ],
        late_after_s: 5.0,
        text: "description = \"One room of 200 members and ten of 5.\"\n".to_owned(),
    }
}

/// Second `at` of the run. Latencies grow with the rate; in one second, half of them are those of the stall.
fn second(at: u64) -> Second {
    let offered = if at < 5 { 20 } else { 20 + 8 * (at - 5).min(10) };
    let sent = offered - u64::from(at == 20);
    let mut delivery = Distribution::default();
    let mut last = Distribution::default();
    for message in 0..sent {
        let stalled = at == STALL && message * 2 < sent;
        let base = MILLISECOND * (2 + offered / 20) + Nanoseconds::new(message * 10_000);
        let stall = MILLISECOND * if stalled { 500 - 1000 * message / sent } else { 0 };
        for recipient in 0..50 {
            delivery.record(base + stall + Nanoseconds::new(recipient * recipient * 3000));
        }
        last.record(base + stall + Nanoseconds::new(50 * 50 * 3000));
    }
    let mut lag = Distribution::default();
    (0..sent).for_each(|message| lag.record(Nanoseconds::new(50_000 + message % 7 * 40_000)));
    let mut errors = ErrorCounts::default();
    errors.add(ErrorKind::HandshakeRejected, if at == 0 { 2 } else { 0 });
    errors.add(ErrorKind::NotSent, offered - sent);
    errors.add(ErrorKind::ErrorEvent, if at == STALL { 3 } else { 0 });
    errors.add(ErrorKind::RequestTimedOut, u64::from(at == STALL + 1));
    Second {
        at_s: at as f64,
        length_s: 1.0,
        offered,
        sent,
        delivered: sent * 50,
        connections: 250 - if at % 10 == 5 { 4 } else { 0 },
        requests: 5,
        errors,
        delivery: HistogramSnapshot::from(&delivery),
        last: HistogramSnapshot::from(&last),
        lag: HistogramSnapshot::from(&lag),
        generator_cpu: 0.2 + offered as f64 / 400.0,
        server_cpu: Some(0.15 + offered as f64 / 450.0),
    }
}

fn errors() -> ErrorCounts {
    let mut errors = ErrorCounts::default();
    (0..SECONDS).for_each(|at| errors.merge(&second(at).errors));
    errors
}

fn delivery_counts(received: u64) -> DeliveryCounts {
    DeliveryCounts {
        messages: received / 50,
        expected: received + 12,
        received,
        lost: 12,
        duplicate: 2,
        out_of_order: 3,
        leaked: 0,
        late: 1,
        excused: 6,
        earlier: 4,
        foreign: 0,
    }
}

fn latencies(series: &[Second]) -> Latencies {
    let mut latencies = Latencies::default();
    for second in series {
        latencies.lag.merge(&decoded(&second.lag));
        if second.at_s >= 5.0 {
            latencies.delivery.merge(&decoded(&second.delivery));
            latencies.last.merge(&decoded(&second.last));
        }
    }
    latencies.service = latencies.delivery.clone();
    latencies.delivery.record_never(12);
    latencies.last.record_never(2);
    for number in 0..200 {
        latencies.own.record(MILLISECOND * (2 + number % 9));
        latencies.connect.record(MILLISECOND * (3 + number % 40));
        latencies.typing.record(MILLISECOND * (1 + number % 5));
        latencies.receipt.record(MILLISECOND * (1 + number % 12));
    }
    latencies
}

fn sizes(series: &[Second]) -> Vec<SizeRecord> {
    let mut big = SizeRecord { from: 128, to: 255, rooms: 1, ..SizeRecord::default() };
    for second in series {
        big.delivery.merge(&decoded(&second.delivery));
        big.last.merge(&decoded(&second.last));
    }
    big.deliveries = delivery_counts(big.delivery.samples());
    big.errors = errors();
    let mut small = SizeRecord { from: 4, to: 7, rooms: 10, ..SizeRecord::default() };
    for number in 0..500 {
        small.delivery.record(MILLISECOND * (1 + number % 4));
        if number % 5 == 0 {
            small.last.record(MILLISECOND * (2 + number % 4));
        }
    }
    small.deliveries =
        DeliveryCounts { messages: 100, expected: 500, received: 500, ..DeliveryCounts::default() };
    vec![small, big]
}

fn decoded(snapshot: &HistogramSnapshot) -> Distribution {
    snapshot.decode().expect("the snapshot was encoded here")
}

fn request(operation: &str, sent: u64, failed: u64, milliseconds: u64) -> RequestRecord {
    let mut latency = Distribution::default();
    (0..sent - failed).for_each(|number| latency.record(MILLISECOND * (milliseconds + number % 6)));
    RequestRecord { operation: operation.to_owned(), sent, failed, latency }
}
