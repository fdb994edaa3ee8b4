//! The reason why a broken requirement does not fail its run.

use hearback_results::{FlakyFindings, RequirementResult, Results, WaiverState};

use crate::words;

/// The reason why a broken requirement does not fail its run; `None` if it does. `quoted` renders the text of authors of
/// waivers.
pub(crate) fn excuse(
    results: &Results,
    requirement: &RequirementResult,
    quoted: impl Fn(&str) -> String,
) -> Option<String> {
    if results.is_failure(requirement) {
        return None;
    }
    Some(if requirement.waived {
        format!("waived: {}", waivers(results, &requirement.id, quoted))
    } else if requirement.known {
        "known from the baseline".to_owned()
    } else if results.flaky == FlakyFindings::Warn && requirement.is_flaky() {
        "flaky, which does not fail the run".to_owned()
    } else {
        format!("below {}, which does not fail the run", results.fail_on)
    })
}

/// The grounds of the waivers that cover findings of a requirement.
pub(crate) fn waivers(
    results: &Results,
    requirement: &str,
    quoted: impl Fn(&str) -> String,
) -> String {
    let applied = results
        .waivers
        .iter()
        .filter(|waiver| waiver.requirement == requirement && waiver.state == WaiverState::Applied);
    let mut grounds: Vec<_> = applied.map(|waiver| words::grounds(waiver, &quoted)).collect();
    grounds.dedup();
    grounds.join("; ")
}
