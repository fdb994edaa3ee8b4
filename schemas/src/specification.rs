//! The text of the specification, embedded so that tests can compare every quotation with it.

/// The AriStay Chat API documentation as published.
pub const SPECIFICATION: &str = include_str!("../aristay-chat-api.md");

/// The version of the specification that this build tests against.
pub const SPECIFICATION_VERSION: &str = "1.0.0";

/// The text of the section with this heading, up to the next heading of the same or a higher rank.
///
/// The name of a heading excludes emoji and leading numbers.
pub fn section(heading: &str) -> Option<&'static str> {
    let headings = headings();
    let (index, (start, rank, _)) =
        headings.iter().enumerate().find(|(_, (_, _, name))| *name == heading)?;
    let end = headings[index + 1..]
        .iter()
        .find(|(_, other, _)| other <= rank)
        .map_or(SPECIFICATION.len(), |(end, _, _)| *end);
    Some(&SPECIFICATION[*start..end])
}

/// The anchor of a heading in a rendered page: lower case, without punctuation, and with hyphens for spaces.
pub fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>().to_lowercase()
}

/// Offset in bytes, rank and name of every heading outside code fences.
fn headings() -> Vec<(usize, usize, &'static str)> {
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
            headings.push((offset, rank, name));
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
    fn heading_names_exclude_numbers_and_emoji() {
        assert!(section("Mark Room Read (Client → Server)").is_some());
        assert!(section("Error Handling").is_some());
        assert!(section("No such heading").is_none());
    }
}
