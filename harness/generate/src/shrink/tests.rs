use hearback_contract::Operation;
use hearback_scenarios::RoomKind;
use hearback_scenarios::step::Call;
use serde_json::json;

use super::*;
use crate::sequence;

const BOUNDS: Bounds = Bounds { attempts: 2_000, time: Duration::from_secs(60), confirmations: 5 };

/// Which operations a scenario calls, in order.
fn operations(scenario: &Scenario) -> Vec<Operation> {
    let steps = scenario.all_steps();
    let called = steps.iter().filter_map(|step| match &step.action {
        Action::Call(call) => Some(call.operation),
        _ => None,
    });
    called.collect()
}

/// Whether it edits something, deletes something after that, and gets a room after that.
fn shows(scenario: &Scenario) -> bool {
    let mut wanted = [Operation::MessagesEdit, Operation::MessagesDelete, Operation::RoomsGet]
        .into_iter()
        .peekable();
    for operation in operations(scenario) {
        wanted.next_if_eq(&operation);
    }
    wanted.peek().is_none()
}

fn some_that_show(count: usize) -> impl Iterator<Item = Scenario> {
    sequence::scenarios(5, 100).into_iter().filter(shows).take(count)
}

#[tokio::test]
async fn what_is_needed_is_left_and_nothing_else() {
    let mut count = 0;
    for scenario in some_that_show(10) {
        let shrunk = shrink(&scenario, BOUNDS, async |it| shows(it)).await;
        assert!(shrunk.is_minimal);
        assert_eq!((shrunk.reproduced, shrunk.confirmed), (5, 5));
        let smallest = shrunk.scenario;
        assert_eq!(smallest.all_steps().len(), 3, "{}", write(&smallest));
        assert!(!is_concurrent(&smallest));
        count += 1;
    }
    assert_eq!(count, 10);
}

#[tokio::test]
async fn what_happens_only_now_and_then_is_not_given_up() {
    for scenario in some_that_show(5) {
        let mut occasions = 0;
        let attempt = async |it: &Scenario| {
            occasions += 1;
            shows(it) && occasions % 2 == 0
        };
        let shrunk = shrink(&scenario, BOUNDS, attempt).await;
        assert_eq!(shrunk.scenario.all_steps().len(), 3, "{}", write(&shrunk.scenario));
        assert!((1..5).contains(&shrunk.reproduced), "{}", shrunk.reproduced);
    }
}

#[tokio::test]
async fn what_never_happens_again_is_left_as_it_is() {
    let scenario = sequence::scenario(1);
    let shrunk = shrink(&scenario, BOUNDS, async |_| false).await;
    assert_eq!((shrunk.reproduced, shrunk.is_minimal), (0, false));
    assert_eq!(shrunk.scenario, scenario);
}

#[tokio::test]
async fn a_bound_ends_the_search_with_the_best_there_is() {
    let scenario = some_that_show(1).next().unwrap();
    let bounds = Bounds { attempts: 30, ..BOUNDS };
    let shrunk = shrink(&scenario, bounds, async |it| shows(it)).await;
    assert!(!shrunk.is_minimal);
    assert_eq!(shrunk.attempts, 30 + bounds.confirmations);
    assert!(shows(&shrunk.scenario));
    assert!(shrunk.scenario.all_steps().len() < scenario.all_steps().len());
}

#[tokio::test]
async fn requests_are_cut_last_and_actors_go() {
    let send = Call {
        body: Some(json!({
            "room": "{room.id}",
            "content": "a text with one q in it",
            "message_type": "text",
        })),
        ..Call::new("alice", Operation::MessagesSend)
    };
    let remove = Call {
        at: Some("{room.participants.2.id}".to_owned()),
        ..Call::new("alice", Operation::ParticipantsRemove)
    };
    let scenario = Scenario {
        name: "x/y".into(),
        file: "y.yaml".to_owned(),
        title: "t".to_owned(),
        requirements: Vec::new(),
        actors: ["alice", "bob", "carol"].map(str::to_owned).to_vec(),
        room: RoomKind::Group,
        members: ["bob", "carol"].map(str::to_owned).to_vec(),
        best_effort: true,
        variables: Default::default(),
        steps: hearback_scenarios::Step::numbered(vec![Action::Call(send), Action::Call(remove)]),
    };
    let attempt = async |it: &Scenario| {
        let text = write(it);
        text.contains('q')
            && text.contains("participants.remove")
            && it.members.contains(&"carol".to_owned())
    };
    let shrunk = shrink(&scenario, BOUNDS, attempt).await;
    assert_eq!(
        write(&shrunk.scenario),
        "title: t\nactors: [alice, carol]\nroom: group\nmembers: [carol]\nsteps:\n  \
         - { alice: messages.send, body: { content: q }, allow_invalid: true }\n  \
         - { alice: participants.remove, at: '{room.participants.1.id}' }\n"
    );
}
