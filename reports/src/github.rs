//! Annotations for GitHub Actions: workflow commands in the output of a step.

use hearback_history::escape::escape;
use hearback_results::Results;

use crate::issue::{Issue, Severity, issues};
use crate::words;

/// Maximum number of annotations of one level that GitHub shows per step.
const MOST_ANNOTATIONS: usize = 10;

/// Maximum length of a message, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// The workflow commands that annotate a run, one per line: for each level its first issues that are not waived, and the
/// number of others.
pub(crate) fn annotations(results: &Results) -> String {
    let issues = issues(results);
    let levels =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")];
    levels
        .iter()
        .map(|(severity, command)| {
            let of_level =
                issues.iter().filter(|it| it.severity == *severity && it.waived.is_none());
            level(command, &of_level.collect::<Vec<_>>())
        })
        .collect()
}

/// The workflow command that annotates a step with an error.
pub(crate) fn error(title: &str, text: &str) -> String {
    format!("::error title={}::{}\n", property(title), data(&escape(text, LONGEST_MESSAGE)))
}

fn level(command: &str, issues: &[&Issue]) -> String {
    let shown = match issues.len() > MOST_ANNOTATIONS {
        true => &issues[..MOST_ANNOTATIONS - 1],
        false => issues,
    };
    let mut lines: String = shown.iter().map(|issue| annotation(command, issue)).collect();
    let rest = issues.len() - shown.len();
    if rest > 0 {
        let rest = words::counted(rest as u64, "more issue");
        lines.push_str(&format!(
            "::{command} title=hearback::{rest}: see the summary of the step\n"
        ));
    }
    lines
}

fn annotation(command: &str, issue: &Issue) -> String {
    format!(
        "::{command} title={},file={},line={}::{}\n",
        property(&issue.title),
        property(&issue.place.file),
        issue.place.line,
        data(&escape(&issue.text, LONGEST_MESSAGE))
    )
}

/// The message of a command, in the escapes that the toolkit of GitHub uses.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn text_of_targets_is_no_command() {
        let commands = annotations(&fixtures::hostile());
        for line in commands.lines() {
            let (head, message) = line[2..].split_once("::").unwrap();
            assert!(
                ["error ", "warning ", "notice "].iter().any(|it| head.starts_with(it)),
                "{line}"
            );
            assert!(!message.contains('\r') && !message.contains('\n'), "{line}");
        }
        assert_eq!(property("50%, a:b\n"), "50%25%2C a%3Ab%0A");
    }

    #[test]
    fn at_most_ten_annotations_per_level() {
        let mut results = fixtures::broken();
        let waiver = results.waivers[0].clone();
        results.waivers = vec![waiver; 30];
        let commands = annotations(&results);
        assert_eq!(commands.lines().filter(|line| line.starts_with("::error ")).count(), 10);
        assert!(commands.contains("::error title=hearback::"), "{commands}");
    }

    #[test]
    fn a_red_run_has_an_error() {
        for results in fixtures::all() {
            let is_red = annotations(&results).contains("::error ");
            assert_eq!(!is_red, results.exit_status().is_success(), "{:?}", results.outcome);
        }
    }
}
