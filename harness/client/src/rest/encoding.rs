//! Encodings of bodies. Requests accept none, so that what is recorded is what was sent, and a small response cannot
//! become a large one.

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};

/// Encodings in which a body cannot be read. Other values are mistakes, such as `utf-8`, and clients ignore them.
const ENCODINGS: [&str; 9] =
    ["gzip", "x-gzip", "compress", "x-compress", "deflate", "br", "zstd", "dcb", "dcz"];

/// Declares that no encoding is accepted.
pub(super) fn accept_none(headers: &mut HeaderMap) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// The encoding in which a body is unreadable, if it has one.
pub(super) fn unreadable(headers: &HeaderMap) -> Option<&'static str> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|name| ENCODINGS.into_iter().find(|it| name.trim().eq_ignore_ascii_case(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_encodings_are_unreadable() {
        let of = |value| {
            unreadable(&HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert_eq!(of("x, BR"), Some("br"));
        assert_eq!(of("gzip"), Some("gzip"));
        for readable in ["identity", "", "utf-8", "gzipped"] {
            assert_eq!(of(readable), None, "{readable}");
        }
        assert_eq!(unreadable(&HeaderMap::new()), None);
    }
}
