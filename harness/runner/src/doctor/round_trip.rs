//! Round-trip time, and the timeout that it requires.

use std::time::{Duration, Instant};

use hearback_client::Request;
use hearback_contract::Operation;

use super::examination::Examination;
use super::finding::Finding;
use super::milliseconds::milliseconds;

/// Number of requests.
const REQUESTS: usize = 5;

/// Multiple of the slowest request that a timeout leaves for delays under load.
const MARGIN: u32 = 10;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let started = Instant::now();
        let request = Request::new(Operation::RoomsList);
        let response = examination.actors[0].call(&Examination::scenario(), request).await;
        if response.status.is_some() {
            times.push(started.elapsed());
        }
    }
    times.sort_unstable();
    let Some(median) = times.get(times.len() / 2) else {
        let advice = "increase --timeout if the target is slow";
        return Finding::warning(format!("none of {REQUESTS} requests was answered"), advice);
    };
    let slowest_log_in = examination.slowest_login().unwrap_or_default();
    of_times(*median, times[times.len() - 1], slowest_log_in, examination.client.limits().timeout)
}

fn of_times(median: Duration, slowest: Duration, log_in: Duration, timeout: Duration) -> Finding {
    let found = format!("median of {}, at most {}", milliseconds(median), milliseconds(slowest));
    // Logins are slow on purpose; several at the same time are slower.
    let needed = (slowest * MARGIN).max(log_in * 3);
    if needed <= timeout {
        return Finding::passed(format!("{found}; --timeout {} suffices", timeout.as_secs_f64()));
    }
    Finding::warning(found, format!("use --timeout {}", needed.as_secs_f64().ceil()))
}

#[cfg(test)]
mod tests {
    use hearback_results::DiagnosedState;

    use super::*;

    #[test]
    fn slow_targets_need_another_timeout() {
        let [near, far, timeout] = [20, 900, 5000].map(Duration::from_millis);
        let passed = of_times(near, near, far, timeout);
        assert_eq!(passed.state, DiagnosedState::Passed);
        assert!(passed.found.ends_with("--timeout 5 suffices"), "{}", passed.found);
        let warning = of_times(near, far, near, timeout);
        assert_eq!(warning.advice.as_deref(), Some("use --timeout 9"));
        let logins = of_times(near, near, timeout, timeout);
        assert_eq!(logins.advice.as_deref(), Some("use --timeout 15"));
    }
}
