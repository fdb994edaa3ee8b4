use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::library::embedded;
use crate::matcher::{Fields, Matcher};
use crate::parser::parse;
use crate::scenario_id::ScenarioId;
use crate::step::{Call, Expectation, FileSource, Outgoing};

/// Writes and parses a scenario; line numbers are removed.
fn round_trip(scenario: &Scenario) -> Scenario {
    let file = write(scenario);
    let name = scenario.name.as_str().split(':').next().unwrap_or_default();
    let parsed = parse(name, &scenario.file, &file).into_scenarios();
    let mut scenarios = parsed.unwrap_or_else(|error| panic!("{:?}\n{file}", error.diagnostics));
    assert_eq!(scenarios.len(), 1, "{file}");
    without_lines(scenarios.remove(0))
}

fn without_lines(mut scenario: Scenario) -> Scenario {
    fn clear(steps: &mut [Step]) {
        for step in steps {
            step.line = 0;
            step.inner_mut().into_iter().for_each(|steps| clear(steps));
        }
    }
    clear(&mut scenario.steps);
    scenario
}

#[test]
fn every_embedded_scenario_survives_a_round_trip() {
    for scenario in embedded() {
        assert_eq!(round_trip(&scenario), without_lines(scenario.clone()), "{}", scenario.name);
    }
}

#[test]
fn files_are_written_in_the_style_of_the_embedded_ones() {
    let scenarios = embedded();
    let scenario =
        scenarios.iter().find(|it| it.name.as_str() == ScenarioId::CrowdComingAndGoing.as_str());
    insta::assert_snapshot!(write(scenario.unwrap()));
}

fn scenario(actions: Vec<Action>) -> Scenario {
    Scenario {
        name: "x/y".into(),
        file: "y.yaml".to_owned(),
        title: "It's: a title".to_owned(),
        requirements: Vec::new(),
        actors: vec!["alice".to_owned(), "bob".to_owned()],
        room: RoomKind::None,
        members: Vec::new(),
        best_effort: true,
        variables: Default::default(),
        steps: Step::numbered(actions),
    }
}

fn send(body: Value) -> Call {
    Call { body: Some(body), ..Call::new("alice", hearback_contract::Operation::MessagesSend) }
}

#[test]
fn matchers_durations_and_files_survive_a_round_trip() {
    let expectation = Expectation {
        fields: Fields(vec![
            ("status".to_owned(), vec![Matcher::OneOf(json!([200, 404]))]),
            ("body.last_message".to_owned(), vec![Matcher::Equals(json!({"b": null}))]),
            (
                "body.name".to_owned(),
                vec![
                    Matcher::Present(false),
                    Matcher::Not(vec![Matcher::Equals(json!(1))]),
                    Matcher::IncreasedBy { from: json!("{n}"), by: json!(1) },
                ],
            ),
        ]),
        within: Some(Duration::from_millis(1_500)),
        requirement: None,
    };
    let read = Call {
        at: Some("{room.id}".to_owned()),
        expect: Some(expectation),
        ..Call::new("bob", hearback_contract::Operation::RoomsGet)
    };
    let file = FileSource {
        name: "a b.png".to_owned(),
        content_type: "image/png".to_owned(),
        bytes: vec![0xff, 0, 1],
    };
    let form = Call {
        form: Some((json!({"room": "{room.id}"}), file)),
        ..Call::new("bob", hearback_contract::Operation::MessagesSend)
    };
    let socket = || "alice".to_owned();
    let scenario = scenario(vec![
        Action::Call(read),
        Action::Call(form),
        Action::Send { socket: socket(), frame: Outgoing::Event(json!({"type": "typing"})) },
        Action::Send { socket: socket(), frame: Outgoing::Binary("\u{0}".to_owned()) },
        Action::Parallel(vec![
            vec![Step::numbered(vec![Action::Fence { socket: socket() }]).remove(0)],
            Vec::new(),
        ]),
        Action::Repeat { count: 2, steps: Vec::new() },
    ]);
    let mut scenario = scenario;
    scenario.renumber();
    assert_eq!(round_trip(&scenario), scenario);
}

/// Any JSON, with texts that YAML could parse as other values.
fn json() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "",
            " ",
            "~",
            "null",
            "True",
            "no",
            "1",
            "-1",
            "0x1f",
            "1e3",
            ".inf",
            ".nan",
            "- a",
            "a: b",
            "# c",
            "a #b",
            "{x}",
            "[y]",
            "&a",
            "*a",
            "!t",
            "%d",
            "@",
            "`",
            "|",
            ">",
            "?",
            "'",
            "\"",
            "\\n",
            "a\nb",
            "a\r\nb",
            "\t",
            "\u{0}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{202e}x",
            "\u{1f468}\u{200d}\u{1f469}",
            "\u{10ffff}",
            "e\u{301}",
            "<<",
            "=",
            "...",
            "---",
            "2026-01-01",
            "12:30:45",
            "1_000",
            "trailing ",
            " leading",
            "a'b",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(|it: f64| Value::from(it)),
        texts.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((texts.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_value_survives_a_round_trip(body in json()) {
        let scenario = scenario(vec![Action::Call(send(body))]);
        prop_assert_eq!(round_trip(&scenario), scenario);
    }
}
