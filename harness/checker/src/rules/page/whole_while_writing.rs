//! A list does not omit messages because others arrive during the request.
//!
//! A server that counts first and selects afterwards lists a new message in the place of an earlier one at the
//! end of the list. Such a message is not lost (delivery/acknowledged-is-kept), and another request shows it.
//! Only first pages that claim to be the last ones count, with a documented ordering.

use ahash::AHashSet;
use hearback_contract::{MessageRef, RequirementId};

use super::listing::{Page, pages};
use crate::model::WriteKind;
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::PageWholeWhileWriting, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for page in pages(input).filter(|page| page.next == Some(None)) {
        let listing = page.listing;
        let is_whole = listing.number() == Some(1) && listing.is_documented();
        let sends = listing.room.writes(WriteKind::Send);
        if !is_whole || listing.ordering.is_none() || !sends.overlaps(listing.at) {
            continue;
        }
        let is_still = input.model.is_quiet(listing.room, &[WriteKind::Alter], listing.at);
        if !is_still || !listing.is_by_initial_member() {
            context.inconclusive(Reason::ConcurrentWrites);
            continue;
        }
        check_page(input, &page, context);
    }
}

fn check_page<'h>(input: RuleInput<'h>, page: &Page<'h>, context: &mut RuleContext<'h>) {
    let listing = page.listing;
    let Some(ids) = page.ids() else {
        context.inconclusive(Reason::SchemaBroken("id".into()));
        return;
    };
    let ids: AHashSet<MessageRef<'_>> = ids.into_iter().collect();
    let messages = listing.room.messages.iter().filter_map(|id| input.model.messages.get(id));
    let earlier = messages.filter(|message| {
        message.sent.precedes(listing.at)
            && !message.maybe_deleted(listing.at)
            && !input.model.is_ambiguous(message)
    });
    let missing: Vec<_> = earlier.filter(|message| !ids.contains(&message.id.borrowed())).collect();
    let has_arrived = ids.iter().any(|id| {
        let message = input.model.messages.get(id.as_str());
        message.is_some_and(|message| !message.sent.precedes(listing.at))
    });
    if !missing.is_empty() && !has_arrived {
        context.inconclusive(Reason::Violates(RequirementId::DeliveryAcknowledgedIsKept));
        return;
    }
    context.check(missing.is_empty(), || {
        let violation = Violation::new(
            "messages.list: displaced by new messages",
            "a list contains all earlier messages while others arrive",
            format!("{} are missing, and new ones are listed in their place", missing.len()),
        )
        .magnitude(missing.len() as u64);
        let violation = match missing.first() {
            Some(message) => violation.evidence(message.origin),
            None => violation,
        };
        violation.evidence(listing.call)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn new_messages_do_not_displace_earlier_ones() {
        const RULE: &str = "page/whole-while-writing";
        let history = |sent: &str, order: &str, ids: &[&str]| {
            let items: Vec<_> = ids
                .iter()
                .map(|id| format!(r#"@message {{"id": "${id}", "room": "$r1"}}"#))
                .collect();
            format!(
                r#"
                [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
                [10..20] alice messages.send {{"room": "$r1", "content": "a"}} => 201 @message {{"id": "$m1", "room": "$r1"}}
                [{sent}] alice messages.send {{"room": "$r1", "content": "b"}} => 201 @message {{"id": "$m2", "room": "$r1"}}
                [30..40] bob messages.list ?room=$r1{order} => 200 {{"count": 1, "next": null, "previous": null, "results": [{}]}}"#,
                items.join(", ")
            )
        };
        const NEWEST: &str = "&ordering=-created_at";
        assert_states(&[
            (RULE, Held, &history("35..36", NEWEST, &["m2", "m1"])),
            (RULE, Held, &history("35..36", NEWEST, &["m1"])),
            (RULE, Broken, &history("35..36", NEWEST, &["m2"])),
            (RULE, Undecided, &history("35..36", NEWEST, &[])),
            (RULE, NotExercised, &history("22..23", NEWEST, &["m2"])),
            (RULE, NotExercised, &history("35..36", "", &["m2"])),
        ]);
    }
}
