//! The formats of reports.

use hearback_contract::UnknownId;
use hearback_results::Results;

use crate::style::Style;
use crate::{code_quality, github, html, json, junit, markdown, sarif, text};

/// A result that can be rendered.
pub trait Reported: Sized + 'static {
    /// The name of its sample files, without extension.
    const NAME: &'static str;
    /// Its formats, the default first.
    const FORMATS: &'static [Format<Self>];

    /// Workflow commands of GitHub Actions that annotate the problems, one per line; none by default.
    fn annotations(&self) -> String {
        String::new()
    }
}

impl Reported for Results {
    const NAME: &'static str = "report";
    const FORMATS: &'static [Format] = FORMATS;

    fn annotations(&self) -> String {
        github::annotations(self)
    }
}

/// A report format.
///
/// A new format needs a row in `FORMATS` and a file; the test below writes its sample.
#[derive(Debug)]
pub struct Format<R: 'static = Results> {
    /// The id, as in `--report ID=PATH`.
    pub id: &'static str,
    /// The usual file extension, without the dot.
    pub extension: &'static str,
    /// The purpose, one line.
    pub description: &'static str,
    /// Renders the result; formats that are not text ignore the style.
    pub render: fn(&R, Style) -> String,
}

/// The formats of [`Results`], the default first.
pub const FORMATS: &[Format] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "text for terminals: every finding, then the verdict",
        render: text::render,
    },
    Format {
        id: "json",
        extension: "json",
        description: "the complete results, with a JSON Schema",
        render: json::render,
    },
    Format {
        id: "junit",
        extension: "xml",
        description: "JUnit XML for CI systems",
        render: junit::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "a short summary for pull requests",
        render: markdown::render,
    },
    Format {
        id: "html",
        extension: "html",
        description: "one page for browsers: causes, requirements, the authorization grid, the specification",
        render: html::render,
    },
    Format {
        id: "sarif",
        extension: "sarif",
        description: "SARIF 2.1.0 for code scanning: requirements as rules, findings as results",
        render: sarif::render,
    },
    Format {
        id: "codequality",
        extension: "codequality.json",
        description: "code quality report for merge requests of GitLab",
        render: code_quality::render,
    },
];

impl<R: Reported> Format<R> {
    /// The format with the given id.
    ///
    /// # Errors
    /// If the id is unknown.
    pub fn by_id(id: &str) -> Result<&'static Self, UnknownId> {
        R::FORMATS.iter().find(|format| format.id == id).ok_or_else(|| {
            UnknownId::new("report format", id, R::FORMATS.iter().map(|format| format.id))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hearback_stats::LoadRecord;
    use hearback_testkit::load::example_record;

    use super::*;
    use crate::fixtures;

    #[test]
    fn formats_are_found_by_id() {
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
                   expected `text`, `json`, `junit`, `markdown`, `html`, `sarif` or `codequality`";
        assert_eq!(error("xlsx"), all);
    }

    /// Compares the samples of a result with fresh ones, or overwrites them; returns their number.
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

    /// `reports/verify-formats.sh` checks them with the schemas of the tools that read them.
    #[test]
    fn reports_of_every_kind_are_written() {
        let kinds = fixtures::all().into_iter().chain([fixtures::hostile()]);
        for (number, results) in kinds.enumerate() {
            for format in FORMATS {
                let report = (format.render)(&results, Style::default());
                assert!(report.ends_with('\n'), "{} {number}", format.id);
                fixtures::save(&format!("{number}.{}", format.extension), &report);
            }
        }
    }

    /// `UPDATE_SAMPLES=1 cargo test -p hearback-reports samples` overwrites the samples.
    #[test]
    fn samples_are_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let samples = compare_samples(&fixtures::broken(), &folder)
            + compare_samples(&example_record(), &folder)
            + compare_samples(&crate::load::comparison::fixtures::worse(), &folder)
            + compare_samples(&crate::load::calibration::fixtures::noisy(), &folder);
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, samples, "a sample without a format");
    }
}
