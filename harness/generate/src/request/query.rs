//! Cases with generated query parameters.

use hearback_contract::operation::QueryParameter;
use hearback_contract::{Operation, QueryKind, RequirementId};
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;
use serde_json::{Value, json};

use super::actions::setup;
use super::group::CaseGroup;
use crate::depth::Depth;
use crate::text;

const VALID: &[RequirementId] =
    &[RequirementId::InputValidAccepted, RequirementId::StatusNoServerError];

const INVALID: &[RequirementId] = &[
    RequirementId::InputInvalidQueryRefused,
    RequirementId::PageInvalidPage,
    RequirementId::PageMaximumSize,
    RequirementId::StatusRequiredQuery,
    RequirementId::MessageSearchMinimum,
    RequirementId::StatusNoServerError,
];

pub(super) fn groups(_: u64, _: Depth) -> Vec<CaseGroup> {
    let operations = Operation::all().filter(|operation| !operation.spec().query.is_empty());
    operations.flat_map(of_operation).collect()
}

fn of_operation(operation: Operation) -> [CaseGroup; 2] {
    let parameters = operation.spec().query;
    let family =
        |kind: &str, title: &str, requirements, queries: Vec<Vec<(String, Value)>>| CaseGroup {
            name: format!("{}/{kind}", operation.id()),
            title: format!("{title} for {}", operation.id()),
            requirements,
            before: setup(),
            cases: queries.into_iter().map(|query| vec![listing(operation, query)]).collect(),
            after: Vec::new(),
        };
    [
        family("valid-query", "Valid queries", VALID, valid(parameters)),
        family("invalid-query", "Queries with one violation", INVALID, invalid(parameters)),
    ]
}

fn listing(operation: Operation, query: Vec<(String, Value)>) -> Action {
    Action::Call(Call { query, ..Call::new("alice", operation) })
}

/// Every value of every parameter, and every pair of values of two parameters, plus required parameters.
fn valid(parameters: &[QueryParameter]) -> Vec<Vec<(String, Value)>> {
    let required = || required(parameters, "");
    let mut queries = vec![required()];
    let choices: Vec<_> = parameters
        .iter()
        .flat_map(|parameter| {
            valid_values(parameter).into_iter().map(move |value| (parameter.name, value))
        })
        .collect();
    for (name, value) in &choices {
        queries.push(set(required(), name, value.clone()));
    }
    for (index, (name, value)) in choices.iter().enumerate() {
        for (other, second) in &choices[index + 1..] {
            if other != name {
                let query = set(required(), name, value.clone());
                queries.push(set(query, other, second.clone()));
            }
        }
    }
    queries
}

/// Queries with one parameter invalid or missing.
fn invalid(parameters: &[QueryParameter]) -> Vec<Vec<(String, Value)>> {
    let mut queries = Vec::new();
    for parameter in parameters {
        if parameter.required {
            queries.push(required(parameters, parameter.name));
        }
        for value in invalid_values(parameter) {
            queries.push(set(required(parameters, ""), parameter.name, json!(value)));
        }
    }
    queries
}

fn required(parameters: &[QueryParameter], except: &str) -> Vec<(String, Value)> {
    let required = parameters.iter().filter(|it| it.required && it.name != except);
    required
        .filter_map(|it| Some((it.name.to_owned(), valid_values(it).into_iter().next()?)))
        .collect()
}

/// The query with one parameter set.
fn set(mut query: Vec<(String, Value)>, name: &str, value: Value) -> Vec<(String, Value)> {
    query.retain(|(known, _)| known != name);
    query.push((name.to_owned(), value));
    query
}

fn valid_values(parameter: &QueryParameter) -> Vec<Value> {
    match parameter.kind {
        QueryKind::Uuid => vec![json!("{room.id}")],
        QueryKind::Integer { minimum, maximum } => {
            let more = [minimum, 2, 3, 50].into_iter().chain(maximum);
            let mut all: Vec<_> = more.filter(|number| *number >= minimum).collect();
            // There is only one page.
            if parameter.name == "page" {
                all.truncate(1);
            }
            all.into_iter().map(Value::from).collect()
        }
        QueryKind::Enumeration(words) => words.iter().copied().map(Value::from).collect(),
        QueryKind::Flag => vec![json!("true"), json!("false")],
        QueryKind::Text { .. } => {
            let samples = text::SAMPLES.iter().copied().filter(|it| it.chars().count() >= 3);
            std::iter::once("before").chain(samples).map(Value::from).collect()
        }
    }
}

fn invalid_values(parameter: &QueryParameter) -> Vec<&'static str> {
    match parameter.kind {
        QueryKind::Uuid => vec!["not-a-uuid", "", "1", "null", "{room.id}0", "{unknown.uuid}"],
        QueryKind::Integer { .. } => vec![
            "0",
            "-1",
            "abc",
            "1.5",
            "",
            "99999999999999999999",
            "101",
            "1000000",
            "0x10",
            "1e3",
            "null",
            "9223372036854775807",
            "\u{661}",
        ],
        QueryKind::Enumeration(_) => vec!["none-of-these", "", "'", "id", "-", "created_at,id"],
        QueryKind::Flag => vec!["maybe", "", "2"],
        QueryKind::Text { .. } => vec!["", "a", "ab", "\0\0\0", "%%%", "___", "\u{1F9FF}", "a\0b"],
    }
}
