//! A broken requirement as text: the statement, its basis, and the findings.

use hearback_checker::{Finding, State};
use hearback_results::{Basis, RequirementResult};

use crate::page::{BAD, BOLD, FAINT, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::words;

/// The section of the specification, and the sentence or the inference that the requirement is based on.
pub(crate) fn basis(requirement: &RequirementResult) -> String {
    let text = match &requirement.basis {
        Basis::Quote(text) | Basis::Reason(text) | Basis::Contract(text) => text,
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}: {text}", source(requirement))
}

/// The section of the specification that a requirement is from, or the contract that adds it.
pub(crate) fn source(requirement: &RequirementResult) -> String {
    format!("{} \"{}\"", kind_of_source(requirement), shown(&requirement.section))
}

/// The kind of text that a requirement is from.
pub(crate) fn kind_of_source(requirement: &RequirementResult) -> &'static str {
    match requirement.basis {
        Basis::Contract(_) => "Contract",
        Basis::Quote(_) | Basis::Reason(_) => "Section",
    }
}

/// The number of occurrences of a variant, and the scenario of the first.
pub(crate) fn seen(finding: &Finding) -> String {
    let times = words::times(finding.count);
    match finding.scenario.as_str() {
        "" => times,
        scenario if finding.count == 1 => format!("{times}, in scenario {scenario}"),
        scenario => format!("{times}, first in scenario {scenario}"),
    }
}

/// Adds a requirement that is broken, or whose violations were not reproduced, with its findings.
pub(crate) fn write(page: &mut Page, requirement: &RequirementResult) {
    let ink = if requirement.state == State::Broken { BAD } else { UNSURE };
    page.line(&[
        (ink, &requirement.state.as_str().to_uppercase()),
        (PLAIN, " "),
        (BOLD, requirement.level.as_str()),
        (PLAIN, " "),
        (BOLD, &requirement.id),
    ]);
    page.paragraph((PLAIN, "  "), (PLAIN, &requirement.statement));
    page.paragraph((PLAIN, "  "), (FAINT, &shown(&basis(requirement))));
    if let Some(protects) = &requirement.protects {
        page.paragraph((PLAIN, "  "), (FAINT, &format!("Protects: {}", shown(protects))));
    }
    for (number, finding) in (1..).zip(&requirement.findings) {
        let variant = shown(&finding.variant);
        page.paragraph((PLAIN, &format!("  {number}. ")), (BOLD, &variant));
        for (label, text) in [
            ("     expected  ", &finding.expected),
            ("     actual    ", &finding.actual),
            ("     seen      ", &seen(finding)),
            ("     repeated  ", &finding.confirmation.to_string()),
        ] {
            page.paragraph((FAINT, label), (PLAIN, &shown(text)));
        }
    }
}
