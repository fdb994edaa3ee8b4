//! Shell scripts that reproduce findings.

mod script;
#[cfg(test)]
mod testing;

use hearback_checker::{Evidence, Finding};
use hearback_contract::RequirementId;
use hearback_history::shell::quote;
use hearback_history::{History, Reproduction, RunStart};

use crate::confirmation::Confirmation;
pub(crate) use script::Scripts;
use script::comment::comment;

/// Beginning of the command that runs a scenario file.
const SCENARIO_RUN: &str = "hearback scenario run ";

/// Beginning of the comment that replaces a script, before the reason.
const NO_SCRIPT: &str = "# No script: ";

/// Returns whether the lines of a reproduction are a script.
pub(crate) fn is_script(lines: &[String]) -> bool {
    lines.last().is_some_and(|last| !last.starts_with(NO_SCRIPT))
}

/// The script of everything in `history`, without its heading; a comment if there is none.
pub fn whole(history: &History) -> Vec<String> {
    script::whole(history).unwrap_or_else(|reason| vec![format!("{NO_SCRIPT}{reason}.")])
}

/// The script that reproduces a finding: of the minimized scenario if there is one, otherwise of its evidence.
///
/// Comments name the scenario file, and the reason if a script is impossible.
pub(crate) fn lines(
    scripts: &Scripts<'_>,
    history: &History,
    requirement: RequirementId,
    finding: &Finding,
) -> Vec<String> {
    let mut lines = script::heading(requirement.requirement().statement, finding);
    let reproduction = history.reproduction(requirement, &finding.variant);
    lines.extend(match reproduction {
        Some(reproduction) => minimized(history, reproduction),
        None => scenario_file(history, finding),
    });
    match reproduction.filter(|it| !it.commands.is_empty()) {
        Some(reproduction) => lines.extend(reproduction.commands.iter().cloned()),
        None => match scripts.of_finding(finding) {
            Ok(script) => lines.extend(script),
            Err(reason) => lines.push(format!("{NO_SCRIPT}{reason}.")),
        },
    }
    lines
}

/// A comment on the minimized scenario.
fn minimized(history: &History, reproduction: &Reproduction) -> Vec<String> {
    let steps = reproduction.steps;
    let size = if reproduction.is_minimal { "" } else { ", possibly not minimal" };
    let count = Confirmation::of_shrunk(reproduction)
        .map_or_else(|| "confirmation did not finish".to_owned(), |it| it.to_string());
    let command = reproduction.file.as_deref().map_or_else(
        || "the scenario file was not saved".to_owned(),
        |file| scenario_run(history, file),
    );
    vec![comment(&format!("{command}  # {steps} steps{size}; {count}"))]
}

/// A comment on the scenario file whose expectation failed.
fn scenario_file(history: &History, finding: &Finding) -> Vec<String> {
    let expectation = finding.evidence.iter().find_map(|seq| match Evidence::find(history, *seq) {
        Some(Evidence::Expectation(expectation)) => Some(&expectation.result),
        _ => None,
    });
    let file = expectation.and_then(|it| it.location.rsplit_once(':').map(|(file, _)| file));
    file.map(|file| comment(&scenario_run(history, file))).into_iter().collect()
}

/// The command in a comment that [`minimized`] or [`scenario_file`] wrote.
pub(crate) fn scenario_run_of(line: &str) -> Option<&str> {
    line.strip_prefix("# ").filter(|command| command.starts_with(SCENARIO_RUN))
}

/// The command that runs a scenario file against the target of the run.
fn scenario_run(history: &History, file: &str) -> String {
    let target = history.start.as_ref().map_or_else(String::new, RunStart::target_arguments);
    format!("{SCENARIO_RUN}{}{target}", quote(file))
}

#[cfg(test)]
mod tests {
    use hearback_history::TargetOptions;
    use hearback_testkit::dsl;

    use super::*;
    use crate::reproduction::testing::{HOSTILE, finding, run};

    /// The lines that a script reproduces a finding with, after the logins.
    fn steps(history: &History, evidence: &[u64]) -> Vec<String> {
        let finding = finding(history, evidence);
        let scripts = Scripts::of(history, &[&finding]);
        let id = "room/leave".parse().unwrap();
        let lines = lines(&scripts, history, id, &finding);
        let steps = lines.iter().skip_while(|line| *line != "reproduce() {").skip(1);
        let steps = steps.take_while(|line| *line != "}").map(|line| line.trim().to_owned());
        steps
            .skip_while(|line| {
                line.starts_with("if ")
                    || line == "fi"
                    || line.contains("TOKEN=")
                    || line.starts_with("login")
            })
            .collect()
    }

