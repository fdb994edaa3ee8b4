//! The guard at the client's exit: writes to what the run did not create are not sent.

use hearback_contract::{Method, Operation, RoomId};
use hearback_history::escape::escape;
use serde_json::Value;

use super::ids;
use super::ledger::{Ledger, RoomStatus};
use crate::failure::{Failure, FailureKind};

/// Maximum length of an id in an error, in characters.
const LONGEST_ID: usize = 60;

/// Fields of frames with the id of what a target may change.
const NAMES_OF_IDS: [&str; 5] = ["message_id", "id", "reply_to", "room", "room_id"];

/// A request, as far as the guard needs it.
pub(crate) struct GuardedRequest<'a> {
    pub(crate) operation: Option<Operation>,
    pub(crate) path_parameters: &'a [String],
    pub(crate) query: &'a [(String, String)],
    /// The body as it is recorded.
    pub(crate) body: Option<String>,
}

impl GuardedRequest<'_> {
    /// Checks that the request changes nothing that the run did not create.
    ///
    /// # Errors
    /// [`FailureKind::NotOurs`] if it may.
    pub(crate) fn check(&self, ledger: &Ledger) -> Result<(), Failure> {
        let Some(operation) = self.operation.filter(|it| is_write(*it)) else { return Ok(()) };
        let is_numbered = matches!(
            operation,
            Operation::ParticipantsAdd
                | Operation::ParticipantsRemove
                | Operation::ParticipantsMute
        );
        for id in self.path_parameters {
            permit(ledger, id, is_numbered)?;
        }
        for room in self.rooms_in_body() {
            permit(ledger, &room, false)?;
        }
        Ok(())
    }

    /// Learns from a successful response which objects are in rooms of the run, and which rooms are archived.
    ///
    /// Returns the room that was archived, if one was.
    pub(crate) fn learn(&self, response: Option<&Value>, ledger: &Ledger) -> Option<RoomId> {
        let in_path = match self.operation {
            Some(operation) if is_of_a_room(operation) => self.path_parameters.first().cloned(),
            _ => None,
        };
        let in_query = || self.query.iter().find(|(name, _)| name == "room").map(|it| it.1.clone());
        let room = in_path.clone().or_else(in_query).or_else(|| self.rooms_in_body().pop());
        if let Some(response) = response {
            ledger.learn(response, room.map(RoomId::from).as_ref());
        }
        let archived = in_path.filter(|_| self.operation == Some(Operation::RoomsArchive))?;
        let archived = RoomId::from(archived);
        let states_active = response.and_then(|it| it.get("is_active")) == Some(&Value::Bool(true));
        (!states_active && ledger.set_status(&archived, RoomStatus::Archived)).then_some(archived)
    }

    /// The values of `room` in the body; for a body that is not JSON, every UUID in it.
    fn rooms_in_body(&self) -> Vec<String> {
        let Some(body) = &self.body else { return Vec::new() };
        match serde_json::from_str::<Value>(body) {
            Ok(value) => value.get("room").and_then(ids::id_of).into_iter().collect(),
            Err(_) => uuids(body),
        }
    }
}

/// Checks that a socket may be opened to a room.
///
/// # Errors
/// [`FailureKind::NotOurs`] if the run did not create the room.
pub(crate) fn check_socket(ledger: &Ledger, room: &RoomId) -> Result<(), Failure> {
    permit(ledger, room.as_str(), false)
}

/// Checks that a frame names nothing that the run did not create.
///
/// # Errors
/// [`FailureKind::NotOurs`] if it may.
pub(crate) fn check_frame(ledger: &Ledger, frame: &str) -> Result<(), Failure> {
    let ids = match serde_json::from_str::<Value>(frame) {
        Ok(event) => NAMES_OF_IDS.iter().filter_map(|name| ids::id_of(event.get(name)?)).collect(),
        Err(_) => uuids(frame),
    };
    ids.iter().try_for_each(|id| permit(ledger, id, false))
}

/// Every UUID in a text.
fn uuids(text: &str) -> Vec<String> {
    text.split(|it: char| !it.is_ascii_hexdigit() && it != '-')
        .filter(|word| ids::is_uuid(word))
        .map(str::to_owned)
        .collect()
}

fn permit(ledger: &Ledger, id: &str, is_numbered: bool) -> Result<(), Failure> {
    if ledger.may_write(id, is_numbered) {
        return Ok(());
    }
    let shown = escape(id, LONGEST_ID);
    Err(Failure {
        kind: FailureKind::NotOurs,
        text: format!("not sent: this run did not create `{shown}`"),
        maybe_done: false,
    })
}

/// Returns whether an operation changes something other than the rooms of the caller.
fn is_write(operation: Operation) -> bool {
    let spec = operation.spec();
    // Creating a room changes no other, and the token operations change none.
    spec.authenticated && spec.method != Method::Get && operation != Operation::RoomsCreate
}

