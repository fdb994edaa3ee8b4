//! Checks that `last_message_preview` in `rooms.list` does not end within a character that consists of
//! several code points, and has no replacement character (U+FFFD) that the message does not have. Only
//! previews of messages with other characters than those of ASCII count. The rule abstains under the
//! conditions of `room/last-message-preview`, and if a single character is very long.

use hearback_contract::RequirementId;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use super::newest_message::{contents, listed, newest, with_evidence};
use crate::model::{folded, is_beginning, uncut};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::rules::text::is_storable;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::RoomPreviewWholeCharacters, check };

/// Longest character, in code points, that a preview need not cut.
const LONGEST_CHARACTER: usize = 32;

/// The part of a character that a preview shows in its place.
const REPLACEMENT: char = '\u{fffd}';

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for (room, call, preview) in listed(input, "last_message_preview", context) {
        let Some(preview) = preview else { continue };
        let Some(Some(message)) = newest(input, room, call, context) else { continue };
        let contents = contents(message, call);
        let is_ordinary = |content: &&str| is_storable(content) && !content.contains(REPLACEMENT);
        if message.file.is_some() || !contents.iter().all(is_ordinary) {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        let content = contents.iter().find(|content| is_beginning(preview, content));
        let Some(content) = content.filter(|content| !content.is_ascii()) else { continue };
        if content.graphemes(true).any(|it| it.chars().count() > LONGEST_CHARACTER) {
            context.inconclusive(Reason::Unspecified);
            continue;
        }
        let problem = match preview.contains(REPLACEMENT) {
            true => Some("contains a replacement character"),
            false if ends_within_character(preview, content) => Some("ends within a character"),
            false => None,
        };
        context.check(problem.is_none(), || {
            let problem = problem.unwrap_or_default();
            let violation = Violation::new(
                format!("rooms.list: last_message_preview {problem}"),
                format!("the preview of {} consists of whole characters", quoted(content)),
                format!("it {problem}: {}", quoted(preview)),
            );
            with_evidence(violation, Some(message), call)
        });
    }
}

/// Returns whether a preview is a beginning of a content that ends within one of its characters.
fn ends_within_character(preview: &str, content: &str) -> bool {
    let (whole, shown) = (folded(content), folded(uncut(preview)));
    if whole == folded(preview) || !whole.starts_with(&shown) {
        return false;
    }
    let mut cursor = GraphemeCursor::new(shown.len(), whole.len(), true);
    cursor.is_boundary(&whole, 0) == Ok(false)
}

#[cfg(test)]
mod tests {
    use super::ends_within_character;
    use crate::rules::room::newest_message::testing::with;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn characters_of_several_code_points_are_not_cut() {
        let family = "👩\u{200d}👩\u{200d}👧";
        for (preview, content, expected) in [
            ("a", "abc", false),
            ("e", "e\u{301}t", true),
            ("e\u{301}…", "e\u{301}t", false),
            (family, &format!("{family}{family}"), false),
            ("👩\u{200d}👩...", family, true),
            ("👩\u{200d}", family, true),
            (family, family, false),
            ("e\u{301} e", "e\u{301}\n\ne", false),
        ] {
            assert_eq!(ends_within_character(preview, content), expected, "{preview} of {content}");
        }
    }

    #[test]
    fn the_list_shows_whole_characters() {
        const RULE: &str = "room/preview-whole-characters";
        let listed = |content: &str, preview: &str| {
            let send = format!(
                r#"bob messages.send {{"room": "$r1", "content": "{content}"}} => 201 @message {{"id": "$m1", "room": "$r1", "content": "{content}"}}"#
            );
            with(&send, "rooms.list", &format!(r#""last_message_preview": "{preview}""#))
        };
        let text = "ae\u{301}e\u{301}";
        assert_states(&[
            (RULE, Held, &listed(text, text)),
            (RULE, Held, &listed(text, "ae\u{301}…")),
            (RULE, Broken, &listed(text, "ae…")),
            (RULE, Broken, &listed(text, "ae\u{301}\u{fffd}")),
            (RULE, NotExercised, &listed("plain", "pla")),
            (RULE, NotExercised, &listed(text, "something else")),
        ]);
    }
}
