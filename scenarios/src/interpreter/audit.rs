//! The audit: reads every view of the rooms that a scenario leaves.
//!
//! No scenario asks for every view after every step, so defects hide where none looks. When a scenario has run to its
//! end, its users read its rooms in every way; the rules compare what they see with the model.

use futures_util::future::{join, join_all};
use hearback_client::{Actor, Request, Response};
use hearback_contract::{Operation, RoomId};
use hearback_history::{CredentialKind, EventKind};
use serde_json::Value;

use super::context::ScenarioContext;

/// Minimum length of a text that is searched for.
const MIN_SEARCH: usize = 3;

/// Maximum number of characters of a query: longer URLs may be rejected.
const MAX_SEARCH: usize = 100;

impl ScenarioContext {
    /// Reads the rooms of the scenario: every user the rooms and their list, and one user all other views as well.
    ///
    /// Nothing that fails here ends or impedes the scenario. A target that throttles is spared.
    pub(super) async fn audit(&self) {
        let scenario = self.scenario.clone();
        self.recorder().record(EventKind::AuditStarted { scenario });
        let rooms: Vec<RoomId> = self.rooms.rooms().into_iter().map(|room| room.id).collect();
        let users: Vec<&Actor> = self.actors().filter(|actor| is_free(actor)).collect();
        let overviews = users.iter().map(|actor| self.overview(actor, &rooms));
        // Different scenarios look through the eyes of different roles.
        let thorough = self.scenario.as_str().len().checked_rem(users.len()).map(|it| users[it]);
        let details = thorough
            .into_iter()
            .flat_map(|actor| rooms.iter().map(move |room| self.details(actor, room)));
        join(join_all(overviews), join_all(details)).await;
    }

    async fn overview(&self, actor: &Actor, rooms: &[RoomId]) {
        let details =
            rooms.iter().map(|room| Request::new(Operation::RoomsGet).path(room.as_str()));
        let requests = std::iter::once(Request::new(Operation::RoomsList)).chain(details);
        join_all(requests.map(|request| self.read(actor, request))).await;
    }

    async fn details(&self, actor: &Actor, room: &RoomId) {
        let of_room = |operation| Request::new(operation).query("room", room.as_str());
        let stats = self.read(actor, Request::new(Operation::RoomsStats).path(room.as_str()));
        let participants = self.read(actor, of_room(Operation::ParticipantsList));
        let messages = async {
            let listed = self.read(actor, of_room(Operation::MessagesList)).await;
            if let Some(word) = word(&listed) {
                self.read(actor, of_room(Operation::MessagesSearch).query("q", word)).await;
            }
        };
        let socket = async {
            let opened = actor.connect(&self.scenario, room, CredentialKind::Access).await;
            if let Ok(socket) = opened {
                // Whatever comes first is recorded; what must come is known to the rules.
                socket.wait_for(0, self.timeout, |_| true).await;
                socket.close().await;
            }
        };
        tokio::join!(stats, participants, messages, socket);
    }

    async fn read(&self, actor: &Actor, request: Request) -> Response {
        actor.call(&self.scenario, request).await
    }
}

/// Returns whether requests of an actor are sent at once.
fn is_free(actor: &Actor) -> bool {
    actor.is_logged_in() && actor.client().throttled_for(actor.name()).is_zero()
}

/// A word of a listed message, to search for.
fn word(listed: &Response) -> Option<String> {
    let messages = listed.json.as_ref()?.get("results")?.as_array()?;
    let words = messages.iter().flat_map(|message| {
        message.get("content").and_then(Value::as_str).unwrap_or_default().split_whitespace()
    });
    let is_sought = |word: &&str| (MIN_SEARCH..=MAX_SEARCH).contains(&word.chars().count());
    words.filter(is_sought).max_by_key(|word| word.len()).map(str::to_owned)
}
