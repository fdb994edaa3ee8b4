//! `hearback scenario lint`: what is wrong with scenario files, and where.

use std::path::PathBuf;

use hearback_scenarios::{Diagnostics, Parsed};

use super::files;
use crate::exit::{self, Failure};
use crate::output;

pub(super) fn run(named: &[PathBuf]) -> Result<u8, Failure> {
    let readings = files::read_all(named)?;
    let scenarios: usize = readings.iter().map(|reading| reading.scenarios.len()).sum();
    tell(&readings);
    let wrong = readings.iter().filter(|reading| reading.diagnostics.has_errors()).count();
    output::print(&match wrong {
        0 => format!("{} in {}", counted(scenarios, "scenario"), counted(readings.len(), "file")),
        wrong => format!("{wrong} of {} cannot be used", counted(readings.len(), "file")),
    });
    Ok(if wrong == 0 { exit::HOLDS } else { exit::USAGE })
}

/// Tells every mistake, warnings included.
pub(super) fn tell(readings: &[Parsed]) {
    for Diagnostics { text, diagnostics, .. } in readings.iter().map(|reading| &reading.diagnostics)
    {
        for diagnostic in diagnostics {
            let report = miette::Report::new(diagnostic.clone()).with_source_code(text.clone());
            eprintln!("{report:?}");
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
