//! Onboarding: preflight, concurrent login, and learning which users the accounts are.

mod identify;
mod inquiry;
mod log_in;
mod options;
mod retry;
pub(crate) mod unsigned;

use hearback_client::{Actor, list_earlier_rooms};

use crate::cleanup::clean_up;
use crate::error::RunError;

pub(crate) use options::{Onboarding, RoomTests, SCENARIO};

/// Maximum number of accounts whose rooms are listed before a load run.
const MAX_LISTED: usize = 64;

impl Onboarding<'_> {
    /// Logs in every account and learns which user it is.
    ///
    /// Cancellation ends it at once; the cleanup archives a room that is being created.
    ///
    /// # Errors
    /// If the target is unreachable or another service, at the first account that cannot log in, if an account
    /// is another user than its file says or the same as another account, or if its user id stays unknown. If
    /// no account can create a room, ids may stay unknown unless they are required.
    pub(crate) async fn complete(&self) -> Result<Vec<Actor>, RunError> {
        let creator = self.accounts.iter().position(|account| account.creates_rooms);
        if creator.is_none() && self.requires_ids {
            return Err(RunError::NoCreator);
        }
        let creator = creator.unwrap_or(0);
        let actors = tokio::select! {
            actors = log_in::log_in(self, creator) => actors?,
            () = self.context.cancellation.cancelled() => return Err(RunError::Interrupted),
        };
        tracing::info!(accounts = actors.len(), "logged in");
        let identify = async {
            list_earlier_rooms(&self.listed(&actors)).await;
            self.identify(&actors, creator).await
        };
        let identified = tokio::select! {
            identified = identify => identified,
            () = self.context.cancellation.cancelled() => Err(RunError::Interrupted),
        };
        if let Err(error) = identified {
            clean_up(&actors, &self.context.cancellation).await;
            return Err(error);
        }
        Ok(actors)
    }

    /// The accounts whose rooms are listed before any is created: all, or under load some that create rooms, whose
    /// names prove that they are new.
    fn listed(&self, actors: &[Actor]) -> Vec<Actor> {
        let most = if self.requires_ids { MAX_LISTED } else { usize::MAX };
        let creates = |actor: &&Actor| !self.requires_ids || actor.account().creates_rooms;
        actors.iter().filter(creates).take(most).cloned().collect()
    }

    /// Learns the users of actors that are logged in; the one at `creator` tests a socket, if one is to be tested.
    ///
    /// # Errors
    /// If a user stays unknown although a room could be created, if an account is another user than its file says
    /// or the same as another account, or if no socket opens.
    pub(crate) async fn identify(&self, actors: &[Actor], creator: usize) -> Result<(), RunError> {
        identify::identify(self, actors, creator).await
    }
}
