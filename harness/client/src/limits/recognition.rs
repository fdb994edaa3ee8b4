//! Recognition of throttled responses: by status, header, common texts, and configuration.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Number of bytes of a body that are searched for phrases and delays.
const SEARCHED: usize = 2048;

/// Phrases in the bodies of throttled responses, in lower case.
const PHRASES: [&str; 14] = [
    // Django REST framework.
    "request was throttled",
    "throttl",
    // nginx, Laravel, rack-attack, Express.
    "too many requests",
    "too many attempts",
    "retry later",
    // Cloudflare.
    "error 1015",
    "you are being rate limited",
    "rate limit",
    "rate-limit",
    "ratelimit",
    // django-axes, Laravel.
    "account locked",
    "too many login attempts",
    "too many failed login attempts",
    "quota exceeded",
];

/// Words before the number of a delay in a body, in lower case.
const DELAY_WORDS: [&str; 6] =
    ["available in ", "try again in ", "wait ", "retry in ", "retry after ", "cooloff time: "];

/// Longest delay that is kept; longer demands are cut.
pub(super) const LONGEST_DEMAND: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A response that the user declared to be a throttle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThrottleRule {
    /// HTTP status.
    pub status: u16,
    /// Text that the body contains; any body if it is missing.
    pub body: Option<String>,
}

impl ThrottleRule {
    fn matches(&self, status: u16, body: &[u8]) -> bool {
        let is_contained = |text: &String| String::from_utf8_lossy(body).contains(text.as_str());
        self.status == status && self.body.as_ref().is_none_or(is_contained)
    }
}

/// A throttled response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// The delay that the target demands, if it names one.
    pub(crate) demanded: Option<Duration>,
}

/// Returns how long a response demands to wait, if it is throttled.
pub(crate) fn throttled(
    rules: &[ThrottleRule],
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Option<Throttled> {
    let head = || String::from_utf8_lossy(&body[..body.len().min(SEARCHED)]).to_lowercase();
    let is_throttled = match status {
        429 => true,
        403 | 503 => retry_after.is_some() || mentions_a_limit(&head()),
        _ => false,
    };
    if !is_throttled && !rules.iter().any(|rule| rule.matches(status, body)) {
        return None;
    }
    let demanded = retry_after.and_then(|text| demanded_delay(text, now));
    Some(Throttled { demanded: demanded.or_else(|| named_delay(&head())) })
}

/// Returns whether a text in lower case contains one of [`PHRASES`].
fn mentions_a_limit(text: &str) -> bool {
    PHRASES.iter().any(|phrase| text.contains(phrase))
}

/// The delay that a `Retry-After` header demands, in seconds or until an HTTP date.
///
/// Fractions and exponents are not HTTP, but are understood; a negative number is over, like a date in the past.
fn demanded_delay(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_DEMAND));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        let longest = LONGEST_DEMAND.as_secs_f64();
        return (!seconds.is_nan()).then(|| Duration::from_secs_f64(seconds.clamp(0.0, longest)));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let delay = Duration::try_from(date.duration_since(now)).unwrap_or_default();
    Some(delay.min(LONGEST_DEMAND))
}

