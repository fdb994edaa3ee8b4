//! Explanations of ids, for `hearback explain`.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{
    Ambiguity, AmbiguityId, Basis, ClientEvent, Operation, Reading, ReadingId, Requirement,
    RequirementId, ServerEvent, UnknownId,
};
use hearback_generate::Depth;
use hearback_mutants::weather::WeatherKind;
use hearback_mutants::{FAULTS, FaultId, FaultSpec, WEATHER};
use hearback_scenarios::{Scenario, embedded};

use crate::registry::sentence;

/// The embedded scenarios, and one generated scenario of each kind: the number of others depends on the depth.
static SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let generated = hearback_generate::scenarios(0, Depth { cases: 1, ..Depth::NONE });
    embedded().into_iter().chain(generated).collect()
});

/// Explains a requirement, operation, event, fault, ambiguity, reading or kind of weather.
///
/// # Errors
/// If nothing has the id.
pub fn explain(id: &str) -> Result<String, UnknownId> {
    let mut text = String::new();
    let _infallible = if let Ok(found) = id.parse::<RequirementId>() {
        write_requirement(&mut text, found.requirement())
    } else if let Ok(found) = id.parse::<Operation>() {
        write_operation(&mut text, found)
    } else if let Some(senders) = senders_of_event(id) {
        write_event(&mut text, id, &senders)
    } else if let Ok(found) = id.parse::<FaultId>() {
        write_fault(&mut text, FaultSpec::of(found))
    } else if let Ok(found) = id.parse::<AmbiguityId>() {
        write_ambiguity(&mut text, found.ambiguity())
    } else if let Ok(found) = id.parse::<ReadingId>() {
        write_reading(&mut text, found.reading())
    } else if let Some(kind) = WEATHER.iter().find(|kind| kind.id.as_str() == id) {
        write_weather(&mut text, kind)
    } else {
        return Err(UnknownId::new("id", id, ids()));
    };
    Ok(text)
}

/// Every id that can be explained.
fn ids() -> impl Iterator<Item = &'static str> {
    let requirements = RequirementId::all().map(RequirementId::as_str);
    let operations = OPERATIONS.iter().map(|row| row.id);
    let faults = FAULTS.iter().map(|fault| fault.id.as_str());
    let ambiguities = AmbiguityId::ALL.into_iter().map(AmbiguityId::as_str);
    let readings = ReadingId::ALL.into_iter().map(ReadingId::as_str);
    let weather = WEATHER.iter().map(|kind| kind.id.as_str());
    let client = ClientEvent::ALL.iter().map(|event| event.id());
    let only_server = |id: &&str| id.parse::<ClientEvent>().is_err();
    let server = ServerEvent::ALL.iter().map(|event| event.id()).filter(only_server);
    requirements
        .chain(operations)
        .chain(client)
        .chain(server)
        .chain(faults)
        .chain(ambiguities)
        .chain(readings)
        .chain(weather)
}

fn write_requirement(text: &mut String, row: &Requirement) -> fmt::Result {
    writeln!(text, "{} ({})\n\n  {}\n", row.id, row.level, row.statement)?;
    let section = row.section;
    match row.basis {
        Basis::Stated(quote) => {
            let quote = quote.trim_start().replace('\n', "\n  ");
            writeln!(text, "The specification, section {section}:\n  {quote}\n")?;
        }
        Basis::Inferred { reason, protects } => {
            writeln!(text, "Follows from the specification, section {section}:\n  {reason}\n")?;
            writeln!(text, "Protects:\n  {protects}\n")?;
        }
        Basis::Silent(reason) => {
            writeln!(text, "Concerns the specification, section {section}:\n  {reason}\n")?;
        }
        Basis::Added(reason) => writeln!(text, "Added by the contract {section}:\n  {reason}\n")?,
    }
    writeln!(text, "Check:\n  {}\n", row.checked)?;
    if !row.needs.is_empty() {
        let needs: Vec<_> = row.needs.iter().map(|id| id.as_str()).collect();
        writeln!(text, "Depends on: {}\n", needs.join(", "))?;
    }
    if let Some(reason) = row.conclusive {
        writeln!(text, "Violations are not reproduced: {reason}.\n")?;
    }
    writeln!(text, "Scenarios that cover it:")?;
    for Scenario { name, title, .. } in
        SCENARIOS.iter().filter(|scenario| scenario.requirements.contains(&row.id))
    {
        let name = name.as_str().split(':').next().unwrap_or_default();
        writeln!(text, "  {name}  {title}")?;
    }
    writeln!(text, "\nFaults of the embedded server that break it:")?;
    for fault in FAULTS.iter().filter(|fault| fault.breaks == row.id) {
        writeln!(text, "  {}  {}", fault.id, fault.description)?;
    }
    writeln!(text, "\nTry it: hearback check --only {}", row.id)
}

