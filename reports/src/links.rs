//! Links of a terminal (OSC 8) from the ids of requirements to a page that shows them.

use hearback_contract::RequirementId;
use url::Url;

/// Beginning of a color code.
const COLOR: &str = "\u{1b}[";

/// A text in which each id of a requirement is a link to its place on the page at `page`.
pub fn linked(text: &str, page: &Url) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let mut linked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with(COLOR) {
            rest.find('m').map_or(rest.len(), |end| end + 1)
        } else if is_part(first) {
            rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        rest = after;
        match word.trim_end_matches('.').parse::<RequirementId>() {
            Ok(id) => {
                let mut target = page.clone();
                target.set_fragment(Some(id.as_str()));
                let (id, end) = word.split_at(id.as_str().len());
                linked.push_str(&format!("\u{1b}]8;;{target}\u{1b}\\{id}\u{1b}]8;;\u{1b}\\{end}"));
            }
            Err(_) => linked.push_str(word),
        }
    }
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_requirements_are_links_and_nothing_else_is() {
        let page = Url::parse("file:///reports/a%20b.html").unwrap();
        let link = |id: &str| {
            format!("\u{1b}]8;;file:///reports/a%20b.html#{id}\u{1b}\\{id}\u{1b}]8;;\u{1b}\\")
        };
        let text =
            "\u{1b}[1mroom/archive\u{1b}[0m, unread/list. See room/nothing, /room/archive ü\n";
        let expected = format!(
            "\u{1b}[1m{}\u{1b}[0m, {}. See room/nothing, /room/archive ü\n",
            link("room/archive"),
            link("unread/list")
        );
        assert_eq!(linked(text, &page), expected);
    }
}
