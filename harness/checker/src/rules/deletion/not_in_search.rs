//! Checks that `messages.search` does not find deleted messages by the texts that they had. A found
//! message is blamed only if nothing else matches the query: neither a later edit nor the name of
//! its file. A search without the message counts as an observation if it is complete and would have
//! found the message before the deletion. Searches that match the placeholder are skipped.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, Operation, RequirementId};
use hearback_history::Call;

use super::deleted_messages::{Deleted, deleted_messages};
use crate::model::DELETED_CONTENT;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, success};
use crate::rules::message::searches::{MAX_MATCHES, is_complete, is_word, matches};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionNotInSearch, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    let mut by_word: AHashMap<&str, Vec<&Deleted<'h>>> = AHashMap::new();
    for deleted in deleted_messages.values() {
        let words: AHashSet<_> = deleted.old_texts().flat_map(str::split_whitespace).collect();
        for word in words.into_iter().filter(|word| is_word(word)) {
            by_word.entry(word).or_default().push(deleted);
        }
    }
    let searches = input.history.calls_of(Operation::MessagesSearch);
    for call in searches.filter(|call| call.is_authorized()) {
        let Some(query) = call.query("q").map(str::trim).filter(|query| !query.is_empty()) else {
            continue;
        };
        // A search that matches the placeholder may find deleted messages.
        if matches(DELETED_CONTENT, query) || success(call, context).is_none() {
            continue;
        }
        let items = call.items().into_iter().flatten();
        let found: AHashSet<_> =
            items.filter_map(|item| item.get("id").and_then(MessageRef::from_json)).collect();
        for deleted in found.iter().filter_map(|id| deleted_messages.get(id)) {
            if is_found_by_old_text(deleted, call, query) {
                context.check(false, || {
                    Violation::new(
                        "messages.search",
                        format!("a search for {} does not find a deleted message", quoted(query)),
                        "it finds a message that had this text until it was deleted",
                    )
                    .evidence(deleted.message.origin)
                    .evidence(deleted.call)
                    .evidence(call)
                });
            }
        }
        // An absent message is an observation only if the search would have found it.
        let sought = by_word.get(query).into_iter().flatten().take(MAX_MATCHES);
        for deleted in sought.filter(|it| !found.contains(&it.message.id.borrowed())) {
            if is_complete(call) && would_be_found(input, deleted, call) {
                context.held();
            }
        }
    }
}

/// Returns whether only an old text of the message matches the query.
fn is_found_by_old_text(deleted: &Deleted<'_>, call: &Call, query: &str) -> bool {
    let is_in = |text: &str| text.to_lowercase().contains(&query.to_lowercase());
    let name = deleted.message.file.as_ref().map(|file| file.name);
    deleted.precedes(call.interval())
        && deleted.old_texts().any(is_in)
        && !deleted.later_texts(call.interval()).chain(name).any(|text| matches(text, query))
}

/// Returns whether the search would find the message if it were not deleted.
fn would_be_found(input: RuleInput<'_>, deleted: &Deleted<'_>, call: &Call) -> bool {
    let user = input.model.user_id(&call.invocation.actor);
    let room = input.model.rooms.get(&deleted.message.room);
    let is_member = user.zip(room).is_some_and(|(user, room)| {
        room.surely_member(user, call.interval())
            && call.room_in_query().is_none_or(|requested| requested == room.id)
    });
    is_member && deleted.precedes(call.interval())
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, history, shown};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn deleted_messages_are_not_found() {
        let rule = "deletion/not-in-search";
        let search = |times: &str, query: &str, results: &str| {
            let count = usize::from(!results.is_empty());
            format!(
                r#"{times} bob messages.search {query} => 200 {{"count": {count}, "next": null, "previous": null, "results": [{results}]}}"#
            )
        };
        let item = shown("");
        let later =
            |query: &str, results: &str| history(&[DELETED, &search("[50..51]", query, results)]);
        assert_states(&[
            (rule, Held, &later("?q=zebra", "")),
            (rule, Held, &later("?q=zebra&room=$r1", "")),
            (rule, Broken, &later("?q=zebra", &item)),
            (rule, Broken, &later("?q=ZEBRA", &item)),
            (rule, NotExercised, &later("?q=zebra&room=$r2", "")),
            (rule, NotExercised, &later("?q=giraffe", "")),
            (rule, NotExercised, &later("?q=deleted", &item)),
            (rule, NotExercised, &later("?q=zebra", "").replace("bob messages", "carol messages")),
            (rule, NotExercised, &history(&[DELETED, &search("[35..51]", "?q=zebra", &item)])),
        ]);
    }
}