/// The delay that a body in lower case names: `expected available in 1782 seconds`, `wait 56 min`.
fn named_delay(text: &str) -> Option<Duration> {
    DELAY_WORDS.iter().find_map(|words| {
        let rest = &text[text.find(words)? + words.len()..];
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let seconds = match unit.as_bytes().first() {
            Some(b'h') => number.saturating_mul(3600),
            Some(b'm') if !unit.starts_with("ms") => number.saturating_mul(60),
            Some(b's') => number,
            _ => return None,
        };
        Some(Duration::from_secs(seconds).min(LONGEST_DEMAND))
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "1994-11-06T08:49:30Z".parse().unwrap()
    }

    fn demanded(status: u16, header: Option<&str>, body: &str) -> Option<Option<u64>> {
        let throttled = throttled(&[], status, header, body.as_bytes(), now())?;
        Some(throttled.demanded.map(|delay| delay.as_secs()))
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let delay = |text: &str| demanded_delay(text, now()).map(|delay| delay.as_secs_f64());
        assert_eq!(delay(" 7 "), Some(7.0));
        assert_eq!(delay("0.5"), Some(0.5));
        assert_eq!(delay("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7.0));
        assert_eq!(delay("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0.0));
        assert_eq!(delay("1e308"), Some(LONGEST_DEMAND.as_secs_f64()));
        assert_eq!(delay("18446744073709551615"), Some(LONGEST_DEMAND.as_secs_f64()));
        assert_eq!(delay("Fri, 06 Nov 2099 08:49:37 GMT"), Some(LONGEST_DEMAND.as_secs_f64()));
        assert_eq!((delay("-1"), delay("-1e9")), (Some(0.0), Some(0.0)));
        for text in ["soon", "NaN", ""] {
            assert_eq!(delay(text), None, "{text}");
        }
    }

    #[test]
    fn throttled_responses_differ_from_refusals() {
        assert_eq!(demanded(429, None, ""), Some(None));
        assert_eq!(demanded(503, Some("1"), ""), Some(Some(1)));
        assert_eq!(demanded(403, None, r#"{"error": "no permission"}"#), None);
        assert_eq!(demanded(503, None, "maintenance"), None);
        assert_eq!(demanded(400, Some("1"), "too many requests"), None);
        assert_eq!(demanded(403, None, &format!("{}rate limit", " ".repeat(SEARCHED))), None);
    }

    #[test]
    fn common_servers_are_recognized_by_their_texts() {
        let seconds = [
            (
                403,
                r#"{"detail": "Request was throttled. Expected available in 1782 seconds."}"#,
                Some(1782),
            ),
            (503, "<html><head><title>429 Too Many Requests</title></head></html>", None),
            (403, "<title>Access denied | Error 1015</title> You are being rate limited", None),
            (403, "Account locked: too many login attempts. Please try again later.", None),
            (403, r#"{"message": "Too Many Attempts."}"#, None),
            (503, "Retry later\n", None),
            (403, r#"{"error": "rate limit: wait 56 min"}"#, Some(56 * 60)),
            (403, "Too many requests, try again in 2 hours", Some(7200)),
        ];
        for (status, body, expected) in seconds {
            assert_eq!(demanded(status, None, body), Some(expected), "{body}");
        }
    }

    #[test]
    fn configured_throttles_are_recognized() {
        let rule = ThrottleRule { status: 403, body: Some("do not have permission".to_owned()) };
        let body = br#"{"detail": "You do not have permission."}"#;
        let is_throttled = |status, body: &[u8]| {
            throttled(std::slice::from_ref(&rule), status, None, body, now()).is_some()
        };
        assert!(is_throttled(403, body));
        assert!(!is_throttled(400, body));
        assert!(!is_throttled(403, b"no"));
    }

    proptest! {
        #[test]
        fn any_retry_after_is_parsed_without_panic(text in "\\PC{0,40}", seconds in 0_u64.., offset in -400_000_i64..400_000) {
            demanded_delay(&text, now());
            let expected = Duration::from_secs(seconds).min(LONGEST_DEMAND);
            prop_assert_eq!(demanded_delay(&seconds.to_string(), now()), Some(expected));
            let date = (now() + SignedDuration::from_secs(offset)).strftime("%a, %d %b %Y %T GMT").to_string();
            let expected = Duration::from_secs(u64::try_from(offset).unwrap_or_default());
            prop_assert_eq!(demanded_delay(&date, now()), Some(expected));
        }

        #[test]
        fn any_response_is_recognized_within_bounds(
            status in prop_oneof![0_u16..1000, prop::sample::select(vec![403, 429, 503])],
            header in proptest::option::of("[0-9]{0,25}|\\PC{0,20}"),
            body in prop::collection::vec(any::<u8>(), 0..3000),
        ) {
            let throttled = throttled(&[], status, header.as_deref(), &body, now());
            let demanded = throttled.and_then(|throttled| throttled.demanded).unwrap_or_default();
            prop_assert!(demanded <= LONGEST_DEMAND);
            prop_assert!(!matches!(status, 0..=402 | 404..=428 | 430..=502 | 504..) || throttled.is_none());
            prop_assert!(status != 429 || throttled.is_some());
        }

        #[test]
        fn phrases_are_found_in_any_surroundings(
            before in prop::collection::vec(any::<u8>(), 0..900),
            after in prop::collection::vec(any::<u8>(), 0..900),
            phrase in prop::sample::select(PHRASES.to_vec()),
            is_upper in any::<bool>(),
        ) {
            let phrase = if is_upper { phrase.to_uppercase() } else { phrase.to_owned() };
            let body = [&before[..], phrase.as_bytes(), &after[..]].concat();
            prop_assert!(throttled(&[], 403, None, &body, now()).is_some());
        }
    }
}
