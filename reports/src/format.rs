//! The formats that a record can be told in.

use hearback_contract::UnknownId;
use hearback_results::Results;

use crate::{html, json, junit, markdown, text};

/// A record that has formats.
pub trait Reported: Sized + 'static {
    /// What the files of its samples are called, without extension.
    const NAME: &'static str;
    /// Its formats, the default one first.
    const FORMATS: &'static [Format<Self>];
}

impl Reported for Results {
    const NAME: &'static str = "report";
    const FORMATS: &'static [Format] = FORMATS;
}

/// A format of a record: how it is asked for, and how it is made.
///
/// A new format is a row of the record's `FORMATS` and a file; its sample follows with the test below.
#[derive(Debug)]
pub struct Format<R: 'static = Results> {
    /// What it is asked for by.
    pub id: &'static str,
    /// The usual extension of its files, without the dot.
    pub extension: &'static str,
    /// What it is for, one line.
    pub description: &'static str,
    /// Makes it; the style is taken into account where the format has any.
    pub render: fn(&R, Style) -> String,
}

/// Every format of a run of `check`, the default one first.
pub const FORMATS: &[Format] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "for people at a terminal: every finding, the verdict last",
        render: text::render,
    },
    Format {
        id: "json",
        extension: "json",
        description: "the whole record, for other programs; has a JSON Schema",
        render: json::render,
    },
    Format {
        id: "junit",
        extension: "xml",
        description: "JUnit XML, for the test pages of CI systems",
        render: junit::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "a short summary, for comments on pull requests",
        render: markdown::render,
    },
    Format {
        id: "html",
        extension: "html",
        description: "one page for browsers, without scripts: every finding, the authorization grid",
        render: html::render,
    },
];

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub color: bool,
    /// Columns of the terminal or page; less than 40 is taken for 40.
    pub width: usize,
    /// Whether requirements that held and the authorization grid are shown, and findings without
    /// bound in number.
    pub verbose: bool,
}

impl Default for Style {
    /// For files: 100 columns without colour, not verbose.
    fn default() -> Self {
        Self { color: false, width: 100, verbose: false }
    }
}

impl<R: Reported> Format<R> {
    /// The format of this name.
    ///
    /// # Errors
    /// If there is none; with the names that are like it, or else all of them.
    pub fn by_id(id: &str) -> Result<&'static Self, UnknownId> {
        R::FORMATS.iter().find(|format| format.id == id).ok_or_else(|| {
            UnknownId::new("report format", id, R::FORMATS.iter().map(|format| format.id))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hearback_stats::{LoadRecord, made_up};

    use super::*;
    use crate::fixtures;

    #[test]
    fn a_format_is_found_by_its_id() {
        for format in FORMATS {
            assert_eq!(Format::<Results>::by_id(format.id).unwrap().extension, format.extension);
        }
        for format in LoadRecord::FORMATS {
            let found = Format::<LoadRecord>::by_id(format.id).unwrap();
            assert_eq!(found.extension, format.extension);
        }
    }

    #[test]
    fn unknown_formats_suggest_existing_ones() {
        let error = |id| Format::<Results>::by_id(id).unwrap_err().to_string();
        assert_eq!(error("jnuit"), "unknown report format `jnuit`; did you mean `junit`?");
        let all = "unknown report format `xlsx`; \
                   expected `text`, `json`, `junit`, `markdown` or `html`";
        assert_eq!(error("xlsx"), all);
    }

    /// Compares every sample of a record with what is made now, or writes them anew; how many there are.
    fn compare_samples<R: Reported>(record: &R, folder: &Path) -> usize {
        for format in R::FORMATS {
            let path = folder.join(format!("{}.{}", R::NAME, format.extension));
            let fresh = (format.render)(record, Style::default());
            if std::env::var_os("UPDATE_SAMPLES").is_some() {
                std::fs::write(&path, &fresh).unwrap();
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == fresh, "{} is stale: set UPDATE_SAMPLES=1", path.display());
        }
        R::FORMATS.len()
    }

    /// `UPDATE_SAMPLES=1 cargo test -p hearback-reports samples` writes them anew.
    #[test]
    fn samples_are_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let samples = compare_samples(&fixtures::broken(), &folder)
            + compare_samples(&made_up::record(), &folder)
            + compare_samples(&crate::load::comparison::fixtures::worse(), &folder)
            + compare_samples(&crate::load::calibration::fixtures::noisy(), &folder);
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, samples, "a sample without a format");
    }
}
