//! The figures of one second of a load run, several lines.

use hearback_stats::{ErrorCounts, Second};

use super::load::latency;

/// The figures of a second, and all errors so far.
pub fn figures(second: &Second, errors: &ErrorCounts) -> String {
    let rate = |count: u64| match second.length_s > 0.0 {
        true => format!("{:.0}/s", count as f64 / second.length_s),
        false => "-".to_owned(),
    };
    let errors: Vec<_> = errors.iter().map(|(error, times)| format!("{times} {error}")).collect();
    let server =
        second.server_cpu.map_or_else(String::new, |cpu| format!("   server {cpu:.2} cores"));
    let (each, last, lag) = (&second.delivery, &second.last, &second.lag);
    format!(
        "\n  messages   due {:>8}   sent {:>8}   delivered {:>10}\n  each       p50 {:>8}   p99  {:>8}\n  \
         last       p50 {:>8}   p99  {:>8}\n  generator  lag {:>8}   {:.2} cores{server}\n  sockets    \
         {} open\n  errors     {}",
        rate(second.offered),
        rate(second.sent),
        rate(second.delivered),
        latency(each.p50_ms),
        latency(each.p99_ms),
        latency(last.p50_ms),
        latency(last.p99_ms),
        latency(lag.p99_ms),
        second.generator_cpu,
        second.connections,
        if errors.is_empty() { "none".to_owned() } else { errors.join(", ") },
    )
}

#[cfg(test)]
mod tests {
    use hearback_stats::ErrorKind;
    use hearback_testkit::load::example_record;

    use super::*;

    #[test]
    fn figures_of_a_second() {
        let mut errors = ErrorCounts::default();
        errors.add(ErrorKind::NotSent, 2);
        let text = figures(&example_record().series[29], &errors);
        let expected = "
  messages   due    100/s   sent    100/s   delivered     5000/s
  each       p50   9.3 ms   p99   14.8 ms
  last       p50  15.0 ms   p99   15.5 ms
  generator  lag   0.3 ms   0.45 cores   server 0.37 cores
  sockets    250 open
  errors     2 not sent";
        assert_eq!(text, expected);
    }

    #[test]
    fn figures_of_an_empty_second() {
        let text = figures(&Second::default(), &ErrorCounts::default());
        assert!(
            text.contains("each       p50        -") && text.ends_with("errors     none"),
            "{text}"
        );
    }
}
