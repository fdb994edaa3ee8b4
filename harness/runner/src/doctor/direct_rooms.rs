//! Direct rooms among the accounts that exist already.

use std::collections::{BTreeMap, BTreeSet};

use hearback_client::{Actor, Request};
use hearback_contract::{Operation, UserId};
use serde_json::Value;

use super::examination::Examination;
use super::finding::Finding;

/// Maximum number of pages that are read per account.
const PAGES: usize = 3;

/// Maximum number of rooms that are read in all.
const ROOMS: usize = 100;

/// Maximum number of pairs that are named.
const NAMED: usize = 6;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let names: BTreeMap<UserId, &str> = examination
        .actors
        .iter()
        .filter_map(|actor| Some((actor.user_id()?, actor.name().as_str())))
        .collect();
    let mut rooms: BTreeMap<String, &Actor> = BTreeMap::new();
    for actor in &examination.actors {
        for room in direct_rooms(actor).await {
            if rooms.len() < ROOMS {
                rooms.entry(room).or_insert(actor);
            }
        }
    }
    let mut taken = BTreeSet::new();
    for (room, actor) in &rooms {
        if examination.context.is_cancelled() {
            return Finding::skipped("interrupted");
        }
        let request = Request::new(Operation::RoomsGet).path(room.as_str());
        let response = actor.call(&Examination::scenario(), request).await;
        if let [first, second] = members(response.json.as_ref(), &names)[..] {
            taken.insert((first, second));
        }
    }
    of_pairs(&names, &taken)
}

/// Ids of the direct rooms of an actor, with archived ones.
async fn direct_rooms(actor: &Actor) -> Vec<String> {
    let first = [("room_type", "direct"), ("include_archived", "true")];
    let mut query: Vec<(String, String)> =
        first.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut rooms = Vec::new();
    for _ in 0..PAGES {
        let mut request = Request::new(Operation::RoomsList);
        for (name, value) in &query {
            request = request.query(name, value);
        }
        let response = actor.call(&Examination::scenario(), request).await;
        let results = response.at("/results").and_then(Value::as_array).into_iter().flatten();
        let ids = results
            .filter(|room| room.get("room_type") == Some(&"direct".into()))
            .filter_map(|room| room.get("id")?.as_str());
        rooms.extend(ids.map(str::to_owned));
        let target = actor.client().target();
        let next = response.text_at("/next");
        match next.and_then(|next| target.query_of(Operation::RoomsList, next)) {
            Some(next) => query = next,
            None => break,
        }
    }
    rooms
}

/// The accounts that are members of a room, in the order of their ids.
fn members(room: Option<&Value>, names: &BTreeMap<UserId, &str>) -> Vec<UserId> {
    let participants = room.and_then(|room| room.get("participants")?.as_array());
    let ids = participants
        .into_iter()
        .flatten()
        .filter_map(|it| it.pointer("/user/id")?.as_i64())
        .map(UserId::new)
        .filter(|id| names.contains_key(id));
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn of_pairs(names: &BTreeMap<UserId, &str>, taken: &BTreeSet<(UserId, UserId)>) -> Finding {
    let pairs = names.len() * names.len().saturating_sub(1) / 2;
    let free = pairs.saturating_sub(taken.len());
    let found = format!("{free} of {pairs} pairs of accounts share none");
    if taken.is_empty() {
        return Finding::passed(found);
    }
    let mut shared: Vec<String> = taken
        .iter()
        .take(NAMED)
        .map(|(first, second)| format!("{} and {}", names[first], names[second]))
        .collect();
    if taken.len() > NAMED {
        shared.push(format!("{} other pairs", taken.len() - NAMED));
    }
    Finding::warning(
        format!("{found}; direct rooms exist of {}", shared.join(", ")),
        "use accounts without direct rooms among them; existing rooms are left alone, so that scenarios that need a \
         new one are not exercised for these pairs",
    )
}

#[cfg(test)]
mod tests {
    use hearback_results::DiagnosedState;
    use serde_json::json;

    use super::*;

    #[test]
    fn pairs_with_a_room_are_named() {
        let names: BTreeMap<UserId, &str> =
            [(UserId::new(1), "alice"), (UserId::new(2), "bob"), (UserId::new(3), "carol")].into();
        let room = json!({"participants": [{"user": {"id": 2}}, {"user": {"id": 1}}]});
        let pair = members(Some(&room), &names);
        assert_eq!(pair, [UserId::new(1), UserId::new(2)]);
        let finding = of_pairs(&names, &[(pair[0], pair[1])].into());
        assert_eq!(finding.state, DiagnosedState::Warning);
        assert!(finding.found.starts_with("2 of 3 pairs"), "{}", finding.found);
        assert!(finding.found.ends_with("alice and bob"), "{}", finding.found);
        assert_eq!(of_pairs(&names, &BTreeSet::new()).state, DiagnosedState::Passed);
    }
}
