use miette::{GraphicalReportHandler, GraphicalTheme};

use super::*;
use crate::step::Action;

const HEAD: &str = "title: t\nactors: [alice, bob]\nroom: group\nmembers: [bob]\n";

fn rendered(text: &str) -> String {
    render(&parse("x/y", "y.yaml", text).diagnostics)
}

/// The diagnostics of a file as a terminal shows them.
pub(super) fn render(diagnostics: &Diagnostics) -> String {
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut rendered = String::new();
    for diagnostic in diagnostics.diagnostics.iter().cloned() {
        let report = miette::Report::new(diagnostic).with_source_code(diagnostics.text.clone());
        handler.render_report(&mut rendered, report.as_ref()).unwrap();
    }
    rendered
}

fn steps(steps: &str) -> String {
    rendered(&format!("{HEAD}steps:\n{steps}"))
}

fn scenarios(text: &str) -> Vec<Scenario> {
    parse("x/y", "y.yaml", text).into_scenarios().unwrap_or_else(|_| panic!("{}", rendered(text)))
}

#[test]
fn steps_have_numbers_and_lines() {
    let text = format!(
        "{HEAD}steps:\n  - {{ bob: connect }}\n  - repeat: 2\n    do:\n      - {{ alice: messages.send, body: {{ room: '{{room.id}}', content: hi }}, save: m }}\n"
    );
    let scenarios = scenarios(&text);
    let [scenario] = &scenarios[..] else { panic!("one scenario") };
    assert_eq!(scenario.name.as_str(), "x/y");
    let Action::Repeat { count: 2, steps } = &scenario.steps[1].action else { panic!() };
    assert_eq!((steps[0].number.as_str(), steps[0].line), ("2.1", 9));
}

#[test]
fn variants_have_their_own_requirements_and_values() {
    let text = format!(
        "{HEAD}requirements: [status/ok]\nvariants:\n  a: {{ values: {{ kind: garbage }}, requirements: [status/created] }}\n  b: {{ values: {{ kind: expired }} }}\nsteps: []\n"
    );
    let scenarios = scenarios(&text);
    assert_eq!(scenarios[0].name.as_str(), "x/y:a");
    assert_eq!(scenarios[0].variables["kind"], "garbage");
    assert_eq!(scenarios[0].requirements.len(), 2);
    assert_eq!(scenarios[1].requirements.len(), 1);
}

#[test]
fn all_parts_of_the_language_parse_without_diagnostics() {
    let text = format!(
        "{HEAD}{}",
        r"steps:
  - { alice: connect, expect: { opened: true, event.unread_count: 0 } }
  - { bob: connect }
  - { bob: connect, socket: phone }
  - { alice: rooms.get, at: '{room.id}', save: before }
  - { bob: typing }
  - { bob: fence }
  - { alice: expect, event: typing, where: { user_id: '{bob.id}', is_typing: true }, within: 500ms }
  - { bob: expect-nothing, event: typing, socket: phone, where: { user_id: { not: '{alice.id}' } } }
  - { bob: say, text: hi, save: said }
  - { alice: read_receipt, message: '{said.id}' }
  - { alice: mark_room_read }
  - { bob: reconnect, socket: phone }
  - { bob: disconnect }
  - alice: rooms.get
    at: '{room.id}'
    within: 2s
    requirement: status/ok
    expect:
      status: { one-of: [200] }
      body.unread_count: { increased-by: { from: '{before.unread_count}', by: 1 }, at-most: 9 }
      body.participants: { contains: { user.id: '{bob.id}' }, length: { at-least: 2 } }
      body.modified_at: { after: '{before.created_at}', before: '2199-01-01T00:00:00Z' }
      body.name: { matches: '^hear', present: true }
      body.secret: { absent: true }
  - parallel:
      - - { alice: say, text: left, save: left }
      - - { alice: rooms.list }
  - { alice: messages.get, at: '{left.id}' }
"
    );
    assert_eq!(rendered(&text), "");
}

