//! Shell lines that reproduce a finding.

mod command;
#[cfg(test)]
mod testing;
mod websocat;

use hearback_checker::{Evidence, Finding};
use hearback_history::escape::escape;
use hearback_history::shell::quote;
use hearback_history::{History, Reproduction, RunStart};

use crate::confirmation::Confirmation;
use command::{Command, curl, frame_comment, note};
use websocat::websocat;

/// Maximum number of lines of a whole scenario; the scenario file contains all of them.
const MOST_LINES: usize = 20;

/// Lines that repeat every request and connection of `history`, in order, after what their variables mean.
pub fn whole(history: &History) -> Vec<String> {
    let calls = history.calls.iter().map(|call| (call.seq, curl(history, call)));
    let sockets = history.connections.iter().flat_map(|connection| {
        let opened = (connection.seq, websocat(history, connection));
        let label = format!("{} sends", connection.actor);
        let sent = connection
            .sent()
            .map(move |frame| (frame.seq, comment(frame_comment(&label, &frame.body.payload))));
        std::iter::once(opened).chain(sent)
    });
    let mut all: Vec<_> = calls.chain(sockets).collect();
    all.sort_by_key(|(seq, _)| *seq);
    let mut commands: Vec<_> = all.into_iter().map(|(_, command)| command).collect();
    if commands.len() > MOST_LINES {
        commands.truncate(MOST_LINES);
        commands.push(comment("  # …".to_owned()));
    }
    explained(commands)
}

/// A line without variables.
fn comment(line: String) -> Command {
    Command { line, notes: Vec::new() }
}

/// The lines of commands, after the notes of all of them; consecutive repeats are omitted.
fn explained(commands: Vec<Command>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for note in commands.iter().flat_map(|command| &command.notes) {
        if !lines.contains(note) {
            lines.push(note.clone());
        }
    }
    lines.extend(commands.into_iter().map(|command| command.line));
    lines.dedup();
    lines
}

/// Lines that reproduce a finding: the minimized scenario if there is one, otherwise its evidence.
pub fn lines(
    history: &History,
    finding: &Finding,
    reproduction: Option<&Reproduction>,
) -> Vec<String> {
    match reproduction {
        Some(reproduction) => minimized(history, reproduction),
        None => evidence(history, &finding.evidence),
    }
}

/// The minimized scenario first, then each of its requests.
fn minimized(history: &History, reproduction: &Reproduction) -> Vec<String> {
    let steps = reproduction.steps;
    let size = if reproduction.is_minimal { "" } else { ", possibly not minimal" };
    let count = Confirmation::of_shrunk(reproduction)
        .map_or_else(|| "confirmation did not finish".to_owned(), |it| it.to_string());
    let command = reproduction.file.as_deref().map_or_else(
        || "# the scenario file was not saved".to_owned(),
        |file| scenario_run(history, file),
    );
    let mut lines = connection_notes(history);
    lines.push(format!("{command}  # {steps} steps{size}; {count}"));
    for command in &reproduction.commands {
        if !lines.contains(command) {
            lines.push(command.clone());
        }
    }
    lines
}

/// One or two lines per event, given by position in the journal; consecutive repeats are omitted.
fn evidence(history: &History, positions: &[u64]) -> Vec<String> {
    let mut commands = Vec::new();
    for evidence in positions.iter().filter_map(|seq| Evidence::find(history, *seq)) {
        match evidence {
            Evidence::Call(call) => commands.push(curl(history, call)),
            Evidence::Connection(connection) => commands.push(websocat(history, connection)),
            Evidence::Frame(connection, frame) => {
                commands.push(websocat(history, connection));
                let direction = if frame.is_sent() { "send" } else { "received" };
                commands.push(comment(frame_comment(direction, &frame.body.payload)));
            }
            Evidence::Expectation(expectation) => {
                let expected = &expectation.result;
                let file = expected.location.rsplit_once(':').map_or("", |(file, _)| file);
                let step = escape(&expected.step, 100);
                let line = format!("{}  # step {step}", scenario_run(history, file));
                commands.push(Command { line, notes: connection_notes(history) });
            }
        }
    }
    explained(commands)
}

/// Comments on the variables in the options that select the target.
fn connection_notes(history: &History) -> Vec<String> {
    let options = history.start.as_ref().and_then(RunStart::connection);
    options.map_or_else(Vec::new, |options| options.variables().iter().map(note).collect())
}

/// The command that runs a scenario file against the target of the run.
fn scenario_run(history: &History, file: &str) -> String {
    let target = history.start.as_ref().map_or_else(String::new, RunStart::target_arguments);
    format!("hearback scenario run {}{target}", quote(file))
}

#[cfg(test)]
mod tests {
    use hearback_history::TargetOptions;
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn frames_of_one_connection_open_it_once() {
        let history = dsl::parse("bob@r1 open\nbob@r1 -> {\"type\": \"typing\"}").unwrap();
        let connection = &history.connections[0];
        let lines = evidence(&history, &[connection.seq, connection.frames[1].seq]);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(lines[0], "# $BOB_TOKEN: access token of bob");
        assert!(lines[1].ends_with("/?token='\"$BOB_TOKEN\""), "{lines:?}");
        assert!(lines[2].contains("send: {\"type\": \"typing\"}"));
    }

    #[test]
    fn a_reproduction_starts_with_its_scenario() {
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
            [
                "hearback scenario run runs/x/room-leave.yaml --target http://target.test/api \
                 --accounts a.toml  # 3 steps, possibly not minimal; flaky 4 of 5",
                "curl"
            ]
        );
        reproduction.file = None;
        assert!(
            minimized(&history, &reproduction)[0].starts_with("# the scenario file was not saved")
        );
        reproduction.repetitions = 0;
        assert!(minimized(&history, &reproduction)[0].ends_with("confirmation did not finish"));
    }

    #[test]
    fn a_whole_history_is_in_order() {
        let history = dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            bob@r1 open
            bob@r1 -> {"type": "typing"}
            bob rooms.leave $r1 => 200
            "#,
        )
        .unwrap();
        let lines = whole(&history);
        let begin = [
            "# $ALICE_TOKEN: access token of alice",
            "# $BOB_TOKEN: access token of bob",
            "curl -i -X POST",
            "websocat",
            "  # bob sends: ",
            "curl -i -X POST",
        ];
        assert_eq!(lines.len(), begin.len(), "{lines:#?}");
        assert!(lines.iter().zip(begin).all(|(line, begin)| line.starts_with(begin)), "{lines:#?}");
    }
}
