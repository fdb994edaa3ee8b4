//! Reading scenario files.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::{Operation, RequirementId, requirement};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::{RoomKind, Scenario};
use crate::step::{Action, Call, FileSource, Outgoing, Step};
use crate::template::Variables;

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// What is wrong, and where.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    title: String,
    requirements: Vec<String>,
    actors: Vec<String>,
    #[serde(default)]
    room: RoomKind,
    #[serde(default)]
    members: Vec<String>,
    /// Variants: each carries out the steps with values of its own.
    #[serde(default)]
    variants: IndexMap<String, RawVariant>,
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    values: Variables,
}

#[derive(Deserialize)]
struct RawStep {
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    query: IndexMap<String, Value>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    raw: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    form: Option<Value>,
    #[serde(default)]
    file: Option<RawFile>,
    #[serde(default, rename = "as")]
    credential: Option<String>,
    #[serde(default)]
    save: Option<String>,
    #[serde(default)]
    room: Option<String>,
    #[serde(default)]
    socket: Option<String>,
    #[serde(default)]
    event: Option<Value>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    binary: Option<String>,
    #[serde(default)]
    reply_to: Option<String>,
    #[serde(default)]
    fields: Option<Value>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default, rename = "for")]
    each: Option<IndexMap<String, Value>>,
    #[serde(default)]
    repeat: Option<u64>,
    #[serde(default, rename = "do")]
    steps: Option<Vec<RawStep>>,
    #[serde(default)]
    parallel: Option<Vec<Vec<RawStep>>>,
    /// The actor and what it does; and every misspelt key.
    #[serde(flatten)]
    who: IndexMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    name: String,
    content_type: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
}

/// Reads a scenario file; each of its variants is a scenario.
///
/// # Errors
/// If it is no YAML, has unknown keys, or names actors, requirements, operations or events that do not
/// exist.
pub fn parse(name: &str, text: &str) -> Result<Vec<Scenario>, ScenarioError> {
    let failed = |problem: String| ScenarioError { file: format!("{name}.yaml"), problem };
    let raw: RawScenario =
        serde_saphyr::from_str(text).map_err(|error| failed(error.to_string()))?;
    if raw.actors.is_empty() {
        return Err(failed("`actors` names nobody".to_owned()));
    }
    let reader = Reader { actors: raw.actors.iter().cloned().collect() };
    if let Some(stranger) = raw.members.iter().find(|member| !reader.actors.contains(*member)) {
        return Err(failed(format!("`members` names {stranger}, who is none of the actors")));
    }
    let steps = reader.steps(raw.steps, "").map_err(failed)?;
    let common = requirements(&raw.requirements).map_err(failed)?;
    let mut variants = raw.variants;
    if variants.is_empty() {
        let values = Variables::new();
        variants.insert(String::new(), RawVariant { requirements: Vec::new(), values });
    }
    variants
        .into_iter()
        .map(|(variant, RawVariant { requirements: own, values })| {
            let mut all = common.clone();
            all.extend(requirements(&own).map_err(failed)?);
            Ok(Scenario {
                name: match variant.as_str() {
                    "" => name.into(),
                    variant => format!("{name}:{variant}").into(),
                },
                title: raw.title.clone(),
                requirements: all,
                actors: raw.actors.clone(),
                room: raw.room,
                members: raw.members.clone(),
                variables: values,
                steps: steps.clone(),
            })
        })
        .collect()
}

fn requirements(prefixes: &[String]) -> Result<Vec<RequirementId>, String> {
    let mut all = Vec::new();
    for prefix in prefixes {
        all.extend(requirement::with_prefix(prefix).map_err(|error| error.to_string())?);
    }
    Ok(all)
}

struct Reader {
    actors: BTreeSet<String>,
}

impl Reader {
    fn steps(&self, raw: Vec<RawStep>, parent: &str) -> Result<Vec<Step>, String> {
        raw.into_iter()
            .zip(1..)
            .map(|(step, index)| {
                let number = match parent {
                    "" => format!("{index}"),
                    parent => format!("{parent}.{index}"),
                };
                let action = self.action(step, &number).map_err(|problem| {
                    match problem.starts_with("step") {
                        true => problem,
                        false => format!("step {number}: {problem}"),
                    }
                })?;
                Ok(Step { number, action })
            })
            .collect()
    }

    fn action(&self, mut raw: RawStep, number: &str) -> Result<Action, String> {
        if let Some(each) = raw.each {
            let (variable, values) =
                each.into_iter().next().ok_or("`for` needs a name and its values")?;
            let steps = raw.steps.ok_or("`for` needs `do`")?;
            return Ok(Action::For { variable, values, steps: self.steps(steps, number)? });
        }
        if let Some(count) = raw.repeat {
            let steps = raw.steps.ok_or("`repeat` needs `do`")?;
            return Ok(Action::Repeat { count, steps: self.steps(steps, number)? });
        }
        if let Some(branches) = raw.parallel {
            return branches
                .into_iter()
                .zip(1..)
                .map(|(steps, branch)| self.steps(steps, &format!("{number}.{branch}")))
                .collect::<Result<_, _>>()
                .map(Action::Parallel);
        }
        let mut who = std::mem::take(&mut raw.who).into_iter();
        let (actor, verb) = who.next().ok_or("who does what?")?;
        if let Some((other, _)) = who.next() {
            let unknown = if self.actors.contains(&actor) { other } else { actor };
            return Err(format!("`{unknown}` is neither an actor nor a key of a step"));
        }
        if !self.actors.contains(&actor) {
            return Err(format!("`{actor}` is none of the actors"));
        }
        let Value::String(verb) = verb else { return Err(format!("what does {actor} do?")) };
        self.act(actor, &verb, raw)
    }

