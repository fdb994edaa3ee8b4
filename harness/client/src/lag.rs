//! Measurement of replicas and search indexes that lag behind writes.

use std::time::Duration;

use hearback_contract::{Operation, RoomId};
use hearback_history::{Attempt, CallId, Excuse, ScenarioName};
use serde_json::json;
use tokio::time::Instant;

use crate::actor::Actor;
use crate::rest::Request;

/// Number of writes whose lag is measured, if one of the first [`FIRST_SAMPLES`] lags.
const SAMPLES: usize = 4;

/// Number of writes after which a target without lag is trusted.
const FIRST_SAMPLES: usize = 2;

/// Lag from which on a write is lost, and not late.
const LONGEST: Duration = Duration::from_secs(3);

/// Time between two reads.
const INTERVAL: Duration = Duration::from_millis(25);

/// Measures by how much reads and searches lag behind writes, and has later reads wait for that long.
///
/// Sends messages to a room of the actor. Nothing waits if each message is found at once.
pub async fn measure_lag(actor: &Actor, scenario: &ScenarioName, room: &RoomId) {
    let (mut reads, mut searches) = (Duration::ZERO, Duration::ZERO);
    for sample in 0..SAMPLES {
        if sample >= FIRST_SAMPLES && reads.is_zero() && searches.is_zero() {
            break;
        }
        let word = format!("lag{:08x}", fastrand::u32(..));
        let body = json!({"room": room, "content": format!("hearback {word}")});
        let sent = actor.call(scenario, Request::new(Operation::MessagesSend).json(body)).await;
        let Some(id) = sent.text_at("/id").filter(|_| sent.is_success()).map(str::to_owned) else {
            return;
        };
        let written = Instant::now();
        let get = Request::new(Operation::MessagesGet).path(id.as_str());
        let Some(read) = visible(actor, scenario, &get, &id, written).await else { return };
        let search = Request::new(Operation::MessagesSearch)
            .query("q", word.as_str())
            .query("room", room.as_str());
        let Some(found) = visible(actor, scenario, &search, &id, written).await else { return };
        (reads, searches) = (reads.max(read), searches.max(found));
    }
    if !(reads.is_zero() && searches.is_zero()) {
        // The next write may meet a worse moment than the samples.
        let margin = |lag: Duration| match lag.is_zero() {
            true => lag,
            false => (lag * 5 / 2 + Duration::from_millis(100)).min(LONGEST),
        };
        let (reads, searches) = (margin(reads), margin(searches));
        tracing::info!(?reads, ?searches, "reads lag behind writes");
        actor.client().settling.set(reads, searches);
    }
}

/// Time from a write until a read shows it, zero if the first read does; `None` if no read does.
///
/// The reads before that are excused.
async fn visible(
    actor: &Actor,
    scenario: &ScenarioName,
    request: &Request,
    id: &str,
    written: Instant,
) -> Option<Duration> {
    let mut late: Vec<CallId> = Vec::new();
    while written.elapsed() < LONGEST {
        let response = actor.call(scenario, request.clone()).await;
        let is_success = response.is_success();
        let shows = |at: &str| response.text_at(at) == Some(id);
        if is_success && (shows("/id") || shows("/results/0/id") || shows("/0/id")) {
            let is_first = late.is_empty();
            for call in late {
                actor.client().excuse(Attempt::Call(call), Excuse::Lag);
            }
            return Some(if is_first { Duration::ZERO } else { written.elapsed() });
        }
        // Anything but an absence is not a lag.
        if !is_success && response.status != Some(404) {
            return None;
        }
        late.extend(response.call);
        actor.client().throttle.pause(INTERVAL).await;
    }
    None
}
