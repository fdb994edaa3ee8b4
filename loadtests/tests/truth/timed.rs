//! Times: every delay of the server is measured.

use std::time::Duration;

use hearback_stats::Distribution;

use crate::server::{Behavior, Server, stall_left};
use crate::support::{load, profile};

fn milliseconds(distribution: &Distribution, share: f64) -> f64 {
    distribution.quantile(share).value().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_are_measured_exactly() {
    let delay = Duration::from_millis(40);
    let server = Server::start(Behavior { delay, ..Behavior::default() }).await;
    let record = load(&server, profile(4, 10, 50, 3)).await;
    let latencies = &record.latencies;
    // The generator's lag and the server's inaccuracy are not part of the delay.
    let lag = milliseconds(&latencies.lag, 0.5);
    let lateness = server.lateness().as_secs_f64() * 1000.0;
    for (latencies, included) in [(&latencies.service, 0.0), (&latencies.delivery, lag)] {
        let median = milliseconds(latencies, 0.5);
        let above = median - 40.0 - included - lateness;
        // A busy machine also delays reads and the server, which adds nothing on an idle one.
        let bounds = -0.1..=1.0 + milliseconds(&record.latencies.lag, 0.99);
        assert!(bounds.contains(&above), "{median} ms, lag {lag} ms, server {lateness} ms");
        assert_eq!(latencies.samples(), 1500);
        assert!(latencies.shortest().value().unwrap() >= 40.0);
    }
    // The last recipient is not faster than the others.
    assert!(milliseconds(&latencies.last, 0.5) >= milliseconds(&latencies.delivery, 0.5) - 0.1);
    assert_eq!(latencies.last.samples(), 150);
    assert_eq!(latencies.own.samples(), 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn stalls_appear_in_the_percentiles_as_scheduled() {
    let stall = (Duration::from_secs(5), Duration::from_millis(500));
    let server = Server::start(Behavior { stall: Some(stall), ..Behavior::default() }).await;
    let (rate, seconds) = (100, 10);
    let record = load(&server, profile(1, 3, rate, seconds)).await;
    let mut expected = Distribution::default();
    for number in 0..rate * seconds {
        let time = Duration::from_secs_f64(f64::from(number) / f64::from(rate));
        let latency = stall_left(time, stall.0, stall.1);
        (0..3).for_each(|_| expected.record(latency.into()));
    }
    let latencies = &record.latencies;
    assert_eq!(latencies.delivery.samples(), expected.samples());
    // A tenth of the messages fall into a stall, so that percentiles above the 90th are determined by it.
    for share in [0.92, 0.95, 0.99, 0.995] {
        let (seen, implied) =
            (milliseconds(&latencies.delivery, share), milliseconds(&expected, share));
        // The stall is relative to the arrival of the first message, which may be late itself, and one message more or
        // less may fall into it.
        let lag = milliseconds(&latencies.lag, 0.99) + server.lateness().as_secs_f64() * 1000.0;
        assert!(
            (seen - implied).abs() <= 11.0 + 2.0 * lag,
            "p{share}: {seen}, not {implied}; lag {lag}"
        );
    }
    assert!(milliseconds(&latencies.delivery, 0.99) > 400.0);
    // The same holds from the actual send time, since a stall of the server does not delay the generator.
    assert!(milliseconds(&latencies.service, 0.99) > 400.0);
}
