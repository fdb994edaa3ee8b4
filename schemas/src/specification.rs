//! The text of the specification, embedded so that tests can compare every quotation with it.

use std::ops::Range;

/// The AriStay Chat API documentation as published.
pub const SPECIFICATION: &str = include_str!("../aristay-chat-api.md");

/// The version of the specification that this build tests against.
pub const SPECIFICATION_VERSION: &str = "1.0.0";

/// The text of the section with this heading, up to the next heading of the same or a higher rank.
///
/// The name of a heading excludes emoji and leading numbers.
pub fn section(heading: &str) -> Option<&'static str> {
    Some(&SPECIFICATION[section_range(heading)?])
}

/// The bytes of the section with this heading, as [`section`] gives it.
fn section_range(heading: &str) -> Option<Range<usize>> {
    let headings = headings();
    let (index, found) = headings.iter().enumerate().find(|(_, it)| it.name == heading)?;
    let next = headings[index + 1..].iter().find(|other| other.rank <= found.rank);
    Some(found.start..next.map_or(SPECIFICATION.len(), |next| next.start))
}

/// The bytes of [`SPECIFICATION`] that a quotation from the section with this heading has; white space may differ.
pub fn quotation(heading: &str, quote: &str) -> Option<Range<usize>> {
    let section = section_range(heading)?;
    let mut words = Vec::new();
    let mut rest = section.start;
    for word in SPECIFICATION[section.clone()].split_whitespace() {
        let start = rest + SPECIFICATION[rest..section.end].find(word)?;
        rest = start + word.len();
        words.push(start..rest);
    }
    // A quotation may begin or end within a word.
    let quoted: Vec<_> = quote.split_whitespace().collect();
    let text = |word: &Range<usize>| &SPECIFICATION[word.clone()];
    let (first, last) = (*quoted.first()?, *quoted.last()?);
    if quoted.len() == 1 {
        let word = words.iter().find(|word| text(word).contains(first))?;
        let start = word.start + text(word).find(first)?;
        return Some(start..start + first.len());
    }
    let middle = &quoted[1..quoted.len() - 1];
    let found = words.windows(quoted.len()).find(|window| {
        let inner = window[1..window.len() - 1].iter().map(text);
        text(&window[0]).ends_with(first)
            && text(&window[window.len() - 1]).starts_with(last)
            && inner.eq(middle.iter().copied())
    })?;
    Some(found[0].end - first.len()..found[found.len() - 1].start + last.len())
}

/// The anchor of a heading in a rendered page: lower case, without punctuation, and with hyphens for spaces.
pub fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>().to_lowercase()
}

/// A heading of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Offset of its line, in bytes.
    pub start: usize,
    /// Number of its `#`.
    pub rank: usize,
    /// Its name, without emoji and leading numbers.
    pub name: &'static str,
}

/// Every heading outside of code fences.
pub fn headings() -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut offset = 0;
    let mut fenced = false;
    for line in SPECIFICATION.split_inclusive('\n') {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with('#') {
            let rank = line.bytes().take_while(|byte| *byte == b'#').count();
            let name =
                line[rank..].trim().trim_start_matches(|letter: char| !letter.is_alphabetic());
            headings.push(Heading { start: offset, rank, name });
        }
        offset += line.len();
    }
    headings
}

/// `text` with every run of white space replaced by one space, because quotations may be wrapped.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_end_at_the_next_heading() {
        let section = section("Leave Room").unwrap();
        assert!(section.contains("Successfully left the room"));
        assert!(!section.contains("Updated room object"));
    }

    #[test]
    fn quotations_are_found_whatever_their_white_space() {
        let of = |heading, quote| quotation(heading, quote).map(|range| &SPECIFICATION[range]);
        let quote = "`200 OK`  - Success\n- `201 Created`";
        let found = of("HTTP Status Codes", quote).unwrap();
        assert_eq!(folded(found), folded(quote));
        assert_eq!(of("HTTP Status Codes", "orbidden"), Some("orbidden"));
        assert_eq!(of("HTTP Status Codes", "418 I'm a teapot"), None);
        assert_eq!(of("No such heading", "200"), None);
        for row in crate::requirement::all() {
            if let crate::Basis::Stated(quote) = row.basis {
                let found = of(row.section, quote).unwrap_or_else(|| panic!("{}", row.id));
                assert_eq!(folded(found), folded(quote), "{}", row.id);
            }
        }
    }

    #[test]
    fn heading_names_exclude_numbers_and_emoji() {
        assert!(section("Mark Room Read (Client → Server)").is_some());
        assert!(section("Error Handling").is_some());
        assert!(section("No such heading").is_none());
    }
}
