//! Finishes the cleanup of earlier runs, from their journals.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hearback_client::{Actor, Client, UnansweredCreation};
use hearback_contract::RoomId;
use hearback_history::{ActorName, OrphanedRoom, Recorder};

use crate::cleanup::{SCENARIO, clean_up, journal::LeftRooms};
use crate::context::Context;
use crate::error::RunError;
use crate::run::{RUNS_FOLDER, default_journal, default_load_journal};
use crate::target::TargetUnderTest;

pub use hearback_client::RoomStatus;

/// The rooms that an earlier run left behind.
#[derive(Debug)]
pub struct LeftBehind(LeftRooms);

/// The result of cleaning up an earlier run.
#[derive(Debug)]
pub struct Cleaned {
    /// Name of the run.
    pub run: String,
    /// Rooms that were archived, or found to be archived or gone.
    pub settled: Vec<(RoomId, RoomStatus)>,
    /// Rooms that are still active, or whose state is not known.
    pub left: Vec<OrphanedRoom>,
    /// The target of the run, if it is another one, where nothing was done.
    pub other_target: Option<String>,
}

impl Cleaned {
    /// Returns whether no room is left.
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && self.other_target.is_none()
    }
}

impl LeftBehind {
    /// Reads the journal of a run, by its name or path, or those of all runs that may have left rooms.
    ///
    /// # Errors
    /// If the journal of the named run cannot be read. Other files that are not journals are skipped.
    pub fn find(run: Option<&str>) -> Result<Vec<Self>, RunError> {
        if let Some(run) = run {
            let named = [PathBuf::from(run), default_journal(run), default_load_journal(run)];
            let existing = named.iter().find(|path| path.is_file());
            let left = LeftRooms::read(existing.unwrap_or(&named[1]))?;
            return Ok(left.map(Self).into_iter().collect());
        }
        let entries = std::fs::read_dir(RUNS_FOLDER).into_iter().flatten().flatten();
        let is_journal = |path: &PathBuf| path.extension().is_some_and(|it| it == "jsonl");
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(is_journal).collect();
        paths.sort();
        let left = paths.iter().filter_map(|path| LeftRooms::read(path).ok().flatten());
        Ok(left.map(Self).collect())
    }

    /// Name of the run.
    pub fn run(&self) -> &str {
        &self.0.start.run
    }

    /// Base URL of the target of the run.
    pub fn target(&self) -> &str {
        &self.0.start.target
    }

    /// The journal.
    pub fn journal(&self) -> &Path {
        &self.0.path
    }

    /// The rooms that may still be active.
    pub fn rooms(&self) -> Vec<OrphanedRoom> {
        let created = self.0.rooms.iter().map(|room| OrphanedRoom {
            id: Some(room.id.clone()),
            name: room.name.clone(),
            creator: room.creator.clone(),
            is_verified: false,
        });
        created.chain(self.0.unanswered.iter().map(orphaned)).collect()
    }

    /// Logs in as the creators of the rooms, and archives what the journal proves to be of the run.
    ///
    /// If rooms remain, the other accounts log in as well, since one of them may be an admin. Nothing is sent to
    /// a target that the run did not test, where its rooms cannot be.
    ///
    /// # Errors
    /// If no client can be built, or a creator cannot log in.
    pub async fn clean(
        &self,
        target: &TargetUnderTest,
        timeout: Duration,
        context: &Context,
    ) -> Result<Cleaned, RunError> {
        if self.target() != target.target().rest().as_str() {
            return Ok(Cleaned {
                run: self.run().to_owned(),
                settled: Vec::new(),
                left: self.rooms(),
                other_target: Some(self.target().to_owned()),
            });
        }
        let recorder = Arc::new(Recorder::new(Vec::new()));
        context.redaction.add(&recorder);
        let limits = target.limits(timeout);
        let client = Client::new(target.target().clone(), recorder, limits, target.jwt_secret())?;
        let ledger = client.ownership();
        if let Ok(began) = self.0.start.started_at.parse() {
            ledger.set_began_at(began);
        }
        for room in &self.0.rooms {
            ledger.add(room.clone(), None);
        }
        let (certain, uncertain): (Vec<_>, Vec<_>) =
            self.0.unanswered.iter().partition(|creation| carries_name(creation, self.run()));
        for creation in certain {
            ledger.add_unanswered(creation.clone());
        }
        let creates = |name: &ActorName| {
            let rooms = self.0.rooms.iter().map(|room| &room.creator);
            let unanswered = self.0.unanswered.iter().map(|creation| &creation.creator);
            rooms.chain(unanswered).any(|creator| creator == name)
        };
        let (creators, others): (Vec<_>, Vec<_>) =
            target.accounts().iter().cloned().partition(|account| creates(&account.username));
        let mut actors: Vec<Actor> = Vec::new();
        for account in creators {
            let actor = client.actor(account);
            actor.log_in(&SCENARIO.into()).await?;
            actors.push(actor);
        }
        let mut left = clean_up(&actors, &context.cancellation).await;
        if left.iter().any(|room| room.id.is_some()) && !context.is_cancelled() {
            for account in others {
                let actor = client.actor(account);
                if actor.log_in(&SCENARIO.into()).await.is_ok() {
                    actors.push(actor);
                }
            }
            left = clean_up(&actors, &context.cancellation).await;
        }
        left.extend(uncertain.into_iter().map(orphaned));
        // Without the account of a creator nothing can be said about its rooms.
        if actors.is_empty() {
            left = self.rooms();
        }
        let settled: Vec<_> = ledger
            .rooms()
            .into_iter()
            .filter(|room| room.status != RoomStatus::Active)
            .map(|room| (room.creation.id, room.status))
            .collect();
        let ids = settled.iter().map(|(id, _)| id.clone()).collect();
        let is_resolved = left.iter().all(|room| room.id.is_some());
        if let Err(error) = self.0.save(ids, is_resolved) {
            tracing::warn!(%error, "the result of the cleanup is not saved");
        }
        Ok(Cleaned { run: self.run().to_owned(), settled, left, other_target: None })
    }
}

/// The room of a creation without a response, if there is one.
fn orphaned(creation: &UnansweredCreation) -> OrphanedRoom {
    OrphanedRoom {
        id: None,
        name: creation.name().map(str::to_owned),
        creator: creation.creator.clone(),
        is_verified: false,
    }
}

/// Returns whether the requested room carries the name of the run, so that no later room can be taken for it.
fn carries_name(creation: &UnansweredCreation, run: &str) -> bool {
    creation.name().is_some_and(|name| name.contains(run))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn rooms_without_the_name_of_the_run_are_not_searched_later() {
        let creation = |request: Value| UnansweredCreation {
            request: Some(request),
            creator: "alice".into(),
            scenario: "one".into(),
        };
        let run = "20261129-1f";
        assert!(carries_name(&creation(json!({"name": "hearback 20261129-1f one"})), run));
        assert!(!carries_name(&creation(json!({"name": "Team"})), run));
        assert!(!carries_name(&creation(json!({"participant_ids": [2]})), run));
    }
}
