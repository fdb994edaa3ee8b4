//! The waivers file: TOML with one `[[waiver]]` table per deviation.

use std::ops::Range;

use hearback_contract::requirement::nearest;
use hearback_contract::{Operation, RequirementId};
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

/// A problem, and where it is in the file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{problem}")]
#[diagnostic(help("{}", .problem.help()))]
pub struct InvalidWaivers {
    /// What is wrong.
    pub problem: Problem,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
}

/// What can be wrong with a file of waivers.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// It is no TOML, a key is unknown or missing, or a value is of the wrong type.
    #[error("the file of waivers does not parse: {0}")]
    Syntax(String),
    /// No requirement has this id.
    #[error("no requirement is called `{name}`")]
    UnknownRequirement {
        /// What stands there.
        name: String,
        /// Ids like it.
        nearest: Vec<&'static str>,
    },
    /// No operation has this id.
    #[error("no operation is called `{name}`")]
    UnknownOperation {
        /// What stands there.
        name: String,
        /// Ids like it.
        nearest: Vec<&'static str>,
    },
    /// A reason without words.
    #[error("a waiver needs a reason")]
    NoReason,
    /// A time where a day is asked for.
    #[error("`expires` is the last day of the waiver: 2026-12-31")]
    NoDay,
}

impl Problem {
    fn help(&self) -> String {
        match self {
            Self::UnknownRequirement { nearest, .. } | Self::UnknownOperation { nearest, .. }
                if !nearest.is_empty() =>
            {
                format!("near it: {}", nearest.join(", "))
            }
            _ => "a waiver has `requirement` and `reason`, and may have `operation`, `link`, `expires`"
                .to_owned(),
        }
    }
}

/// Reads the text of a file of waivers; `file` is its name in errors.
///
/// # Errors
/// The first thing that is wrong with it, and where.
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
        let requirement = self.requirement.get_ref().parse().map_err(|_| {
            let name = self.requirement.get_ref().clone();
            let nearest = nearest(&name, RequirementId::all().map(RequirementId::as_str));
            (Problem::UnknownRequirement { name, nearest }, self.requirement.span())
        })?;
        let operation = |id: Spanned<String>| {
            id.get_ref().parse::<Operation>().map_err(|_| {
                let name = id.get_ref().clone();
                let nearest = nearest(&name, Operation::all().map(Operation::id));
                (Problem::UnknownOperation { name, nearest }, id.span())
            })
        };
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
        assert!(
            matches!(unknown, Problem::UnknownRequirement { nearest, .. } if nearest[0] == "room/archive")
        );
        let unknown = problem(&format!("{ROW}operation = \"room.get\""));
        assert!(
            matches!(unknown, Problem::UnknownOperation { nearest, .. } if nearest[0] == "rooms.get")
        );
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
            shown.contains("waivers.toml:2:15") && shown.contains("near it: room/archive"),
            "{shown}"
        );
    }
}
