//! Parsing of pages and plots, for tests.

/// Tags without an end tag.
const VOID: [&str; 2] = ["input", "meta"];

/// The tags of a page in order; panics if they do not nest.
pub(crate) fn tags(page: &str) -> Vec<&str> {
    let mut open = Vec::new();
    let mut tags = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>").unwrap();
    while let Some(at) = rest.find(['<', '>']) {
        let tag = rest[at..].strip_prefix('<').expect("`>` outside of a tag");
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        assert!(!tag.contains('<'), "`<` within <{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "an attribute is not ended: <{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "at: {}", &after[..after.len().min(80)]);
        } else {
            let name = tag.split_whitespace().next().unwrap();
            // Tags of SVG may end themselves.
            if !VOID.contains(&name) && !tag.ends_with('/') {
                open.push(name);
            }
            tags.push(tag);
        }
        // Scripts and styles are not markup.
        rest = match tag {
            "script" | "style" => &after[after.find("</").unwrap()..],
            _ => after,
        };
    }
    assert!(open.is_empty(), "never ended: {open:?}");
    tags
}
