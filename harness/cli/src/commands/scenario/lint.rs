//! `hearback scenario lint`.

use std::path::PathBuf;

use hearback_reports::counted;
use hearback_results::ExitStatus;
use hearback_scenarios::{Diagnostics, Parsed, files};

use crate::failure::Failure;
use crate::output;

pub(super) fn run(paths: &[PathBuf]) -> Result<ExitStatus, Failure> {
    let files = files::read_all(paths).map_err(Failure::usage)?;
    print_diagnostics(&files);
    let scenarios: usize = files.iter().map(|file| file.scenarios.len()).sum();
    let invalid = files.iter().filter(|file| file.diagnostics.has_errors()).count();
    let all = counted(files.len() as u64, "file");
    output::print(&match invalid {
        0 => format!("{} in {all}, no errors", counted(scenarios as u64, "scenario")),
        invalid => format!("Errors in {invalid} of {all}"),
    });
    Ok(if invalid == 0 { ExitStatus::Passed } else { ExitStatus::Usage })
}

/// Prints every error and warning.
pub(super) fn print_diagnostics(files: &[Parsed]) {
    for Diagnostics { text, diagnostics, .. } in files.iter().map(|file| &file.diagnostics) {
        for diagnostic in diagnostics {
            let report = miette::Report::new(diagnostic.clone()).with_source_code(text.clone());
            eprintln!("{report:?}");
        }
    }
}