fn write_operation(text: &mut String, operation: Operation) -> fmt::Result {
    let row = operation.spec();
    let (method, path, section) = (row.method.as_str(), row.path, row.section);
    writeln!(text, "{}\n\n  {method} {path}\n\nSection: {section}", row.id)?;
    writeln!(text, "Success: {:?}, refusals: {:?}", row.success, row.refusals)?;
    for parameter in row.query {
        let need = if parameter.required { "required" } else { "optional" };
        writeln!(text, "Query `{}` ({need}): {}", parameter.name, parameter.description)?;
    }
    writeln!(text, "Schemas: `hearback schema export openapi`")
}

/// Each side that sends events of this type, and the section about them; `None` for an unknown type.
fn senders_of_event(id: &str) -> Option<Vec<(&'static str, &'static str)>> {
    let client = id.parse::<ClientEvent>().ok().map(|event| ("client", event.section()));
    let server = id.parse::<ServerEvent>().ok().map(|event| ("server", event.section()));
    let senders: Vec<_> = client.into_iter().chain(server).collect();
    (!senders.is_empty()).then_some(senders)
}

fn write_event(text: &mut String, id: &str, senders: &[(&str, &str)]) -> fmt::Result {
    writeln!(text, "{id} (event)\n")?;
    for (sender, section) in senders {
        writeln!(text, "Sent by the {sender}, section: {section}")?;
    }
    writeln!(text, "\nSchemas: `hearback schema export asyncapi`")
}

fn write_fault(text: &mut String, fault: &FaultSpec) -> fmt::Result {
    let FaultSpec { id, description, breaks, .. } = fault;
    writeln!(text, "{id} (fault)\n\n  {description}\n\nBreaks: {breaks}")?;
    writeln!(text, "\nTry it: hearback check --fault {id}")
}

fn write_weather(text: &mut String, kind: &WeatherKind) -> fmt::Result {
    let WeatherKind { id, description, .. } = kind;
    writeln!(text, "{id} (weather)\n\n  {description}\n")?;
    match kind.parameter() {
        Some(parameter) => {
            writeln!(text, "Value: {} [default: {}]\n", parameter.meaning, parameter.default)?;
        }
        None => writeln!(text, "Value: none\n")?,
    }
    writeln!(text, "Try it: hearback check --weather {id}")
}

fn write_ambiguity(text: &mut String, row: &Ambiguity) -> fmt::Result {
    writeln!(text, "{} (ambiguity)\n\n  {}\n", row.id, row.question)?;
    writeln!(text, "Section: {}", row.section)?;
    writeln!(text, "Readings:")?;
    for reading in row.readings {
        let mark = if reading.is_reference { " (embedded server)" } else { "" };
        writeln!(text, "  {}{mark}  {}", reading.id, reading.text)?;
    }
    writeln!(text, "Accepted: {}", row.accepts)?;
    match row.details {
        Some(details) => writeln!(text, "Embedded server: {details}"),
        None => Ok(()),
    }
}

fn write_reading(text: &mut String, row: &Reading) -> fmt::Result {
    let ambiguity = row.ambiguity.ambiguity();
    writeln!(text, "{} (reading)\n\n  {}\n", row.id, sentence(row.text))?;
    writeln!(text, "Question: {}", ambiguity.question)?;
    writeln!(text, "Section: {}", ambiguity.section)?;
    writeln!(text, "Accepted: {}\n", ambiguity.accepts)?;
    writeln!(text, "Try it: hearback check --reading {}", row.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_can_be_explained() {
        for id in ids() {
            let text = explain(id).unwrap_or_else(|_| panic!("{id}"));
            assert!(text.starts_with(id), "{id}: {text}");
            assert!(text.lines().count() > 3, "{id}: {text}");
        }
    }

    #[test]
    fn unknown_ids_suggest_neighbors() {
        let text = explain("rooms.stat").unwrap_err().to_string();
        assert!(text.contains("unknown id `rooms.stat`; did you mean `rooms.stats`"), "{text}");
    }
}
