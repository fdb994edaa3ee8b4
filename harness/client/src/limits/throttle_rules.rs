//! Throttles that the user declares: `[[throttle]]` tables.

use hearback_config::{Document, Excerpt, FileError, Problem, Source, Spanned};
use serde::Deserialize;

use super::recognition::ThrottleRule;

/// The JSON Schema of the tables.
pub const SCHEMA: &str = include_str!("throttle.schema.json");

/// Keys of a rule, and its table; other values of a shared file may be secrets.
const PUBLIC: [&str; 3] = ["throttle", "status", "body"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    throttle: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    status: Spanned<u16>,
    body: Option<String>,
}

impl ThrottleRule {
    /// Reads the rules of a file.
    ///
    /// # Errors
    /// If the file cannot be read, or its first problem.
    pub fn read(source: &Source) -> Result<Vec<Self>, FileError> {
        Self::parse(&source.read("configuration file", Excerpt::only(PUBLIC))?)
    }

    /// Parses the rules of a file.
    ///
    /// # Errors
    /// The first problem of the file.
    pub fn parse(document: &Document) -> Result<Vec<Self>, FileError> {
        let file: File = document.parse()?;
        let rule = |row: Row| match *row.status.get_ref() {
            status @ 400..600 => Ok(Self { status, body: row.body }),
            _ => {
                let problem = Problem::new("`status` is not the status of an error")
                    .with_help("give a status from 400 to 599, for example 403".to_owned());
                Err(document.invalid(problem.at(row.status.span())))
            }
        };
        file.throttle.into_iter().map(rule).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<ThrottleRule>, FileError> {
        ThrottleRule::parse(&Document::new("hearback.toml", text, Excerpt::Full))
    }

    #[test]
    fn rules_have_a_status_and_may_have_a_text() {
        let text = "[[throttle]]\nstatus = 403\nbody = \"slow down\"\n[[throttle]]\nstatus = 420\n";
        let expected = [
            ThrottleRule { status: 403, body: Some("slow down".to_owned()) },
            ThrottleRule { status: 420, body: None },
        ];
        assert_eq!(parsed(text).unwrap(), expected);
        assert_eq!(parsed("").unwrap(), []);
    }

    #[test]
    fn success_is_not_a_throttle() {
        let error = parsed("[[throttle]]\nstatus = 200\n").unwrap_err();
        assert_eq!(error.to_string(), "`status` is not the status of an error");
        assert!(parsed("[[throttle]]\nbody = \"x\"\n").is_err());
    }
}
