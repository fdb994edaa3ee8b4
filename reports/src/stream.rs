//! The events of a run as lines of JSON, for other tools.

use hearback_checker::{Reason, State};
use hearback_contract::Level;
use hearback_history::ScenarioEnd;
use hearback_results::{
    Confirmation, ExitStatus, FindingResult, Outcome, RequirementResult, Results,
};
use hearback_runner::Event;
use serde::Serialize;

/// JSON Schema of each line.
pub const EVENT_SCHEMA: &str = include_str!("../event.schema.json");

/// A line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    RunStarted {
        run: &'a str,
        seed: u64,
        target: &'a str,
        accounts: usize,
    },
    LoggingIn {
        done: usize,
        all: usize,
    },
    Throttled {
        wait_s: f64,
    },
    ScenarioStarted {
        scenario: &'a str,
    },
    ScenarioEnded {
        scenario: &'a str,
        #[serde(flatten)]
        end: &'a ScenarioEnd,
    },
    Repeating {
        findings: usize,
        at_most_s: u64,
    },
    RoomLeftBehind {
        #[serde(skip_serializing_if = "Option::is_none")]
        room: Option<&'a str>,
        creator: &'a str,
    },
    Finding {
        requirement: &'a str,
        level: Level,
        variant: &'a str,
        expected: &'a str,
        actual: &'a str,
        count: u64,
        scenario: &'a str,
        confirmation: &'a Confirmation,
        waived: bool,
        known: bool,
    },
    Requirement {
        requirement: &'a str,
        level: Level,
        state: State,
        observations: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a Reason>,
    },
    RunEnded {
        outcome: Outcome,
        exit_code: u8,
    },
    RunFailed {
        reason: &'a str,
    },
}

impl Line<'_> {
    fn json(&self) -> String {
        match serde_json::to_string(self) {
            Ok(text) => text,
            Err(_) => unreachable!("texts and numbers can be written as JSON"),
        }
    }
}

/// The line of an event while a run is in progress; `None` for events of other kinds of runs.
pub fn event(event: &Event) -> Option<String> {
    let line = match event {
        Event::Started { run, seed, target, accounts, .. } => {
            Line::RunStarted { run, seed: *seed, target, accounts: *accounts }
        }
        Event::LoggingIn { done, all } => Line::LoggingIn { done: *done, all: *all },
        Event::Throttled { wait_s } => Line::Throttled { wait_s: *wait_s },
        Event::ScenarioStarted { scenario } => {
            Line::ScenarioStarted { scenario: scenario.as_str() }
        }
        Event::ScenarioEnded { scenario, end } => {
            Line::ScenarioEnded { scenario: scenario.as_str(), end }
        }
        Event::Confirming { findings, time } => {
            Line::Repeating { findings: *findings, at_most_s: time.as_secs() }
        }
        Event::RoomLeftBehind(room) => Line::RoomLeftBehind {
            room: room.id.as_ref().map(|id| id.as_str()),
            creator: room.creator.as_str(),
        },
        _ => return None,
    };
    Some(line.json())
}

/// The lines of the results: the findings and the verdict of each requirement, then the outcome.
pub fn results(results: &Results) -> Vec<String> {
    let mut lines = Vec::new();
    for requirement in results.requirements() {
        lines.extend(requirement.findings.iter().map(|it| finding(requirement, it).json()));
        let line = Line::Requirement {
            requirement: &requirement.id,
            level: requirement.level,
            state: requirement.state,
            observations: requirement.observations,
            reason: requirement.reason.as_ref(),
        };
        lines.push(line.json());
    }
    let exit_code = ExitStatus::from(results.outcome).code();
    lines.push(Line::RunEnded { outcome: results.outcome, exit_code }.json());
    lines
}

fn finding<'a>(requirement: &'a RequirementResult, finding: &'a FindingResult) -> Line<'a> {
    Line::Finding {
        requirement: &requirement.id,
        level: requirement.level,
        variant: &finding.variant,
        expected: &finding.expected,
        actual: &finding.actual,
        count: finding.count,
        scenario: finding.scenario.as_str(),
        confirmation: &finding.confirmation,
        waived: finding.waived,
        known: finding.known,
    }
}

/// The line of a run that ended without results.
pub fn failed(reason: &str) -> String {
    Line::RunFailed { reason }.json()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use hearback_history::OrphanedRoom;
    use hearback_results::FlakyFindings;
    use serde_json::Value;

    use super::*;
    use crate::fixtures;

    #[test]
    fn every_line_fits_the_schema_and_every_event_of_it_occurs() {
        let scenario = || "room/archive".into();
        let events = [
            Event::Started {
                run: "abc".to_owned(),
                seed: 1,
                target: "http://h/api".to_owned(),
                accounts: 2,
                journal: None,
            },
            Event::LoggingIn { done: 1, all: 2 },
            Event::Throttled { wait_s: 1.5 },
            Event::ScenarioStarted { scenario: scenario() },
            Event::ScenarioEnded { scenario: scenario(), end: ScenarioEnd::Completed },
            Event::ScenarioEnded {
                scenario: scenario(),
                end: ScenarioEnd::Aborted { reason: "gone".to_owned() },
            },
            Event::Confirming { findings: 3, time: Duration::from_secs(30) },
            Event::RoomLeftBehind(OrphanedRoom {
                id: Some("r".into()),
                name: None,
                creator: "alice".into(),
                is_verified: true,
            }),
        ];
        let during = events.iter().filter_map(event);
        let after =
            [fixtures::broken(), fixtures::waived(), fixtures::uncertain(FlakyFindings::Fail)];
        let lines: Vec<_> = during
            .chain(after.iter().flat_map(results))
            .chain([failed("the target is unreachable")])
            .collect();
        let schema: Value = serde_json::from_str(EVENT_SCHEMA).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut seen = BTreeSet::new();
        for line in &lines {
            assert!(!line.contains('\n'), "{line}");
            let json: Value = serde_json::from_str(line).unwrap();
            let errors: Vec<_> = validator.iter_errors(&json).map(|it| it.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{line}");
            seen.insert(json["event"].as_str().unwrap().to_owned());
        }
        let kinds = schema["oneOf"].as_array().unwrap().iter();
        let kinds = kinds.map(|kind| kind["properties"]["event"]["const"].as_str().unwrap());
        assert_eq!(seen, kinds.map(str::to_owned).collect());
        assert_eq!(event(&Event::Finished), None);
    }
}