#[test]
fn invalid_top_level_keys_are_reported() {
    insta::assert_snapshot!(rendered(
        "titel: t\nrequirements: [status/okay]\nactors: [alice, bob, repeat]\nroom: grupp\nmembers: [carol]\nsteps: {}\n"
    ));
}

#[test]
fn yaml_syntax_errors_are_reported() {
    insta::assert_snapshot!(rendered("title: t\nsteps:\n  - { alice: rooms.list\n"));
}

#[test]
fn unknown_actors_actions_and_keys_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { carol: rooms.list }\n  - { alice: rooms.creat }\n  - { alice: rooms.list, qurey: {} }\n  - rooms.list\n  - { query: {} }\n"
    ));
}

#[test]
fn missing_and_unnecessary_path_parameters_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { alice: rooms.get }\n  - { alice: rooms.list, at: '{room.id}' }\n"
    ));
}

#[test]
fn undocumented_query_parameters_cause_warnings() {
    let text = "  - { alice: messages.list, query: { room: '{room.id}', pagesize: 3 } }\n";
    insta::assert_snapshot!(steps(text));
}

#[test]
fn undefined_variables_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { alice: messages.get, at: '{mesage.id}' }\n  - { alice: messages.send, body: { content: 'to {bob.name}' }, save: message }\n"
    ));
}

#[test]
fn sockets_that_are_not_open_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { alice: say, text: hi }\n  - { bob: connect }\n  - { bob: connect }\n  - { alice: say, text: hi, socket: bob }\n  - { bob: disconnect }\n  - { bob: typing }\n"
    ));
}

#[test]
fn expect_nothing_requires_a_fence() {
    insta::assert_snapshot!(steps(
        "  - { alice: connect }\n  - { alice: fence }\n  - { alice: typing }\n  - { alice: expect-nothing, event: typing }\n"
    ));
}

#[test]
fn unknown_events_matchers_and_requirements_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { alice: connect }\n  - { alice: expect, event: chat_mesage }\n  - { alice: expect, event: typing, where: { user_id: { equal: 3 } } }\n  - { alice: rooms.list, expect: { stauts: 200 }, requirement: room/archiv }\n"
    ));
}

#[test]
fn invalid_operands_are_reported() {
    insta::assert_snapshot!(steps(
        "  - alice: rooms.list\n    within: 2 seconds\n    expect:\n      body.count: { at-least: many }\n      body.next: { matches: '(' }\n      body.results.0.unread_count: { increased-by: 1 }\n      body.results.0.modified_at: { before: yesterday }\n      body.results.0.name: { absent: 'no' }\n"
    ));
}

#[test]
fn invalid_combinations_of_keys_are_reported() {
    insta::assert_snapshot!(steps(
        "  - { alice: rooms.list, within: 2s }\n  - { alice: rooms.leave, at: '{room.id}', expect: { status: 200 }, within: 2s }\n  - { alice: messages.send, body: {}, raw: x }\n  - { alice: rooms.list, as: admin }\n"
    ));
}

#[test]
fn bodies_that_violate_their_schema_cause_warnings() {
    let text = r"  - { alice: rooms.create, body: { room_type: channel, nmae: x, participant_ids: ['{bob.id}', bob] } }
  - { alice: rooms.create, body: { room_type: direct, participant_ids: ['{alice.id}', '{bob.id}'] } }
  - { alice: messages.edit, at: '{room.id}', body: { content: '' } }
  - alice: messages.send
    body:
      room: '{room.id}'
      text: hello
  - { alice: participants.mute, at: 3, body: { muted: 'yes', muted_until: '2199-01-01' } }
  - { alice: participants.add }
  - { alice: messages.send, form: { room: here }, file: { name: a, content_type: text/plain, text: a } }
";
    insta::assert_snapshot!(steps(text));
}

