//! The waivers file: TOML with one `[[waiver]]` table per deviation.

use hearback_config::{Document, Excerpt, FileError, Problem, Source, Spanned};
use hearback_contract::{Operation, UnknownId};
use jiff::civil::Date;
use serde::Deserialize;

use super::Waiver;

/// Keys of a waiver, and its table; other values of a shared file may be secrets.
const PUBLIC: [&str; 6] = ["waiver", "requirement", "operation", "reason", "link", "expires"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waiver: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    requirement: Spanned<String>,
    operation: Option<Spanned<String>>,
    reason: Spanned<String>,
    link: Option<String>,
    expires: Option<Spanned<String>>,
}

/// A problem of a waivers file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
enum WaiverProblem {
    /// The reason is empty.
    #[error("`reason` is empty: state why the deviation is accepted")]
    NoReason,
    /// The expiry is not a date.
    #[error("`expires` is not a date: give the last valid day, for example 2026-12-31")]
    NoDay,
}

/// Reads a waivers file.
///
/// # Errors
/// If the file cannot be read, or its first problem.
pub fn read(source: &Source) -> Result<Vec<Waiver>, FileError> {
    let excerpt = if source.is_shared() { Excerpt::only(PUBLIC) } else { Excerpt::Full };
    parse(&source.read("waivers file", excerpt)?)
}

/// Parses a waivers file.
///
/// # Errors
/// The first problem of the file.
pub fn parse(document: &Document) -> Result<Vec<Waiver>, FileError> {
    let file: File = document.parse()?;
    let waiver = |row: Row| row.into_waiver().map_err(|problem| document.invalid(problem));
    file.waiver.into_iter().map(waiver).collect()
}

impl Row {
    fn into_waiver(self) -> Result<Waiver, Problem> {
        let unknown = |id: &Spanned<String>| {
            let span = id.span();
            |error: UnknownId| Problem::from(error).at(span)
        };
        let located = |problem: WaiverProblem, span| Problem::new(problem).at(span);
        let requirement = self.requirement.get_ref().parse().map_err(unknown(&self.requirement))?;
        let operation =
            |id: Spanned<String>| id.get_ref().parse::<Operation>().map_err(unknown(&id));
        let day = |expires: Spanned<String>| {
            let text = expires.get_ref();
            text.parse::<Date>()
                .ok()
                .filter(|day| day.to_string() == *text)
                .ok_or_else(|| located(WaiverProblem::NoDay, expires.span()))
        };
        if self.reason.get_ref().trim().is_empty() {
            return Err(located(WaiverProblem::NoReason, self.reason.span()));
        }
        Ok(Waiver {
            requirement,
            operation: self.operation.map(operation).transpose()?,
            reason: self.reason.into_inner(),
            link: self.link,
            expires: self.expires.map(day).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "[[waiver]]\nrequirement = \"room/archive\"\nreason = \"known\"\n";

    fn parsed(text: &str) -> Result<Vec<Waiver>, FileError> {
        parse(&Document::new("waivers.toml", text, Excerpt::Full))
    }

    /// The problem and its help.
    fn problem(text: &str) -> (String, String) {
        let error = parsed(text).unwrap_err();
        (error.to_string(), error.problem().help().unwrap_or_default().to_owned())
    }

    #[test]
    fn everything_that_a_waiver_can_have_is_read() {
        let text = format!(
            "{ROW}operation = \"rooms.archive\"\nlink = \"https://bugs/1\"\nexpires = 2026-12-31"
        );
        let waivers = parsed(&text).unwrap();
        let [waiver] = &waivers[..] else { panic!("{waivers:?}") };
        assert_eq!(waiver.operation, Some(Operation::RoomsArchive));
        assert_eq!(waiver.link.as_deref(), Some("https://bugs/1"));
        assert_eq!(waiver.expires.unwrap().to_string(), "2026-12-31");
        assert_eq!(parsed("").unwrap(), []);
    }

    #[test]
    fn each_problem_is_named() {
        let (unknown, help) = problem(&ROW.replace("archive", "archives"));
        assert_eq!(unknown, "unknown requirement `room/archives`");
        assert!(help.starts_with("did you mean `room/archive`"), "{help}");
        let (unknown, help) = problem(&format!("{ROW}operation = \"room.get\""));
        assert_eq!(unknown, "unknown operation `room.get`");
        assert!(help.starts_with("did you mean `rooms.get`"), "{help}");
        let message = |text: &str| problem(text).0;
        assert_eq!(message(&ROW.replace("known", " ")), WaiverProblem::NoReason.to_string());
        for day in ["2026-12-31T00:00:00Z", "2026-12-31T00:00:00", "\"someday\"", "12:00:00"] {
            let text = format!("{ROW}expires = {day}");
            assert_eq!(message(&text), WaiverProblem::NoDay.to_string(), "{day}");
        }
        assert_eq!(message(&format!("{ROW}until = 1")), "unknown key `until`");
        assert_eq!(message("[[waiver]]\nreason = \"x\""), "`requirement` is missing");
    }

    #[test]
    fn a_problem_is_shown_with_its_place() {
        let error = parsed(&ROW.replace("archive", "archives")).unwrap_err();
        let shown = format!("{:?}", miette::Report::new(error));
        assert!(
            shown.contains("waivers.toml:2:15") && shown.contains("did you mean `room/archive`"),
            "{shown}"
        );
    }
}
