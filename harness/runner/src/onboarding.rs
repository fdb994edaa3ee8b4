//! Onboarding: preflight, concurrent log-in, and learning the user ids of all accounts.

use std::sync::Arc;

use futures_util::future::join_all;
use hearback_client::{
    Account, Accounts, Actor, Client, Request, RoomRegistry, preflight, socket_preflight,
    stated_user_id,
};
use hearback_contract::{Operation, UserId};
use hearback_history::ScenarioName;
use secrecy::SecretString;
use serde_json::json;
use tokio::task::JoinSet;

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
use crate::target::TargetUnderTest;

/// The scenario under which onboarding is recorded.
pub(crate) const SCENARIO: &str = "preflight";

/// Log-ins, and rooms that reveal user ids, at the same time. Most targets make log-ins slow on purpose.
const CONCURRENCY: usize = 8;

/// Requirements of a run on its accounts.
pub(crate) struct Onboarding<'a> {
    /// The client of the run.
    pub(crate) client: &'a Arc<Client>,
    /// The target of the run.
    pub(crate) target: &'a TargetUnderTest,
    /// Accounts to log in.
    pub(crate) accounts: &'a [Account],
    /// Name of the run.
    pub(crate) run: &'a str,
    /// Key that the tokens of all accounts but the first creator are signed with, instead of logging in.
    pub(crate) signing_key: Option<&'a SecretString>,
    /// Number of accounts, from the first on, whose ids are known to be right.
    pub(crate) known_ids: usize,
    /// True if an account of unknown id is an error.
    pub(crate) requires_ids: bool,
    /// True if to test that a socket opens.
    pub(crate) tests_socket: bool,
    /// Where cancellation is noticed, and progress reported.
    pub(crate) context: &'a Context,
}

