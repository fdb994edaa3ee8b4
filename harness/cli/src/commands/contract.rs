//! `hearback contract`, and the overlay of every other command.

use std::path::Path;

use anyhow::anyhow;
use hearback_config::{FileError, Source, contract};
use hearback_contract::export;
use hearback_contract::overlay::{self, Effect, Overlay};
use hearback_reports::contract::table;
use hearback_reports::counted;
use hearback_reports::table::Layout;
use hearback_results::{ExitStatus, readings};

use crate::arguments::{Arguments, Command, Contract, ContractCommand, Description, ListFormat};
use crate::failure::Failure;
use crate::output;

/// Puts the overlay of the command line in force; `contract lint` reads it itself.
pub(crate) fn put_in_force(arguments: &Arguments) -> Result<(), Failure> {
    let is_lint = matches!(
        arguments.command,
        Command::Contract(Contract { command: ContractCommand::Lint { .. } })
    );
    let Some(folder) = arguments.contract.as_deref().filter(|_| !is_lint) else { return Ok(()) };
    let overlay = read(folder).map_err(|errors| {
        let mut failures = errors.into_iter().map(Failure::invalid_file).rev();
        let last = failures.next();
        failures.rev().for_each(|failure| failure.print());
        last.unwrap_or_else(|| Failure::usage(anyhow!("invalid contract")))
    })?;
    overlay::put_in_force(overlay).map_err(Failure::incomplete)?;
    match ungenerated() {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// The failure of a contract with request bodies that cannot be generated.
fn ungenerated() -> Option<Failure> {
    let (schema, part) = hearback_generate::unsupported().into_iter().next()?;
    Some(Failure::usage(anyhow!("unsupported schema {schema}: {part}; add a `type`")))
}

pub(crate) fn run(options: &Contract, folder: Option<&Path>) -> Result<ExitStatus, Failure> {
    match &options.command {
        ContractCommand::Lint { folder: named } => lint(named.as_deref().or(folder)),
        ContractCommand::Export { what: Description::Openapi } => {
            output::print(&format!("{:#}", export::openapi()));
            Ok(ExitStatus::Passed)
        }
        ContractCommand::Export { what: Description::Asyncapi } => {
            output::print(&format!("{:#}", export::asyncapi(export::Side::Server)));
            Ok(ExitStatus::Passed)
        }
        ContractCommand::Diff { format } => diff(*format),
    }
}

fn lint(folder: Option<&Path>) -> Result<ExitStatus, Failure> {
    let folder = folder.ok_or_else(unnamed)?;
    match read(folder) {
        Ok(overlay) => {
            let changes = counted(overlay.changes().len() as u64, "change");
            overlay::put_in_force(overlay).map_err(Failure::incomplete)?;
            if let Some(failure) = ungenerated() {
                return Err(failure);
            }
            output::print(&format!("{changes} of the contract, no errors"));
            Ok(ExitStatus::Passed)
        }
        Err(errors) => {
            let count = counted(errors.len() as u64, "error");
            errors.into_iter().for_each(|error| Failure::invalid_file(error).print());
            output::print(&count);
            Ok(ExitStatus::Usage)
        }
    }
}

fn diff(format: ListFormat) -> Result<ExitStatus, Failure> {
    let changes = overlay::in_force().ok_or_else(unnamed)?.changes();
    let table = table(&changes);
    output::print(&match format {
        ListFormat::Text => table.text(output::style(false), Layout::LIST),
        ListFormat::Markdown => table.markdown(usize::MAX),
        ListFormat::Json => format!("{:#}", table.json()),
    });
    Ok(match changes.iter().any(|change| change.effect == Effect::Breaking) {
        true => ExitStatus::Failed,
        false => ExitStatus::Passed,
    })
}

fn unnamed() -> Failure {
    Failure::usage(anyhow!("no overlay is given: name its folder with --contract"))
}

/// The overlay of a folder, with the readings that its file pins.
fn read(folder: &Path) -> Result<Overlay, Vec<FileError>> {
    let overlay = contract::read(folder)?;
    let file = Source::shared(folder.join(contract::CONTRACT_FILE), None);
    let readings = readings::read(&file).map_err(|error| vec![error])?;
    Ok(Overlay { readings, ..overlay })
}
