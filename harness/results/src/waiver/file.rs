//! The waivers file: TOML with one `[[waiver]]` table per deviation.

use std::ops::Range;

use hearback_contract::{Operation, UnknownId};
use jiff::civil::Date;
use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use toml::Spanned;

use super::Waiver;

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
    expires: Option<Spanned<toml::value::Datetime>>,
}

/// A problem and its place in the file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
#[diagnostic(help("{}", .problem.help()))]
pub struct InvalidWaivers {
    /// The problem.
    pub problem: Problem,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
}

/// A problem of a waivers file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// The file is not TOML, a key is unknown or missing, or a value has the wrong type.
    #[error("invalid waivers file: {0}")]
    Syntax(String),
    /// A requirement or an operation does not exist.
    #[error("unknown {} `{}`", .0.kind, .0.name)]
    Unknown(UnknownId),
    /// The reason is empty.
    #[error("`reason` is empty: state why the deviation is accepted")]
    NoReason,
    /// The expiry is not a date.
    #[error("`expires` is not a date: give the last valid day, for example 2026-12-31")]
    NoDay,
}

impl Problem {
    fn help(&self) -> String {
        let suggestion = match self {
            Self::Unknown(unknown) => unknown.suggestions.help(),
            _ => None,
        };
        suggestion.unwrap_or_else(|| {
            "required keys: `requirement`, `reason`; optional keys: `operation`, `link`, `expires`"
                .to_owned()
        })
    }
}

/// Parses a waivers file; `file` is its name in errors.
///
/// # Errors
/// The first problem of the file.
pub fn parse(file: &str, text: &str) -> Result<Vec<Waiver>, Box<InvalidWaivers>> {
    let invalid = |(problem, span): (Problem, Range<usize>)| {
        Box::new(InvalidWaivers {
            problem,
            source_code: NamedSource::new(file, text.to_owned()),
            span: span.into(),
        })
    };
    let parsed: File = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..text.len().min(1));
        invalid((Problem::Syntax(error.message().to_owned()), span))
    })?;
    parsed.waiver.into_iter().map(|row| row.into_waiver().map_err(invalid)).collect()
}

impl Row {
    fn into_waiver(self) -> Result<Waiver, (Problem, Range<usize>)> {
        let unknown = |id: &Spanned<String>| {
            let span = id.span();
            |error| (Problem::Unknown(error), span)
        };
        let requirement = self.requirement.get_ref().parse().map_err(unknown(&self.requirement))?;
        let operation =
            |id: Spanned<String>| id.get_ref().parse::<Operation>().map_err(unknown(&id));
        let day = |expires: Spanned<toml::value::Datetime>| {
            let text = expires.get_ref().to_string();
            text.parse::<Date>()
                .ok()
                .filter(|_| expires.get_ref().time.is_none())
                .ok_or((Problem::NoDay, expires.span()))
        };
        if self.reason.get_ref().trim().is_empty() {
            return Err((Problem::NoReason, self.reason.span()));
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

    fn problem(text: &str) -> Problem {
        parse("waivers.toml", text).unwrap_err().problem
    }

    #[test]
    fn everything_that_a_waiver_can_have_is_read() {
        let text = format!(
            "{ROW}operation = \"rooms.archive\"\nlink = \"https://bugs/1\"\nexpires = 2026-12-31"
        );
        let waivers = parse("waivers.toml", &text).unwrap();
        let [waiver] = &waivers[..] else { panic!("{waivers:?}") };
        assert_eq!(waiver.operation, Some(Operation::RoomsArchive));
        assert_eq!(waiver.link.as_deref(), Some("https://bugs/1"));
        assert_eq!(waiver.expires.unwrap().to_string(), "2026-12-31");
        assert_eq!(parse("waivers.toml", "").unwrap(), []);
    }

    #[test]
    fn each_problem_is_named() {
        let unknown = problem(&ROW.replace("archive", "archives"));
        assert_eq!(unknown.to_string(), "unknown requirement `room/archives`");
        assert!(unknown.help().starts_with("did you mean `room/archive`"), "{}", unknown.help());
        let unknown = problem(&format!("{ROW}operation = \"room.get\""));
        assert_eq!(unknown.to_string(), "unknown operation `room.get`");
        assert!(unknown.help().starts_with("did you mean `rooms.get`"), "{}", unknown.help());
        assert_eq!(problem(&ROW.replace("known", " ")), Problem::NoReason);
        assert_eq!(problem(&format!("{ROW}expires = 2026-12-31T00:00:00Z")), Problem::NoDay);
        assert!(matches!(problem(&format!("{ROW}until = 1")), Problem::Syntax(_)));
        assert!(matches!(problem("[[waiver]]\nreason = \"x\""), Problem::Syntax(_)));
    }

    #[test]
    fn a_problem_is_shown_with_its_place() {
        let error = parse("waivers.toml", &ROW.replace("archive", "archives")).unwrap_err();
        let shown = format!("{:?}", miette::Report::from(*error));
        assert!(
            shown.contains("waivers.toml:2:15") && shown.contains("did you mean `room/archive`"),
            "{shown}"
        );
    }
}
