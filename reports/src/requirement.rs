//! A broken requirement for people: what is asked, where it is said, and what was seen instead.

use hearback_checker::Finding;
use hearback_results::{Basis, RequirementResult};

use crate::escape::{LONGEST_COMMAND, LONGEST_TEXT, shown};
use crate::page::{BAD, BOLD, FAINT, PLAIN, Page};
use crate::words;

/// Where the document says it, or why it is asked all the same; one sentence.
pub(crate) fn grounds(requirement: &RequirementResult) -> String {
    let section = &requirement.section;
    match &requirement.basis {
        Basis::Quote(quote) => {
            let quote = quote.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("Section \"{section}\" says: {quote}")
        }
        Basis::Reason(reason) => {
            format!("Section \"{section}\" does not say it; asked because: {reason}")
        }
    }
}

/// How often and where a variant was seen.
pub(crate) fn seen(finding: &Finding) -> String {
    let times = words::times(finding.count);
    match finding.scenario.as_str() {
        "" => times,
        scenario if finding.count == 1 => format!("{times}, in scenario {scenario}"),
        scenario => format!("{times}, first in scenario {scenario}"),
    }
}

/// The block of a broken requirement with its first `most` findings.
pub(crate) fn write(page: &mut Page, requirement: &RequirementResult, most: usize) {
    page.line(&[
        (BAD, "BROKEN"),
        (PLAIN, " "),
        (BOLD, requirement.level.as_str()),
        (PLAIN, " "),
        (BOLD, &requirement.id),
    ]);
    page.paragraph((PLAIN, "  "), (PLAIN, &requirement.statement));
    page.paragraph((PLAIN, "  "), (FAINT, &shown(&grounds(requirement), LONGEST_TEXT)));
    for (number, finding) in (1..).zip(requirement.findings.iter().take(most)) {
        let variant = shown(&finding.variant, LONGEST_TEXT);
        page.paragraph((PLAIN, &format!("  {number}. ")), (BOLD, &variant));
        for (label, text) in [
            ("     expected  ", &finding.expected),
            ("     actual    ", &finding.actual),
            ("     seen      ", &seen(finding)),
        ] {
            page.paragraph((FAINT, label), (PLAIN, &shown(text, LONGEST_TEXT)));
        }
        if !finding.reproduce.is_empty() {
            page.line(&[(FAINT, "     reproduce")]);
        }
        for line in &finding.reproduce {
            page.line(&[(PLAIN, "       "), (PLAIN, &shown(line, LONGEST_COMMAND))]);
        }
    }
    let rest = requirement.findings.len().saturating_sub(most);
    if rest > 0 {
        let rest = words::counted(rest as u64, "more variant");
        page.line(&[(FAINT, "  … and "), (FAINT, &rest), (FAINT, "; the JSON report has all")]);
    }
}