    #[test]
    fn a_script_creates_its_room_and_takes_ids_from_responses() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            bob@r1 open
            carol@r1 open
            alice messages.list ?room=$r1 => 200 {"results": []}
            bob@r1 -> {"type": "chat_message", "message": "it's"}
            bob@r1 <- @chat_message {"message": {"id": "$m1", "room_id": "$r1"}}
            alice participants.add {"room": "$r1", "user_id": 3} => 201 @participant {"id": 31}
            alice participants.remove 31 => 204
            bob messages.get $m1 => 200 @message {"id": "$m1"}
            "#,
        )
        .unwrap();
        let last = history.calls.last().unwrap();
        insta::assert_snapshot!(steps(&history, &[last.seq]).join("\n"));
    }

    #[test]
    fn a_script_shows_what_sockets_of_the_evidence_received() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            bob[tampered]@r1 open
            alice@r1 refused 403 from https://elsewhere.test
            "#,
        )
        .unwrap();
        let sockets: Vec<_> = history.connections.iter().map(|it| it.seq).collect();
        insta::assert_snapshot!(steps(&history, &sockets).join("\n"));
    }

    #[test]
    fn a_whole_history_is_in_order() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            bob@r1 open
            bob@r1 -> {"type": "typing"}
            bob rooms.leave $r1 => 200
            alice rooms.get $r1 method:HEAD => 200
            "#,
        )
        .unwrap();
        let lines = whole(&history);
        let begin = [
            "  request \"$ALICE_TOKEN\" POST /chat/rooms/ ",
            "  connect 10 bob ",
            "  receive 10 bob connection_established 1",
            "  send 10 bob ",
            "  request \"$BOB_TOKEN\" POST /chat/rooms/\"$ROOM\"/leave/",
            "  request \"$ALICE_TOKEN\" HEAD /chat/rooms/\"$ROOM\"/ --head",
            "  received 10 bob",
        ];
        let mut rest = lines.iter();
        for begin in begin {
            assert!(rest.any(|line| line.starts_with(begin)), "{begin} is not in {lines:#?}");
        }
    }

    #[test]
    fn commands_in_comments_are_complete_and_passwords_are_in_parts() {
        let mut history = dsl::parse("alice rooms.list => 200 {}").unwrap();
        let faults = vec!["room/archive-says-active".to_owned(); 20];
        history.start.as_mut().unwrap().target_options =
            Some(TargetOptions::Embedded { faults, weather: String::new(), readings: Vec::new() });
        let lines = whole(&history);
        let serve = lines.iter().find(|line| line.starts_with("# Start the target")).unwrap();
        assert_eq!(serve.matches("room/archive-says-active").count(), 20, "{serve}");
        let login = "    login alice \"${ALICE_PASSWORD:=alice$end}\"".to_owned();
        assert!(lines.contains(&login), "{lines:#?}");
    }

    #[test]
    fn a_shell_runs_no_text_of_the_journal() {
        let mut history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
            bob@r1 open
            bob@r1 -> {"type": "typing"}
            "#,
        )
        .unwrap();
        let call = std::sync::Arc::make_mut(&mut history.calls[1].invocation);
        call.actor = HOSTILE.into();
        call.credential.owner = HOSTILE.into();
        call.path = format!("/{HOSTILE}");
        call.method = HOSTILE.to_owned();
        call.query = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
        call.content_type = Some(HOSTILE.to_owned());
        call.body = Some(testing::payload(HOSTILE));
        history.connections[0].actor = HOSTILE.into();
        history.connections[0].room = HOSTILE.into();
        let start = history.start.as_mut().unwrap();
        start.target = format!("http://target.test/{HOSTILE}");
        let mut finding = finding(&history, &[history.calls[1].seq, history.connections[0].seq]);
        finding.actual = HOSTILE.to_owned();
        let scripts = Scripts::of(&history, &[&finding]);
        let lines = lines(&scripts, &history, "room/leave".parse().unwrap(), &finding);
        assert!(is_script(&lines), "{lines:#?}");
        let printed = run(&lines.join("\n"));
        assert!(printed.contains("200 application/json"), "{printed}");
    }

    #[test]
    fn a_reason_replaces_a_script_that_cannot_be() {
        let history = dsl::parse("bob@r1 open\nbob@r1 -> binary x").unwrap();
        let sent = history.connections[0].frames.last().unwrap().seq;
        let finding = finding(&history, &[sent]);
        let scripts = Scripts::of(&history, &[&finding]);
        let lines = lines(&scripts, &history, "room/leave".parse().unwrap(), &finding);
        assert_eq!(lines.last().unwrap(), "# No script: a body or frame is not text.");
        assert!(!is_script(&lines));
    }

    #[test]
    fn a_minimized_scenario_is_named_first() {
        let mut reproduction = Reproduction {
            requirement: "room/leave".parse().unwrap(),
            variant: "rooms.leave".to_owned(),
            scenario: "sequence/1".into(),
            file: Some("runs/x/room-leave.yaml".to_owned()),
            steps: 3,
            reproduced: 4,
            repetitions: 5,
            attempts: 40,
            is_minimal: false,
            expected: None,
            actual: None,
            commands: vec!["curl".to_owned()],
        };
        let mut history = dsl::parse("").unwrap();
        let named = TargetOptions::External {
            accounts: "a.toml".to_owned(),
            socket_url: None,
            jwt_secret_env: None,
            connection: Box::default(),
        };
        history.start.as_mut().unwrap().target_options = Some(named);
        assert_eq!(
            minimized(&history, &reproduction),
            ["# hearback scenario run runs/x/room-leave.yaml --target http://target.test/api \
                 --accounts a.toml  # 3 steps, possibly not minimal; flaky 4 of 5",]
        );
        reproduction.file = None;
        let unsaved = "# the scenario file was not saved";
        assert!(minimized(&history, &reproduction)[0].starts_with(unsaved));
        reproduction.repetitions = 0;
        assert!(minimized(&history, &reproduction)[0].ends_with("confirmation did not finish"));
    }
}