    fn act(&self, actor: String, verb: &str, raw: RawStep) -> Result<Action, String> {
        let socket = raw.socket.clone().unwrap_or_else(|| actor.clone());
        Ok(match verb {
            "connect" => Action::Connect {
                actor,
                socket,
                room: raw.room.unwrap_or_else(|| "{room.id}".to_owned()),
                credential: raw.credential,
            },
            "disconnect" => Action::Disconnect { socket },
            "say" => Action::Say {
                socket,
                text: raw.text.ok_or("`say` needs `text`")?,
                reply_to: raw.reply_to,
                save: raw.save,
            },
            "send" => Action::Send {
                socket,
                frame: match (raw.event, raw.text, raw.binary) {
                    (Some(event), None, None) => Outgoing::Event(event),
                    (None, Some(text), None) => Outgoing::Text(text),
                    (None, None, Some(bytes)) => Outgoing::Binary(bytes),
                    _ => return Err("`send` needs one of `event`, `text` and `binary`".to_owned()),
                },
            },
            "await" => {
                let Some(Value::String(event)) = &raw.event else {
                    return Err("`await` needs `event`, its type".to_owned());
                };
                Action::Await {
                    socket,
                    event: event.parse().map_err(|error| format!("{error}"))?,
                    fields: raw.fields.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
                }
            }
            "fetch" => Action::Fetch { actor, url: raw.url.ok_or("`fetch` needs `url`")? },
            "walk" => Action::Walk(call(actor, Operation::MessagesList, raw)?),
            operation => {
                let operation = operation.parse().map_err(|_| {
                    let operations = hearback_contract::operation::OPERATIONS;
                    let verbs = ["connect", "disconnect", "say", "send", "await", "fetch", "walk"];
                    let names = operations.iter().map(|row| row.id).chain(verbs);
                    let near = requirement::nearest(operation, names);
                    let hint = match near.first() {
                        Some(name) => format!("; do you mean `{name}`?"),
                        None => String::new(),
                    };
                    format!("nobody can `{operation}`{hint}")
                })?;
                Action::Call(call(actor, operation, raw)?)
            }
        })
    }
}

fn call(actor: String, operation: Operation, raw: RawStep) -> Result<Call, String> {
    let form = match (raw.form, raw.file) {
        (Some(fields), Some(file)) => Some((fields, file_source(file)?)),
        (None, None) => None,
        _ => return Err("`form` and `file` go together".to_owned()),
    };
    if operation.spec().path_parameters().next().is_some() && raw.at.is_none() {
        return Err(format!("{operation} needs `at`, the id in its path"));
    }
    let content_type = raw.content_type.unwrap_or_else(|| "application/json".to_owned());
    Ok(Call {
        actor,
        operation,
        at: raw.at,
        query: raw.query.into_iter().collect(),
        body: raw.body,
        raw: raw.raw.map(|text| (content_type, text)),
        form,
        credential: raw.credential,
        save: raw.save,
    })
}

fn file_source(raw: RawFile) -> Result<FileSource, String> {
    let bytes = match (raw.text, raw.base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(text)) => {
            STANDARD.decode(text).map_err(|error| format!("`file.base64`: {error}"))?
        }
        _ => return Err("`file` needs one of `text` and `base64`".to_owned()),
    };
    Ok(FileSource { name: raw.name, content_type: raw.content_type, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "title: t\nrequirements: [status/ok]\nactors: [alice, bob]\n";

    fn problem(steps: &str) -> String {
        parse("x/y", &format!("{HEAD}steps:\n{steps}")).unwrap_err().to_string()
    }

    #[test]
    fn steps_are_numbered_and_typed() {
        let text = format!(
            "{HEAD}room: group\nmembers: [bob]\nsteps:\n  - {{ bob: connect }}\n  - repeat: 2\n    do:\n      - {{ alice: messages.send, body: {{ room: '{{room.id}}', content: hi }}, save: m }}\n"
        );
        let scenarios = parse("x/y", &text).unwrap();
        let [scenario] = &scenarios[..] else { panic!("one scenario") };
        assert_eq!(scenario.name.as_str(), "x/y");
        let Action::Repeat { count: 2, steps } = &scenario.steps[1].action else { panic!() };
        assert_eq!(steps[0].number, "2.1");
        let Action::Call(call) = &steps[0].action else { panic!() };
        assert_eq!(call.operation, Operation::MessagesSend);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            problem("  - { carol: connect }\n").contains("step 1: `carol` is none of the actors")
        );
        assert!(problem("  - { alice: rooms.creat }\n").contains("do you mean `rooms.create`?"));
        assert!(problem("  - { alice: rooms.get }\n").contains("needs `at`"));
        assert!(problem("  - { alice: rooms.list, qurey: {} }\n").contains("`qurey`"));
        assert!(problem("  - { alice: send }\n").contains("needs one of"));
    }

    #[test]
    fn variants_have_requirements_and_values_of_their_own() {
        let text = format!(
            "{HEAD}variants:\n  a: {{ values: {{ kind: garbage }}, requirements: [status/created] }}\n  b: {{}}\nsteps: []\n"
        );
        let scenarios = parse("x/y", &text).unwrap();
        assert_eq!(scenarios[0].name.as_str(), "x/y:a");
        assert_eq!(scenarios[0].variables["kind"], "garbage");
        assert_eq!(scenarios[0].requirements.len(), 2);
        assert_eq!(scenarios[1].requirements.len(), 1);
    }
}