#[test]
fn events_that_violate_their_schema_cause_warnings() {
    let text = r"  - { alice: connect }
  - { alice: send, event: { type: chat_mesage, message: hi } }
  - { alice: send, event: { message: hi } }
  - { alice: send, event: { type: typing, is_typing: 'yes', user_id: 3 } }
  - { alice: say, text: hi, reply_to: first }
  - { alice: read_receipt, message: last }
";
    insta::assert_snapshot!(steps(text));
}

#[test]
fn intended_violations_cause_no_warning() {
    let text = r"  - { alice: rooms.create, body: { room_type: channel }, expect: { status: 400 } }
  - { alice: rooms.create, body: { room_type: channel }, expect: { status: { at-least: 400 } } }
  - { alice: rooms.create, body: { room_type: channel }, allow_invalid: true }
  - { alice: rooms.create, allow_invalid: true }
  - { alice: rooms.list, query: { page: 2 }, allow_invalid: true }
  - { alice: rooms.create, raw: '{}' }
  - { alice: connect }
  - { alice: send, event: { type: shout }, allow_invalid: true }
  - { alice: send, text: '{}' }
";
    assert_eq!(steps(text), "");
}

#[test]
fn violations_with_expected_success_and_unnecessary_markers_cause_warnings() {
    insta::assert_snapshot!(steps(
        "  - { alice: rooms.create, body: { room_type: channel }, expect: { status: { one-of: [201, 400] } } }\n  - { alice: rooms.create, body: { room_type: group }, allow_invalid: true }\n"
    ));
}

#[test]
fn expected_fields_that_are_not_documented_are_errors() {
    let text = r"  - { alice: rooms.get, at: '{room.id}', expect: { body.unread_cuont: 0 } }
  - { alice: rooms.get, at: '{room.id}', expect: { status: 404, body.unread_count: 0 } }
  - { alice: rooms.get, at: '{room.id}', expect: { body.participants.0.usr.id: 3 } }
  - { alice: rooms.get, at: '{room.id}', expect: { body.participants.id: 3 } }
  - alice: messages.list
    query: { room: '{room.id}' }
    expect: { body.results: { not: { contains: { sender.nmae: x } } } }
  - { alice: connect, expect: { event.room: '{room.id}' } }
  - { alice: expect, event: chat_message, where: { message.txt: hi } }
";
    insta::assert_snapshot!(steps(text));
}

#[test]
fn documented_absent_and_unknowable_fields_are_valid() {
    let text = r"  - { alice: rooms.get, at: '{room.id}', expect: { body.password: { absent: true } } }
  - { alice: rooms.get, at: '{room.id}', expect: { body.password: { present: false } } }
  - { alice: rooms.get, at: '{room.id}', expect: { body.detail: denied, body.id: '{room.id}' } }
  - { alice: rooms.get, at: '{room.id}', expect: { status: 404, body.error: x } }
  - { alice: rooms.get, at: '{room.id}', expect: { body.participants.0.user.id: 3 } }
  - { alice: messages.search, query: { q: abc }, expect: { body.0.id: x, body.results.0.id: x } }
  - { alice: participants.list, query: { room: '{room.id}' }, expect: { body: { contains: { user.id: 3 } } } }
  - { alice: messages.get, at: '{room.id}', expect: { 'body.read_by.{bob.id}': { present: true } } }
  - { alice: participants.remove, at: 3, expect: { body.anything: 1 } }
  - { alice: rooms.get, at: '{room.id}', expect: { status: 500, body.anything: 1 } }
  - { alice: connect, expect: { event.unread_count: 0 } }
";
    assert_eq!(steps(text), "");
}

#[test]
fn nesting_beyond_the_maximum_is_an_error() {
    let nested = |depth| format!("title: {}{}", "[".repeat(depth), "]".repeat(depth));
    let error = "invalid YAML: more than 32 nested lists and mappings";
    assert!(rendered(&nested(32)).contains(error), "{}", rendered(&nested(32)));
    assert!(!rendered(&nested(31)).contains("invalid YAML"), "{}", rendered(&nested(31)));
}
