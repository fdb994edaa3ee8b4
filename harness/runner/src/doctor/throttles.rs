//! Throttling that was seen during the examination.

use hearback_contract::Operation;
use hearback_history::{Event, Handshake, History, Outcome};

use super::examination::Examination;
use super::finding::Finding;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    of_events(examination.events.lock().clone())
}

fn of_events(events: Vec<Event>) -> Finding {
    let history = History::from_events(events);
    let requests = history.calls.len() + history.connections.len();
    let mut seen: Vec<(&str, u16, usize, f64)> = Vec::new();
    let mut add = |place: &'static str, status: u16, delay: f64| match seen
        .iter_mut()
        .find(|it| (it.0, it.1) == (place, status))
    {
        Some(known) => (known.2, known.3) = (known.2 + 1, known.3.max(delay)),
        None => seen.push((place, status, 1, delay)),
    };
    for call in &history.calls {
        if let Outcome::Response { status, throttled_s: Some(delay), .. } = call.outcome {
            add(call.operation().map_or("another request", Operation::id), status, delay);
        }
    }
    for connection in &history.connections {
        if let Handshake::Throttled { status, .. } = connection.handshake {
            add("handshakes", status, 0.0);
        }
    }
    if seen.is_empty() {
        let requests =
            if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
        return Finding::passed(format!("none in {requests}"));
    }
    let is_login = seen.iter().any(|it| it.0 == Operation::TokenObtain.id());
    let found = seen.iter().map(|(place, status, count, delay)| {
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        match *delay > 0.0 {
            true => format!("{place} answered {status} {times}, for up to {delay:.0} s"),
            false => format!("{place} answered {status} {times}"),
        }
    });
    let advice = match is_login {
        true => {
            "raise the limit of logins for the test, or put tokens (`access`, `refresh`) in place of passwords \
             into the accounts file"
        }
        false => {
            "raise the limits of the target for the test; hearback waits as long as it demands"
        }
    };
    Finding::warning(found.collect::<Vec<_>>().join("; "), advice)
}
