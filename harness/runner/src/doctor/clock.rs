//! The clock of the target, from the `Date` header.

use std::time::SystemTime;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use super::examination::Examination;
use super::finding::Finding;

/// Difference that is a warning.
const FAR: SignedDuration = SignedDuration::from_secs(5);

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let Some((response, halfway)) = &examination.first else {
        return Finding::skipped("no response");
    };
    match response.date.as_deref().and_then(|date| difference(date, *halfway)) {
        Some(difference) => of_difference(difference),
        None => Finding::passed("unknown: responses have no valid `Date` header"),
    }
}

/// The time by which the target is ahead; zero if its date is that of the same second.
fn difference(date: &str, local: SystemTime) -> Option<SignedDuration> {
    let date = rfc2822::DateTimeParser::new().parse_timestamp(date.trim()).ok()?;
    let local = Timestamp::try_from(local).ok()?;
    // The header has whole seconds.
    let least = date.duration_since(local);
    let most = least.checked_add(SignedDuration::from_secs(1))?;
    Some(if least.is_positive() {
        least
    } else if most.is_negative() {
        most
    } else {
        SignedDuration::ZERO
    })
}

fn of_difference(difference: SignedDuration) -> Finding {
    let seconds = difference.abs().as_secs_f64();
    let found = match difference {
        _ if seconds < 1.0 => "less than 1 s apart".to_owned(),
        ahead if ahead.is_positive() => format!("the target is {seconds:.0} s ahead"),
        _ => format!("the target is {seconds:.0} s behind"),
    };
    match difference.abs() > FAR {
        true => {
            Finding::warning(found, "synchronize both clocks (NTP); mutes that end depend on them")
        }
        false => Finding::passed(found),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearback_results::DiagnosedState;

    use super::*;

    #[test]
    fn the_difference_allows_for_whole_seconds() {
        let at = |milliseconds: u64| {
            let local =
                SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_000 + milliseconds);
            difference("Sun, 06 Nov 1994 08:49:37 GMT", local).unwrap().as_millis()
        };
        assert_eq!((at(0), at(999), at(1000)), (0, 0, 0));
        assert_eq!(at(3000), -2000);
        let earlier = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(difference("Sun, 06 Nov 1994 08:49:37 GMT", earlier).unwrap().as_secs(), 7);
        assert_eq!(difference("soon", earlier), None);
    }

    #[test]
    fn clocks_that_differ_are_a_warning() {
        let finding = of_difference(SignedDuration::from_secs(-90));
        assert_eq!(finding.state, DiagnosedState::Warning);
        assert_eq!(finding.found, "the target is 90 s behind");
        assert_eq!(of_difference(SignedDuration::from_secs(3)).state, DiagnosedState::Passed);
    }
}
