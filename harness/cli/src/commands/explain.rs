//! `hearback explain`: what an id means, and what stands behind it.

use std::fmt::Write as _;

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{
    Ambiguity, AmbiguityId, Operation, Requirement, RequirementId, requirement,
};
use hearback_generate::Depth;
use hearback_mutants::{FAULTS, FaultId, FaultSpec};
use hearback_scenarios::embedded;

use crate::arguments::Explain;
use crate::exit::{self, Failure};
use crate::output;

pub(crate) fn run(options: Explain) -> Result<u8, Failure> {
    let id = options.id.as_str();
    let text = if let Ok(found) = id.parse::<RequirementId>() {
        requirement_text(found.requirement())?
    } else if let Ok(found) = id.parse::<Operation>() {
        operation_text(found)?
    } else if let Ok(found) = id.parse::<FaultId>() {
        fault_text(FaultSpec::of(found))
    } else if let Ok(found) = id.parse::<AmbiguityId>() {
        ambiguity_text(found.ambiguity())?
    } else {
        let ids = RequirementId::all().map(RequirementId::as_str);
        let operations = OPERATIONS.iter().map(|row| row.id);
        let faults = FAULTS.iter().map(|fault| fault.id.as_str());
        let open = AmbiguityId::ALL.into_iter().map(AmbiguityId::as_str);
        let near = requirement::nearest(id, ids.chain(operations).chain(faults).chain(open));
        let hint = match near.is_empty() {
            true => "see `hearback list requirements`".to_owned(),
            false => format!("near it: {}", near.join(", ")),
        };
        return Err(Failure::usage(anyhow::anyhow!("nothing is called `{id}`; {hint}")));
    };
    output::print(&text);
    Ok(exit::HOLDS)
}

fn requirement_text(row: &Requirement) -> Result<String, Failure> {
    let mut text = format!("{} ({})\n\n  {}\n\n", row.id, row.level, row.statement);
    match (row.quote, row.reason) {
        (Some(quote), _) => {
            writeln!(text, "The document says so in section {}:\n  {quote}\n", row.section)?;
        }
        (None, Some(reason)) => {
            writeln!(text, "It follows from section {}:\n  {reason}\n", row.section)?;
        }
        (None, None) => {}
    }
    writeln!(text, "What is checked:\n  {}\n", row.checked)?;
    if !row.needs.is_empty() {
        let needs: Vec<_> = row.needs.iter().map(|id| id.as_str()).collect();
        writeln!(text, "It waits on: {}\n", needs.join(", "))?;
    }
    writeln!(text, "Scenarios that speak to it:")?;
    for scenario in embedded() {
        if scenario.requirements.contains(&row.id) {
            writeln!(text, "  {}  {}", scenario.name, scenario.title)?;
        }
    }
    // One of each kind: how many there are depends on the depth.
    for scenario in hearback_generate::scenarios(0, Depth { cases: 1 }) {
        if scenario.requirements.contains(&row.id) {
            let name = scenario.name.as_str().split(':').next().unwrap_or_default();
            writeln!(text, "  {name}  {}", scenario.title)?;
        }
    }
    writeln!(text, "\nFaults of the embedded server that prove that it can fail:")?;
    for fault in FAULTS.iter().filter(|fault| fault.breaks == row.id) {
        writeln!(text, "  {}  {}", fault.id, fault.description)?;
    }
    writeln!(text, "\nTry it: hearback check --only {}", row.id)?;
    Ok(text)
}

fn operation_text(operation: Operation) -> Result<String, Failure> {
    let row = operation.spec();
    let mut text = format!(
        "{}\n\n  {} {}\n\nSection: {}\n",
        row.id,
        row.method.as_str(),
        row.path,
        row.section
    );
    writeln!(text, "Success: {:?}, refusals: {:?}", row.success, row.refusals)?;
    for parameter in row.query {
        let need = if parameter.required { "required" } else { "optional" };
        writeln!(text, "Query `{}` ({need}): {}", parameter.name, parameter.description)?;
    }
    writeln!(text, "Schemas: `hearback schema export openapi`")?;
    Ok(text)
}

fn fault_text(fault: &FaultSpec) -> String {
    format!(
        "{} (fault)\n\n  {}\n\nIt breaks {}.\n\nTry it: hearback check --fault {}\n",
        fault.id, fault.description, fault.breaks, fault.id
    )
}

fn ambiguity_text(open: &Ambiguity) -> Result<String, Failure> {
    let mut text = format!("{} (left open)\n\n  {}\n\n", open.id, open.question);
    writeln!(text, "Section: {}", open.section)?;
    writeln!(text, "Readings: {}", open.readings.join("; "))?;
    writeln!(text, "Accepted: {}", open.accepts)?;
    writeln!(text, "The embedded server: {}", open.reference)?;
    Ok(text)
}
