//! Shared parts of the rows of `contract.toml`.

use std::ops::Range;

use hearback_contract::UnknownId;
use toml::Spanned;

use crate::Problem;

/// The name of the subject of a row, the subject, and the converted row.
pub(super) type Converted<Subject, Row> = Result<(Spanned<String>, Subject, Row), Problem>;

/// The row of the contract that an id names.
pub(super) fn known<Id: std::str::FromStr<Err = UnknownId>>(
    id: &Spanned<String>,
) -> Result<Id, Problem> {
    id.get_ref().parse().map_err(|error| Problem::from(error).at(id.span()))
}

/// Checks that a key lists statuses within a range, if it is there.
pub(super) fn statuses(
    key: &str,
    permitted: Range<u16>,
    statuses: Option<&Spanned<Vec<u16>>>,
) -> Result<(), Problem> {
    let Some(statuses) = statuses else { return Ok(()) };
    let other = statuses.get_ref().iter().find(|status| !permitted.contains(*status));
    let problem = match other {
        Some(status) => format!("`{key}` contains {status}"),
        None if statuses.get_ref().is_empty() => format!("`{key}` is empty"),
        None => return Ok(()),
    };
    let help = format!("expected statuses from {} to {}", permitted.start, permitted.end - 1);
    Err(Problem::new(problem).with_help(help).at(statuses.span()))
}
