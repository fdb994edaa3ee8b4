//! Cases of one kind, packed into scenarios.

use hearback_contract::{Operation, RequirementId};
use hearback_scenarios::step::{Call, Outgoing};
use hearback_scenarios::template::Variables;
use hearback_scenarios::{Action, RoomKind, Scenario, Step};
use serde_json::{Value, json};

use crate::depth::Depth;

/// Cases that share a room: few enough that one that breaks something is soon found alone, enough that
/// what is around them costs little.
const CASES: usize = 16;

/// Cases of one kind, and what is done around them.
pub(super) struct Family {
    /// `messages.send/valid`.
    pub(super) name: String,
    /// One sentence.
    pub(super) title: String,
    /// The requirements that they speak to.
    pub(super) requirements: &'static [RequirementId],
    /// What is done before the first one.
    pub(super) before: Vec<Action>,
    /// Each case, the most telling in front.
    pub(super) cases: Vec<Vec<Action>>,
    /// What is done after the last one.
    pub(super) after: Vec<Action>,
}

impl Family {
    /// The scenarios of the first cases, as many as the depth says.
    pub(super) fn scenarios(self, depth: Depth) -> Vec<Scenario> {
        let cases = &self.cases[..depth.cases.min(self.cases.len())];
        let chunks = cases.chunks(CASES).enumerate();
        chunks.map(|(index, cases)| self.scenario(index + 1, cases)).collect()
    }

    fn scenario(&self, number: usize, cases: &[Vec<Action>]) -> Scenario {
        let actions = self.before.iter().chain(cases.iter().flatten()).chain(&self.after);
        Scenario {
            name: format!("generated/{}:{number}", self.name).into(),
            file: "generated".to_owned(),
            title: self.title.clone(),
            requirements: self.requirements.to_vec(),
            actors: ["alice", "bob", "carol"].map(str::to_owned).to_vec(),
            room: RoomKind::Group,
            members: vec!["bob".to_owned()],
            variables: Variables::new(),
            steps: numbered(actions.cloned()),
            best_effort: false,
        }
    }
}

fn numbered(actions: impl Iterator<Item = Action>) -> Vec<Step> {
    let steps = actions.enumerate();
    steps
        .map(|(index, action)| Step { number: (index + 1).to_string(), line: index + 1, action })
        .collect()
}

/// A call without anything.
pub(super) fn call(actor: &str, operation: Operation) -> Call {
    Call {
        actor: actor.to_owned(),
        operation,
        at: None,
        query: Vec::new(),
        body: None,
        raw: None,
        form: None,
        credential: None,
        save: None,
        expect: None,
    }
}

/// Alice sends a message, kept as `name`.
pub(super) fn message(name: &str) -> Action {
    Action::Call(Call {
        body: Some(json!({ "room": "{room.id}", "content": "before {unique}" })),
        save: Some(name.to_owned()),
        ..call("alice", Operation::MessagesSend)
    })
}

/// Somebody lists the messages of the room.
pub(super) fn list(actor: &str) -> Action {
    let query = [("room", json!("{room.id}")), ("page_size", json!(100))];
    Action::Call(Call {
        query: query.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        ..call(actor, Operation::MessagesList)
    })
}

/// Somebody looks at one thing by its id.
pub(super) fn look(actor: &str, operation: Operation, at: &str) -> Action {
    Action::Call(Call { at: Some(at.to_owned()), ..call(actor, operation) })
}

/// Opens a socket to the room, called like its owner.
pub(super) fn connect(actor: &str) -> Action {
    Action::Connect {
        actor: actor.to_owned(),
        socket: actor.to_owned(),
        room: "{room.id}".to_owned(),
        credential: None,
        expect: None,
    }
}

/// Sends an event as JSON.
pub(super) fn send(actor: &str, event: Value) -> Action {
    Action::Send { socket: actor.to_owned(), frame: Outgoing::Event(event) }
}

/// ThrottleNotifications until everybody has heard a word.
pub(super) fn fence(actor: &str) -> Action {
    Action::Fence { socket: actor.to_owned() }
}
