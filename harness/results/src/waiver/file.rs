//! The waivers file: TOML with one `[[waiver]]` table per deviation.

use hearback_config::{Document, Excerpt, FileError, Problem, Source, Spanned};
use hearback_contract::{Operation, UnknownId};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Place, Waiver};

/// Keys of a waiver, and its table; other values of a shared file may be secrets.
const PUBLIC: [&str; 8] =
    ["waiver", "requirement", "operation", "variant", "reason", "link", "expires", "intermittent"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waiver: Vec<Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    requirement: Spanned<String>,
    operation: Option<Spanned<String>>,
    variant: Option<String>,
    reason: Spanned<String>,
    link: Option<String>,
    expires: Option<Spanned<String>>,
    #[serde(default)]
    intermittent: Option<Spanned<bool>>,
}

/// A problem of a waivers file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
enum WaiverProblem {
    /// Neither a reason nor an expiry is given.
    #[error("`reason` is empty: state why the deviation is accepted, or until when with `expires`")]
    MissingReason,
    /// An intermittent deviation would be waived forever.
    #[error("an intermittent deviation needs `expires`: it is never found to be fixed")]
    Endless,
    /// The expiry is not a date.
    #[error("`expires` is not a date: give the last valid day, for example 2026-12-31")]
    InvalidDay,
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
    let waiver = |row: Spanned<Row>| {
        let place = Place {
            file: document.name().to_owned(),
            line: document.line(row.span().start) as u64,
        };
        row.into_inner().into_waiver(place).map_err(|problem| document.invalid(problem))
    };
    file.waiver.into_iter().map(waiver).collect()
}

impl Row {
    fn into_waiver(self, place: Place) -> Result<Waiver, Problem> {
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
                .ok_or_else(|| located(WaiverProblem::InvalidDay, expires.span()))
        };
        if self.reason.get_ref().trim().is_empty() && self.expires.is_none() {
            return Err(located(WaiverProblem::MissingReason, self.reason.span()));
        }
        if let Some(intermittent) = &self.intermittent
            && *intermittent.get_ref()
            && self.expires.is_none()
        {
            return Err(located(WaiverProblem::Endless, intermittent.span()));
        }
        Ok(Waiver {
            requirement,
            operation: self.operation.map(operation).transpose()?,
            variant: self.variant,
            reason: self.reason.into_inner(),
            link: self.link.filter(|link| !link.trim().is_empty()),
            expires: self.expires.map(day).transpose()?,
            is_intermittent: self.intermittent.is_some_and(Spanned::into_inner),
            place,
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
    fn a_waiver_knows_where_it_is_written() {
        let text = format!("# Known.\n{ROW}\n{ROW}variant = \"rooms.get: name\"\n");
        let waivers = parsed(&text).unwrap();
        let lines: Vec<_> = waivers.iter().map(|waiver| waiver.place.line).collect();
        assert_eq!((lines, waivers[0].place.file.as_str()), (vec![2, 6], "waivers.toml"));
        assert_eq!(waivers[1].variant.as_deref(), Some("rooms.get: name"));
    }

    #[test]
    fn a_waiver_without_a_reason_expires() {
        let empty = ROW.replace("known", "") + "link = \"\"\n";
        assert_eq!(problem(&empty).0, WaiverProblem::MissingReason.to_string());
        let waivers = parsed(&format!("{empty}expires = 2026-12-31\n")).unwrap();
        assert_eq!((waivers[0].reason.as_str(), &waivers[0].link), ("", &None));
        let endless = format!("{ROW}intermittent = true\n");
        assert_eq!(problem(&endless).0, WaiverProblem::Endless.to_string());
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
        assert_eq!(message(&ROW.replace("known", " ")), WaiverProblem::MissingReason.to_string());
        for day in ["2026-12-31T00:00:00Z", "2026-12-31T00:00:00", "\"someday\"", "12:00:00"] {
            let text = format!("{ROW}expires = {day}");
            assert_eq!(message(&text), WaiverProblem::InvalidDay.to_string(), "{day}");
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
