//! Generated texts of an exact length: `{characters.KIND.COUNT}`.

use serde_json::Value;

/// The name of the placeholder.
pub(crate) const NAME: &str = "characters";

/// The kinds of texts.
pub(crate) const KINDS: &[&str] = &["ascii", "cjk", "emoji", "combining", "family", "hebrew"];

/// The longest text, in characters.
const MAX_LENGTH: usize = 2_000_000;

/// The text of a path below `characters`, `KIND.COUNT`; `None` if the kind is unknown or the count is not a number up
/// to 2,000,000.
///
/// A character is a code point. Clusters of several characters are never cut: letters fill the rest.
pub(crate) fn text(path: &str) -> Option<Value> {
    let (kind, count) = path.split_once('.')?;
    let count: usize = count.parse().ok().filter(|count| *count <= MAX_LENGTH)?;
    let clusters = clusters(kind)?;
    let mut text = String::new();
    let mut length = 0;
    for cluster in clusters.iter().cycle() {
        let next = length + cluster.chars().count();
        if next > count {
            break;
        }
        text.push_str(cluster);
        length = next;
    }
    text.extend(std::iter::repeat_n('x', count - length));
    Some(Value::String(text))
}

/// The repeated clusters of a kind.
fn clusters(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "ascii" => &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "cjk" => &["漢", "字", "交", "文"],
        "emoji" => &["🦓", "🍁", "🚲", "🎈"],
        // Decomposed: two characters that most fonts show as one letter.
        "combining" => &["e\u{301}", "o\u{308}"],
        // One picture of seven characters.
        "family" => &["👩\u{200d}👩\u{200d}👧\u{200d}👦"],
        "hebrew" => &["ש", "ל", "ו", "ם"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_exact_length() {
        for kind in KINDS {
            for count in [0, 1, 2, 100, 2_000] {
                let text = text(&format!("{kind}.{count}")).unwrap();
                assert_eq!(text.as_str().unwrap().chars().count(), count, "{kind}");
            }
        }
        assert_eq!(text("family.8").unwrap(), "👩\u{200d}👩\u{200d}👧\u{200d}👦x");
    }

    #[test]
    fn other_paths_have_no_text() {
        for path in ["ascii", "ascii.", "ascii.-1", "ascii.2000001", "klingon.3", ""] {
            assert_eq!(text(path), None, "{path}");
        }
    }
}
