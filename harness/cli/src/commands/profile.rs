//! `hearback profile`.

use hearback_loadtests::{Profile, profile};
use hearback_reports::counted;
use hearback_results::ExitStatus;

use crate::arguments::{self, ProfileCommand};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: arguments::Profile) -> Result<ExitStatus, Failure> {
    match options.command {
        ProfileCommand::Lint { files } => return Ok(lint(&files)),
        ProfileCommand::New { name } => {
            let path = profile::create(&name).map_err(Failure::usage)?;
            let path = path.display();
            output::print(&format!("Created {path}; run it with: hearback load --profile {path}"));
        }
        ProfileCommand::Export { folder } => {
            let count = profile::export(&folder).map_err(Failure::usage)?;
            let profiles = counted(count as u64, "profile");
            output::print(&format!("Wrote {profiles} to {}", folder.display()));
        }
    }
    Ok(ExitStatus::Passed)
}

/// Reports every error.
fn lint(files: &[String]) -> ExitStatus {
    let mut invalid = 0;
    for file in files {
        if let Err(error) = Profile::find(file) {
            invalid += 1;
            eprintln!("{:?}", miette::Report::new(error));
        }
    }
    let all = counted(files.len() as u64, "profile");
    output::print(&match invalid {
        0 => format!("{all}, no errors"),
        invalid => format!("Errors in {invalid} of {all}"),
    });
    if invalid == 0 { ExitStatus::Passed } else { ExitStatus::Usage }
}
