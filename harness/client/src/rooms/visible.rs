//! Lists of the rooms that an account can see.

use futures_util::{StreamExt as _, stream};
use hearback_contract::Operation;
use hearback_history::ScenarioName;
use serde_json::Value;

use crate::actor::Actor;
use crate::rest::Request;

/// Accounts whose rooms are listed at the same time.
const CONCURRENCY: usize = 8;

/// The scenario under which they are listed.
const SCENARIO: &str = "preflight";

/// Maximum number of pages per account; an account with more rooms is listed in part.
const MAX_PAGES: usize = 20;

/// Lists the rooms of accounts that were not listed yet, while no room is being created.
///
/// These rooms existed before the run, unless it has created them.
pub async fn list_earlier_rooms(actors: &[Actor]) {
    let Some(client) = actors.first().map(Actor::client) else { return };
    let ledger = client.ownership();
    let _no_creation = ledger.creating.write().await;
    let unlisted = actors.iter().filter(|actor| !ledger.has_listed(actor.name()));
    stream::iter(unlisted)
        .for_each_concurrent(CONCURRENCY, |actor| async move {
            let (rooms, is_complete) = list_rooms(actor, &SCENARIO.into()).await;
            ledger.add_visible(actor.name(), &rooms, is_complete);
        })
        .await;
}

/// The rooms that an account can see, archived ones included, and whether the list is complete.
///
/// At most 20 pages are read.
pub async fn list_rooms(actor: &Actor, scenario: &ScenarioName) -> (Vec<Value>, bool) {
    let request = Request::new(Operation::RoomsList).query("include_archived", "true");
    let (mut rooms, mut end) = walk(actor, scenario, request).await;
    // The target may reject the parameter.
    if rooms.is_empty() && end == End::Rejected {
        (rooms, end) = walk(actor, scenario, Request::new(Operation::RoomsList)).await;
    }
    (rooms, end == End::Complete)
}

/// The end of a walk through the pages of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The last page.
    Complete,
    /// A response that is not a page, or a link that does not lead to one.
    Rejected,
    /// No response, or too many pages.
    Cut,
}

async fn walk(actor: &Actor, scenario: &ScenarioName, mut request: Request) -> (Vec<Value>, End) {
    let mut rooms = Vec::new();
    for _ in 0..MAX_PAGES {
        let response = actor.call(scenario, request.clone()).await;
        if response.status.is_none() {
            return (rooms, End::Cut);
        }
        let body = response.json.as_ref().filter(|_| response.is_success());
        let results = body.and_then(|body| body.get("results").unwrap_or(body).as_array());
        let Some(results) = results else { return (rooms, End::Rejected) };
        rooms.extend(results.iter().cloned());
        let next = response.text_at("/next");
        match next.map(|next| actor.client().target().query_of(Operation::RoomsList, next)) {
            None => return (rooms, End::Complete),
            // A link that does not lead to a page of the list is not followed.
            Some(None) => return (rooms, End::Rejected),
            Some(Some(query)) => request.query = query,
        }
    }
    (rooms, End::Cut)
}