fn is_of_a_room(operation: Operation) -> bool {
    operation.spec().path_parameters().next() == Some("room_id")
}

#[cfg(test)]
mod tests {
    use hearback_history::{RoomCreation, synthetic_ids};
    use serde_json::json;

    use super::*;

    const OURS: &str = "11111111-1111-4111-8111-111111111111";
    const THEIRS: &str = "22222222-2222-4222-8222-222222222222";

    fn ledger() -> Ledger {
        let ledger = Ledger::default();
        let creation = RoomCreation {
            id: OURS.into(),
            name: None,
            creator: "alice".into(),
            scenario: "test".into(),
        };
        ledger.add(creation, None);
        ledger
    }

    fn is_sent(operation: Operation, path: &[&str], body: Option<&str>) -> bool {
        let path_parameters: Vec<_> = path.iter().map(|&id| id.to_owned()).collect();
        let request = GuardedRequest {
            operation: Some(operation),
            path_parameters: &path_parameters,
            query: &[],
            body: body.map(str::to_owned),
        };
        match request.check(&ledger()) {
            Ok(()) => true,
            Err(failure) => {
                assert_eq!((failure.kind, failure.maybe_done), (FailureKind::NotOurs, false));
                false
            }
        }
    }

    #[test]
    fn every_write_to_an_object_in_the_path_is_guarded() {
        let has_id = |it: &Operation| it.spec().path_parameters().next().is_some();
        for operation in Operation::all().filter(has_id) {
            let is_guarded = operation.spec().method != Method::Get;
            assert_eq!(is_sent(operation, &[THEIRS], None), !is_guarded, "{operation}");
            assert!(is_sent(operation, &[OURS], None), "{operation}");
            assert!(is_sent(operation, &[&synthetic_ids::uuid(1)], None), "{operation}");
        }
    }

    #[test]
    fn rooms_in_bodies_are_guarded_in_any_form() {
        let send = |body: &str| is_sent(Operation::MessagesSend, &[], Some(body));
        let add = |body: &str| is_sent(Operation::ParticipantsAdd, &[], Some(body));
        let of = |room: &str| json!({"room": room, "content": "x"}).to_string();
        assert!(send(&of(OURS)) && add(&of(OURS)));
        assert!(!send(&of(THEIRS)) && !add(&of(THEIRS)));
        assert!(send(&of("not-a-uuid")) && send(&of(&synthetic_ids::uuid(2))));
        assert!(!send(&format!("room={THEIRS}&content=x")), "not JSON");
        assert!(send("{\"room\":"));
        let edit = |room| is_sent(Operation::MessagesEdit, &[OURS], Some(&of(room)));
        assert!(edit(OURS) && !edit(THEIRS), "a message is not moved to a foreign room");
    }

    #[test]
    fn sockets_are_guarded() {
        assert!(check_socket(&ledger(), &OURS.into()).is_ok());
        assert!(check_socket(&ledger(), &synthetic_ids::uuid(3).into()).is_ok());
        assert!(check_socket(&ledger(), &THEIRS.into()).is_err());
    }

    #[test]
    fn frames_that_name_foreign_objects_are_guarded() {
        let ledger = ledger();
        let receipt = |id: &str| json!({"type": "read_receipt", "message_id": id}).to_string();
        let is_sent = |frame: &str| check_frame(&ledger, frame).is_ok();
        assert!(is_sent(&receipt(OURS)) && is_sent(&receipt("not-a-uuid")));
        assert!(is_sent(&receipt(&synthetic_ids::uuid(1))));
        assert!(!is_sent(&receipt(THEIRS)) && !is_sent(&receipt(&THEIRS.to_uppercase())));
        assert!(!is_sent(&receipt(THEIRS)[1..]), "not JSON");
        assert!(!is_sent(&json!({"type": "mark_room_read", "room_id": THEIRS}).to_string()));
        let text = json!({"type": "chat_message", "message": THEIRS}).to_string();
        assert!(is_sent(&text), "a text is not an id");
        assert!(is_sent("[1, 2]") && is_sent("null") && is_sent("{"));
    }

    #[test]
    fn a_successful_archive_archives_the_room() {
        let path_parameters = [OURS.to_owned()];
        let request = GuardedRequest {
            operation: Some(Operation::RoomsArchive),
            path_parameters: &path_parameters,
            query: &[],
            body: None,
        };
        let ledger = ledger();
        let active = json!({"id": OURS, "is_active": true});
        assert_eq!(request.learn(Some(&active), &ledger), None, "it says that it is active");
        let archived = json!({"id": OURS, "is_active": false});
        assert_eq!(request.learn(Some(&archived), &ledger), Some(OURS.into()));
        assert_eq!(ledger.rooms()[0].status, RoomStatus::Archived);
    }
}
