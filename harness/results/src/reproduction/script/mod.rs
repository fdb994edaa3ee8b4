//! Shell scripts that reproduce findings: they log in, create their own rooms, take ids from the responses, show what
//! the target answers, and archive the rooms.
//!
//! Every text that hearback did not write is quoted, so that a shell neither expands nor runs any of it. Tokens and
//! passwords are variables, because their values are never recorded.

pub(super) mod comment;
mod ids;
mod no_script;
mod options;
mod step;
mod token;
mod word;
mod writer;

use std::collections::HashMap;

use hearback_checker::{Evidence, Finding};
use hearback_contract::Operation;
use hearback_history::shell::quote;
use hearback_history::{Call, History, RunStart, ScenarioName, TargetOptions};
use serde_json::Value;

use comment::comment;
use no_script::NoScript;
use step::{Plan, Traffic};
use token::Accounts;
use writer::Writer;

/// The functions that scripts use.
const FUNCTIONS: &str = include_str!("functions.sh");

/// Maximum number of steps.
const MOST_STEPS: usize = 200;

/// The scripts of the findings of a history.
pub(crate) struct Scripts<'h> {
    history: &'h History,
    traffic: HashMap<&'h ScenarioName, Traffic<'h>>,
    /// The requests that created rooms, by the ids of the rooms.
    creations: HashMap<&'h str, &'h Call>,
}

impl<'h> Scripts<'h> {
    /// Collects what happened in the scenarios of the findings.
    pub(crate) fn of(history: &'h History, findings: &[&'h Finding]) -> Self {
        let mut traffic: HashMap<&ScenarioName, Traffic<'_>> =
            findings.iter().map(|finding| (&finding.scenario, Traffic::default())).collect();
        let mut creations = HashMap::new();
        for call in &history.calls {
            let is_creation = call.operation() == Some(Operation::RoomsCreate);
            if let Some(body) = call.success().filter(|_| is_creation && !findings.is_empty())
                && let Some(room) = body.get("id").and_then(Value::as_str)
            {
                creations.entry(room).or_insert(call);
            }
            if let Some(traffic) = traffic.get_mut(&call.invocation.scenario) {
                traffic.calls.push(call);
            }
        }
        for connection in &history.connections {
            if let Some(traffic) = traffic.get_mut(&connection.scenario) {
                traffic.connections.push(connection);
            }
        }
        Self { history, traffic, creations }
    }

    /// The script of a finding.
    pub(super) fn of_finding(&self, finding: &Finding) -> Result<Vec<String>, NoScript> {
        let find = |seq: &u64| Evidence::find(self.history, *seq);
        let evidence: Vec<_> = finding.evidence.iter().filter_map(find).collect();
        let traffic = self.traffic.get(&finding.scenario).filter(|_| !evidence.is_empty());
        let traffic = traffic.ok_or(NoScript::NoEvidence)?;
        let mut plan = Plan::of_evidence(traffic, &evidence);
        plan.fill_lists(&self.creations);
        script(self.history, traffic, plan)
    }
}

/// The script of everything that happened in a history.
pub(super) fn whole(history: &History) -> Result<Vec<String>, NoScript> {
    let traffic = Traffic::all(history);
    script(history, &traffic, Plan::whole(&traffic))
}

fn script<'h>(
    history: &'h History,
    traffic: &Traffic<'h>,
    mut plan: Plan<'h>,
) -> Result<Vec<String>, NoScript> {
    if plan.steps.len() > MOST_STEPS {
        return Err(NoScript::Steps(plan.steps.len()));
    }
    let captured = ids::capture(traffic, &mut plan);
    let start = history.start.as_ref();
    let steps = Writer::new(start, &captured).write(&plan.steps, plan.until, &plan.shown)?;
    let is_embedded = start
        .is_some_and(|start| matches!(start.target_options, Some(TargetOptions::Embedded { .. })));
    let accounts = Accounts::of(plan.steps.iter().filter_map(|step| step.credential()));
    let logins = accounts.lines(is_embedded, |text| quote(text).into_owned());
    let mut lines = settings(start, is_embedded);
    lines.extend(options::lines(start));
    // What the reader wants to see comes first.
    lines.extend([String::new(), "reproduce() {".to_owned()]);
    let indented = |line: String| if line.is_empty() { line } else { format!("  {line}") };
    lines.extend(logins.into_iter().chain(steps).map(indented));
    lines.extend(["}".to_owned(), String::new()]);
    lines.extend(FUNCTIONS.lines().map(str::to_owned));
    lines.push("reproduce".to_owned());
    Ok(lines)
}

/// Where the target is.
fn settings(start: Option<&RunStart>, is_embedded: bool) -> Vec<String> {
    let [mut api, mut socket] = ["", ""];
    if let Some(start) = start {
        (api, socket) = (start.target.trim_end_matches('/'), start.socket.trim_end_matches('/'));
    }
    let mut lines = Vec::new();
    if is_embedded {
        // The embedded server of a run has ended, and had any port.
        (api, socket) = ("http://127.0.0.1:8000/api", "ws://127.0.0.1:8000/ws");
        let arguments = start.map_or_else(String::new, RunStart::target_arguments);
        lines.push(comment(&format!("Start the target first: hearback serve{arguments}")));
        lines.push("end=-password".to_owned());
    }
    lines.push(format!("api=${{API:-{}}}", quote(api)));
    lines.push(format!("socket=${{SOCKET:-{}}}", quote(socket)));
    lines.push("origin=$(printf %s \"$api\" | cut -d/ -f1-3)".to_owned());
    for (name, operation) in
        [("login_path", Operation::TokenObtain), ("refresh_path", Operation::TokenRefresh)]
    {
        lines.push(format!("{name}={}", quote(&operation.spec().path_with(&[]))));
    }
    lines
}

/// The comments at the beginning of a script.
pub(super) fn heading(title: &str, finding: &Finding) -> Vec<String> {
    vec![
        "#!/usr/bin/env bash".to_owned(),
        comment(title),
        comment(&format!("expected  {}", finding.expected)),
        comment(&format!("actual    {}", finding.actual)),
        comment("Needs curl and jq, and websocat for sockets."),
    ]
}
