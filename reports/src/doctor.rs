//! The result of `hearback doctor` as text and as JSON.

use hearback_results::{DiagnosedState, Diagnosis};

use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::style::Style;

/// Renders one line per check, each followed by advice if there is any, and the conclusion last.
pub fn text(diagnosis: &Diagnosis, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph((PLAIN, ""), (BOLD, &format!("Checked {}", diagnosis.target)));
    page.blank();
    let titles = diagnosis.checks.iter().map(|check| check.title.len());
    let width = titles.max().unwrap_or_default();
    for check in &diagnosis.checks {
        let (word, ink) = match check.state {
            DiagnosedState::Passed => ("ok", GOOD),
            DiagnosedState::Warning => ("warning", UNSURE),
            DiagnosedState::Failed | DiagnosedState::Usage => ("failed", BAD),
            DiagnosedState::Skipped => ("skipped", FAINT),
        };
        let label = format!("  {word:<9}{:<width$}  ", check.title);
        page.paragraph((ink, &label), (PLAIN, &check.found));
        if let Some(advice) = &check.advice {
            let label = format!("{:>indent$}", "fix: ", indent = label.len() + 5);
            page.paragraph((FAINT, &label), (PLAIN, advice));
        }
    }
    page.blank();
    let failed = diagnosis.count(DiagnosedState::is_failure);
    let warnings = diagnosis.count(|state| state == DiagnosedState::Warning);
    let (ink, conclusion) = match (failed, warnings) {
        (0, 0) => (GOOD.bold(), "The target can be tested.".to_owned()),
        (0, 1) => (GOOD.bold(), "The target can be tested; there is 1 warning.".to_owned()),
        (0, _) => {
            (GOOD.bold(), format!("The target can be tested; there are {warnings} warnings."))
        }
        (1, _) => (BAD, "The target cannot be tested: 1 check failed.".to_owned()),
        _ => (BAD, format!("The target cannot be tested: {failed} checks failed.")),
    };
    page.paragraph((PLAIN, ""), (ink, &conclusion));
    page.into_text()
}

/// Renders a JSON document.
pub fn json(diagnosis: &Diagnosis) -> String {
    serde_json::to_string_pretty(diagnosis).expect("a diagnosis consists of texts")
}

#[cfg(test)]
mod tests {
    use hearback_results::Diagnosed;

    use super::*;

    fn diagnosis(states: &[DiagnosedState]) -> Diagnosis {
        let check = |state: &DiagnosedState| Diagnosed {
            id: "handshake",
            title: "Handshake",
            state: *state,
            found: "answered 403\u{1b}".to_owned(),
            advice: (*state != DiagnosedState::Passed).then(|| "set --origin URL".to_owned()),
        };
        Diagnosis { target: "http://h/api".to_owned(), checks: states.iter().map(check).collect() }
    }

    #[test]
    fn advice_follows_its_check() {
        let text =
            text(&diagnosis(&[DiagnosedState::Passed, DiagnosedState::Failed]), Style::default());
        let expected = "\
Checked http://h/api

  ok       Handshake  answered 403\\u{1b}
  failed   Handshake  answered 403\\u{1b}
                      fix: set --origin URL

The target cannot be tested: 1 check failed.
";
        assert_eq!(text, expected);
    }

    #[test]
    fn json_has_states_and_advice() {
        let json: serde_json::Value =
            serde_json::from_str(&json(&diagnosis(&[DiagnosedState::Warning]))).unwrap();
        assert_eq!(json["checks"][0]["state"], "warning");
        assert_eq!(json["checks"][0]["advice"], "set --origin URL");
    }
}
