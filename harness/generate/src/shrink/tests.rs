use hearback_contract::Operation;
use hearback_scenarios::RoomKind;
use hearback_scenarios::step::Call;
use serde_json::json;

use super::*;
use crate::sequence;

const BOUNDS: Bounds = Bounds { attempts: 2_000, time: Duration::from_secs(60), confirmations: 5 };

/// The operations that a scenario calls, in order.
fn operations(scenario: &Scenario) -> Vec<Operation> {
    let steps = scenario.all_steps();
    let called = steps.iter().filter_map(|step| match &step.action {
        Action::Call(call) => Some(call.operation),
        _ => None,
    });
    called.collect()
}

/// True for scenarios that edit a message, then delete a message, then get a room.
fn reproduces(scenario: &Scenario) -> bool {
    let mut wanted = [Operation::MessagesEdit, Operation::MessagesDelete, Operation::RoomsGet]
        .into_iter()
        .peekable();
    for operation in operations(scenario) {
        wanted.next_if_eq(&operation);
    }
    wanted.peek().is_none()
}

fn reproducing(count: usize) -> impl Iterator<Item = Scenario> {
    sequence::scenarios(5, 100).into_iter().filter(reproduces).take(count)
}

#[tokio::test]
async fn only_required_steps_are_kept() {
    let mut count = 0;
    for scenario in reproducing(10) {
        let shrunk = shrink(&scenario, BOUNDS, async |it| reproduces(it)).await;
        assert!(shrunk.is_minimal);
        assert_eq!((shrunk.reproduced, shrunk.confirmed), (5, 5));
        let smallest = shrunk.scenario;
        assert_eq!(smallest.all_steps().len(), 3, "{}", write(&smallest));
        assert!(!is_concurrent(&smallest));
        count += 1;
    }
    assert_eq!(count, 10);
}

/// A defect after an absence: a socket is closed and opened again, and its owner lists messages.
fn reproduces_after_absence(scenario: &Scenario) -> bool {
    let steps = scenario.all_steps();
    let mut left = HashSet::new();
    let mut back = HashSet::new();
    steps.iter().any(|step| {
        match &step.action {
            Action::Disconnect { socket } => drop(left.insert(socket)),
            Action::Connect { socket, actor, .. } if left.contains(socket) => {
                back.insert(actor);
            }
            Action::Walk { call, .. } | Action::Call(call) => {
                return call.operation == Operation::MessagesList && back.contains(&call.actor);
            }
            _ => {}
        }
        false
    })
}

#[tokio::test]
async fn absences_are_shrunk_to_one_list() {
    let absences = sequence::scenarios(6, 100).into_iter().filter(reproduces_after_absence);
    let mut count = 0;
    for scenario in absences.take(5) {
        let shrunk = shrink(&scenario, BOUNDS, async |it| reproduces_after_absence(it)).await;
        let text = write(&shrunk.scenario);
        let [leave, back, list] = &*shrunk.scenario.steps else { panic!("{text}") };
        assert!(matches!(leave.action, Action::Disconnect { .. }), "{text}");
        assert!(matches!(back.action, Action::Connect { .. }), "{text}");
        let Action::Call(call) = &list.action else { panic!("{text}") };
        assert_eq!(call.query, [], "{text}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[tokio::test]
async fn tokens_are_shrunk_to_those_that_matter() {
    let presents = |scenario: &Scenario, kind: Option<&str>| {
        scenario.all_steps().iter().any(|step| match &step.action {
            Action::Call(call) => {
                call.operation == Operation::TokenRefresh
                    && kind.is_none_or(|kind| call.credential.as_deref() == Some(kind))
            }
            _ => false,
        })
    };
    let superseded = Some("superseded");
    let scenario = sequence::scenarios(7, 300).into_iter().find(|it| presents(it, superseded));
    let scenario = scenario.unwrap();
    for kind in [superseded, None] {
        let shrunk = shrink(&scenario, BOUNDS, async |it| presents(it, kind)).await;
        let text = write(&shrunk.scenario);
        assert_eq!(shrunk.scenario.all_steps().len(), 1, "{text}");
        assert_eq!(text.contains("superseded"), kind.is_some(), "{text}");
    }
}

#[tokio::test]
async fn intermittent_defects_are_shrunk() {
    for scenario in reproducing(5) {
        let mut runs = 0;
        let attempt = async |it: &Scenario| {
            runs += 1;
            reproduces(it) && runs % 2 == 0
        };
        let shrunk = shrink(&scenario, BOUNDS, attempt).await;
        assert_eq!(shrunk.scenario.all_steps().len(), 3, "{}", write(&shrunk.scenario));
        assert!((1..5).contains(&shrunk.reproduced), "{}", shrunk.reproduced);
    }
}

#[tokio::test]
async fn scenarios_that_do_not_reproduce_are_unchanged() {
    let scenario = sequence::scenario(1);
    let shrunk = shrink(&scenario, BOUNDS, async |_| false).await;
    assert_eq!((shrunk.reproduced, shrunk.is_minimal), (0, false));
    assert_eq!(shrunk.scenario, scenario);
}

#[tokio::test]
async fn bounds_end_the_search_with_the_best_scenario() {
    let scenario = reproducing(1).next().unwrap();
    let bounds = Bounds { attempts: 30, ..BOUNDS };
    let shrunk = shrink(&scenario, bounds, async |it| reproduces(it)).await;
    assert!(!shrunk.is_minimal);
    assert_eq!(shrunk.attempts, 30 + bounds.confirmations);
    assert!(reproduces(&shrunk.scenario));
    assert!(shrunk.scenario.all_steps().len() < scenario.all_steps().len());
}

#[tokio::test]
async fn actors_are_removed_and_payloads_shortened() {
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
