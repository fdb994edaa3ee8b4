//! Responses that later steps use.

use hearback_client::{Request, Response};
use hearback_contract::Operation;
use serde_json::Value;

use super::context::{ScenarioContext, Stop};
use crate::step::Call;

impl ScenarioContext {
    /// Saves a successful response.
    ///
    /// The specification does not show the response to adding a participant (ambiguity `undocumented-bodies`), so a
    /// participant without an id there is looked up in the room.
    pub(super) async fn save_response(
        &self,
        name: &str,
        call: &Call,
        response: Response,
    ) -> Result<(), Stop> {
        let is_whole = response.json.as_ref().is_some_and(|it| it.get("id").is_some());
        let saved = match call.operation {
            Operation::ParticipantsAdd if !is_whole => self.added_participant(call).await?,
            _ => response.json,
        };
        if let Some(value) = saved {
            self.save(name, value);
        }
        Ok(())
    }

    /// The participant that a call added, as the room shows it; `None` if it does not.
    async fn added_participant(&self, call: &Call) -> Result<Option<Value>, Stop> {
        let Some(body) = &call.body else { return Ok(None) };
        let body = self.resolve(body)?;
        let (Some(room), Some(user)) = (body["room"].as_str(), body.get("user")) else {
            return Ok(None);
        };
        let request = Request::new(Operation::RoomsGet).path(room);
        let response = self.call(&call.actor, request).await?;
        let participants = response.json.as_ref().and_then(|room| room["participants"].as_array());
        let is_added = |participant: &&Value| participant["user"].get("id") == Some(user);
        Ok(participants.and_then(|all| all.iter().find(is_added)).cloned())
    }
}
