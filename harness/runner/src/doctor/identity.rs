//! The user ids of all accounts.

use super::examination::Examination;
use super::finding::Finding;
use crate::onboarding::{Onboarding, RoomTests};

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let onboarding = Onboarding {
        client: &examination.client,
        target: &examination.target,
        accounts: examination.target.accounts(),
        run: &examination.name,
        signing_key: None,
        known_ids: if examination.target.is_embedded() { usize::MAX } else { 0 },
        requires_ids: false,
        tests: RoomTests::default(),
        context: &examination.context,
    };
    let creator = examination.creator().unwrap_or_default();
    if let Err(error) = onboarding.identify(&examination.actors, creator).await {
        return match error.is_usage() {
            true => Finding::usage(&error),
            false => Finding::failed(&error),
        };
    }
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for actor in &examination.actors {
        let name = actor.name();
        match (actor.user_id(), actor.username()) {
            (None, _) => unknown.push(format!("`{name}`")),
            (Some(id), Some(username)) if username != name.as_str() => {
                known.push(format!("{name} is {id} ({username})"));
            }
            (Some(id), _) => known.push(format!("{name} is {id}")),
        }
    }
    if !unknown.is_empty() {
        return Finding::warning(
            format!("no room can be created, so these have no user id: {}", unknown.join(", ")),
            "add `id` to the accounts in the accounts file",
        );
    }
    Finding::passed(known.join(", "))
}
