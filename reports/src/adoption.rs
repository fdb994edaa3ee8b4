//! The summary of `hearback adopt`.

use std::path::PathBuf;

use hearback_contract::Level;
use hearback_results::{Adoption, Results};
use jiff::civil::Date;

use crate::shown::shown;
use crate::words::{self, counted};

/// The reason why nothing was adopted.
pub fn unfinished(results: &Results) -> String {
    words::verdict(results, shown)
}

/// The files that were written, with what they accept now; `adopted` are the results of the same run with the new gate.
pub fn summary(
    adoption: &Adoption,
    adopted: &Results,
    files: &[PathBuf],
    variables: &[&str],
    expires: Date,
) -> String {
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let mut lines = vec![format!("Wrote {}", shown(&files.join(" and ")))];
    if !adoption.waivers.is_empty() {
        let waivers = counted(adoption.waivers.len() as u64, "waiver");
        let requirements = counted(adoption.requirements() as u64, "requirement");
        lines.push(format!("  {waivers} of {requirements} added, valid until {expires}"));
    }
    let intermittent = adoption.waivers.iter().filter(|waiver| waiver.is_intermittent).count();
    if intermittent > 0 {
        lines.push(format!(
            "  {} of them intermittent: not every repetition reproduced the violation",
            words::number(intermittent as u64)
        ));
    }
    for (count, verb) in [(adoption.renewed.len(), "renewed"), (adoption.outdated.len(), "deleted")]
    {
        if count > 0 {
            lines.push(format!("  {} {verb}", counted(count as u64, "waiver")));
        }
    }
    for (reason, requirements) in &adoption.untested {
        let count = counted(requirements.len() as u64, "requirement");
        lines.push(format!("  {count} may be untested: {}", shown(reason)));
    }
    lines.extend(adoption.changed.iter().map(|(pinned, taken)| match taken {
        Some(taken) => format!("  reading {pinned} changed to {taken}"),
        None => format!("  reading {pinned} is not pinned any more: the target takes several"),
    }));
    let unobserved = adoption.unobserved.iter();
    lines.extend(unobserved.map(|pinned| {
        format!("  reading {pinned} is not pinned any more: the run did not show it")
    }));
    if !variables.is_empty() {
        lines.push(format!("Set these variables before the next run: {}", variables.join(", ")));
    }
    lines.push(match adopted.exit_status().is_success() {
        true => {
            let unexplained = adopted.waivers.iter().filter(|it| it.reason.is_empty()).count();
            let advice = match unexplained {
                0 => String::new(),
                count => {
                    format!(" Add a reason and a link to {}.", counted(count as u64, "waiver"))
                }
            };
            let new = match adopted.fail_on {
                Level::Must => "any other broken must; --fail-on should adopts the rest",
                Level::Should => "any other broken must or should",
                Level::Note => "anything new",
            };
            format!("`hearback check` passes now and fails on {new}.{advice}")
        }
        false => format!("`hearback check` does not pass yet: {}", words::verdict(adopted, shown)),
    });
    lines.join("\n")
}
