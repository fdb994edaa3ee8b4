//! Rooms with messages and pages of them, in the history DSL.

use std::ops::Range;

/// A room `r1` of alice and bob with messages `m0`, `m1` …, created a second apart.
pub(super) fn room_with(count: usize) -> String {
    let mut lines = vec![
        r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1"}"#
            .to_owned(),
    ];
    lines.extend((0..count).map(|number| {
        format!(
            r#"alice messages.send {{"room": "$r1", "content": "a"}} => 201 {}"#,
            message(number)
        )
    }));
    lines.join("\n") + "\n"
}

/// A message of [`room_with`] as it is listed.
pub(super) fn message(number: usize) -> String {
    let (minutes, seconds) = (number / 60, number % 60);
    format!(
        r#"@message {{"id": "$m{number}", "room": "$r1", "created_at": "2025-10-19T15:{minutes:02}:{seconds:02}Z"}}"#
    )
}

/// Alice gets a page of `numbers`, where the first page's `previous` is null and others' leads
/// back.
pub(super) fn page(query: &str, numbers: Range<usize>, count: usize, next: &str) -> String {
    page_of(query, &numbers.collect::<Vec<_>>(), count, next)
}

/// The same with the messages in any order.
pub(super) fn page_of(query: &str, numbers: &[usize], count: usize, next: &str) -> String {
    let items: Vec<_> = numbers.iter().map(|number| message(*number)).collect();
    format!(
        r#"alice messages.list ?room=$r1{query} => 200 {{"count": {count}, "next": {next}, "previous": null, "results": [{}]}}"#,
        items.join(", ")
    )
}

/// A link to a page.
pub(super) fn link(query: &str) -> String {
    format!(r#""http://target.test/api/chat/messages/?room=$r1{query}""#)
}

/// A room of four messages and a walk through them, oldest first: a page that lists `first`, the
/// lines `between`, and a page that lists `second`. Each page says one of `counts`.
pub(super) fn walk(counts: [usize; 2], first: &[usize], between: &str, second: &[usize]) -> String {
    let query = "&ordering=created_at&page_size=2";
    format!(
        "{}{}\n{between}\n{}",
        room_with(4),
        page_of(query, first, counts[0], &link(&format!("{query}&page=2"))),
        page_of(&format!("{query}&page=2"), second, counts[1], "null")
    )
}

/// A fifth message, which bob sends to the room of [`walk`].
pub(super) const SENT: &str = r#"bob messages.send {"room": "$r1", "content": "b"} => 201 @message {"id": "$m4", "room": "$r1"}"#;

/// A room of three messages and a page that lists `numbers` by `ordering`.
pub(super) fn ordered(ordering: &str, numbers: &[usize]) -> String {
    format!("{}{}", room_with(3), page_of(&format!("&ordering={ordering}"), numbers, 3, "null"))
}

/// A room of three messages and a walk by `ordering` with one message per page, with `between` in
/// the middle.
pub(super) fn ordered_walk(ordering: &str, first: usize, between: &str, second: usize) -> String {
    let query = format!("&ordering={ordering}&page_size=1");
    format!(
        "{}{}\n{between}\n{}",
        room_with(3),
        page_of(&query, &[first], 3, &link("&page=2")),
        page_of(&format!("{query}&page=2"), &[second], 3, "null")
    )
}