impl Onboarding<'_> {
    /// Logs in every account and learns its user id.
    ///
    /// Cancellation ends log-ins at once; a room that is being created is archived first.
    ///
    /// # Errors
    /// If the target is unreachable or another service, at the first account that cannot log in, if an account
    /// has another id than its file says, or if an id that is required stays unknown.
    pub(crate) async fn complete(&self) -> Result<Vec<Actor>, RunError> {
        let creator = self.accounts.iter().position(|account| account.creates_rooms);
        if creator.is_none() && self.requires_ids {
            return Err(RunError::NoCreator);
        }
        let creator = creator.unwrap_or(0);
        let actors = tokio::select! {
            actors = self.log_in(creator) => actors?,
            () = self.context.cancellation.cancelled() => return Err(RunError::Interrupted),
        };
        tracing::info!(accounts = actors.len(), "logged in");
        self.learn_ids(&actors, creator).await?;
        if self.context.is_cancelled() {
            return Err(RunError::Interrupted);
        }
        Ok(actors)
    }

    /// The first log-in is part of the preflight, so that a wrong password is tried once.
    async fn log_in(&self, creator: usize) -> Result<Vec<Actor>, RunError> {
        let first = self.client.actor(self.accounts[creator].clone());
        preflight(self.client, &first).await?;
        let mut actors = Vec::with_capacity(self.accounts.len());
        for (position, account) in self.accounts.iter().enumerate() {
            actors.push(match (position == creator, self.signing_key, account.id) {
                (true, ..) => first.clone(),
                (false, Some(key), Some(_)) => {
                    first.impersonate(account.clone(), key).map_err(|error| RunError::Signing {
                        actor: account.username.to_string(),
                        reason: error.to_string(),
                    })?
                }
                _ => self.client.actor(account.clone()),
            });
        }
        let mut waiting = actors.clone().into_iter();
        let mut working = JoinSet::new();
        let mut done = 0;
        loop {
            while working.len() < CONCURRENCY
                && let Some(actor) = waiting.next()
            {
                working.spawn(async move { actor.log_in(&SCENARIO.into()).await });
            }
            match working.join_next().await {
                None => return Ok(actors),
                Some(Ok(logged_in)) => logged_in?,
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            }
            done += 1;
            self.context.emit(Event::LoggingIn { done, all: actors.len() });
        }
    }

    /// Has the target state user ids: those that are unknown, and those of the accounts file, since with a wrong
    /// id another user would be taken for the actor. An id in a token that was signed here cannot be verified.
    async fn learn_ids(&self, actors: &[Actor], creator: usize) -> Result<(), RunError> {
        let mut asked = Vec::new();
        for (position, actor) in actors.iter().enumerate() {
            let tests_socket = self.tests_socket && position == creator;
            let is_known = actor.user_id().is_some()
                && (position < self.known_ids
                    || (self.signing_key.is_some() && position != creator));
            if is_known && !tests_socket {
                continue;
            }
            match (actor.account().creates_rooms, actor.user_id()) {
                (true, _) => asked.push((actor, tests_socket)),
                (false, None) if self.requires_ids => return Err(unknown(actor)),
                (false, _) => {}
            }
        }
        for chunk in asked.chunks(CONCURRENCY) {
            if self.context.is_cancelled() {
                return Err(RunError::Interrupted);
            }
            let answers = chunk.iter().map(|(actor, tests_socket)| self.ask(actor, *tests_socket));
            join_all(answers).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    /// Creates and archives a room as the actor: the response states the actor's id, and the room can test a
    /// socket. A failed creation is left to the scenarios to report, unless the id is required.
    async fn ask(&self, actor: &Actor, tests_socket: bool) -> Result<(), RunError> {
        let scenario = ScenarioName::from(SCENARIO);
        let rooms = RoomRegistry::default();
        let name = format!("hearback {} {SCENARIO}", self.run);
        let body = json!({"room_type": "group", "name": name, "participant_ids": []});
        let request = Request::new(Operation::RoomsCreate).json(body);
        let response = rooms.create(actor, &scenario, request).await;
        let room = response.text_at("/id").filter(|_| response.is_success());
        let opened = match room {
            Some(room) if tests_socket => socket_preflight(actor, &room.into()).await,
            _ => Ok(()),
        };
        rooms.archive_all(self.client.limits().timeout).await;
        if room.is_some()
            && actor.user_id().is_none()
            && let Some(id) = response.integer_at("/created_by/id")
            && response
                .text_at("/created_by/username")
                .is_none_or(|name| name == actor.name().as_str())
        {
            actor.learn_user_id(UserId::new(id));
        }
        if self.requires_ids && actor.user_id().is_none() {
            return Err(unknown(actor));
        }
        opened?;
        let stated = stated_user_id(&response, actor.name()).filter(|_| room.is_some());
        match (actor.account().id, stated) {
            (Some(id), Some(stated)) if id != stated => Err(self.differs(actor, stated)),
            _ => Ok(()),
        }
    }

    fn differs(&self, actor: &Actor, stated: UserId) -> RunError {
        match self.target.accounts_file() {
            Some(path) => Accounts::id_mismatch(path, actor.account(), stated).into(),
            None => RunError::UserIdDiffers { account: Box::new(actor.account().clone()), stated },
        }
    }
}

fn unknown(actor: &Actor) -> RunError {
    RunError::UserIdUnknown(actor.name().to_string())
}

/// Number of accounts that log in although the target's key is known, because a token can only be signed for an
/// account of known id. The first creator, which always logs in, does not count.
pub fn unsigned(accounts: &[Account]) -> usize {
    let first = accounts.iter().position(|account| account.creates_rooms);
    let others = accounts.iter().enumerate().filter(|(position, _)| Some(*position) != first);
    others.filter(|(_, account)| account.id.is_none()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_without_id_are_unsigned() {
        let account = |id, creates_rooms| Account {
            id,
            creates_rooms,
            ..Account::with_password("alice", "password")
        };
        let creator = account(None, true);
        assert_eq!(unsigned(&[account(Some(UserId::new(1)), false), creator.clone()]), 0);
        assert_eq!(unsigned(&[creator.clone(), account(None, true), account(None, false)]), 2);
        assert_eq!(unsigned(&[account(None, false), creator]), 1);
    }
}
