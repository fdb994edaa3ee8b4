//! Checks that a search does not find a message by a content that an edit certainly replaced. Messages
//! that contain the query in their present content or the name of their file, or a word of the same stem
//! (`search-matching`), are skipped. An absence counts only if the search would have found the old text.

use hearback_contract::RequirementId;
use hearback_history::Call;

use super::expected_hits::is_visible;
use super::searches::{MAX_MATCHES, found, hits, is_complete, is_token, matches, searches, words};
use crate::model::Message;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageSearchForgetsEdited, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let mut index = None;
    for (call, user, query) in searches(input).filter(|(.., query)| is_token(query)) {
        if success(call, context).is_none() {
            continue;
        }
        for (_, message) in hits(input, call) {
            if is_found_by_old_text(message, call, query) && !input.model.is_ambiguous(message) {
                context.check(false, || {
                    Violation::new(
                        "messages.search",
                        format!("a search for {} does not find an edited message", quoted(query)),
                        "it finds a message that had this text until it was edited",
                    )
                    .evidence(message.origin)
                    .evidence(call)
                });
            }
        }
        let Some(found) = found(call).filter(|_| is_complete(call)) else { continue };
        let sought = index.get_or_insert_with(|| words(input)).get(query);
        let edited = sought.into_iter().flatten().filter(|message| message.versions.len() > 1);
        for message in edited.take(MAX_MATCHES) {
            let is_absent = !found.contains(&message.id.borrowed());
            if is_absent
                && is_found_by_old_text(message, call, query)
                && is_visible(input, call, user, message)
            {
                context.held();
            }
        }
    }
}

/// Returns whether only a content that was certainly replaced before the search matches the query.
fn is_found_by_old_text(message: &Message<'_>, call: &Call, query: &str) -> bool {
    let is_in = |text: &str| text.to_lowercase().contains(&query.to_lowercase());
    let name = message.file.as_ref().map(|file| file.name);
    !message.maybe_deleted(call.interval())
        && message.versions.iter().any(|version| is_in(version.content))
        && !message.contents(call.interval()).chain(name).any(|text| matches(text, query))
}

#[cfg(test)]
mod tests {
    use crate::rules::message::searches::testing::{EDITED, edited};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn edited_messages_are_not_found_by_their_old_text() {
        let rule = "message/search-forgets-edited";
        assert_states(&[
            (rule, Held, &edited("?q=zebra", &[])),
            (rule, Broken, &edited("?q=zebra", &[EDITED])),
            (rule, NotExercised, &edited("?q=giraffe", &[EDITED])),
            (rule, NotExercised, &edited("?q=more", &[])),
        ]);
    }
}
