//! Checks that a deleted message cannot be edited back. Every edit after the deletion must be
//! rejected with 4xx, and after rejected edits no read may show their text. If an edit was not
//! rejected, its response is already the finding, so later reads are skipped.

use hearback_contract::{Operation, RequirementId};

use super::deleted_messages::{deleted_messages, reads};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::{quoted, refusal};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeletionStaysDeleted, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let deleted_messages = deleted_messages(input);
    for edit in input.history.calls_of(Operation::MessagesEdit).filter(|edit| edit.is_authorized())
    {
        let deleted = edit.message_in_path().and_then(|id| deleted_messages.get(&id));
        let Some(deleted) = deleted.filter(|it| it.precedes(edit.interval())) else { continue };
        match edit.status() {
            None | Some(401) => {}
            Some(500..) => {
                context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
            }
            Some(_) => context.check(edit.refused(), || {
                Violation::new(
                    "messages.edit of a deleted message",
                    "an edit of a deleted message is rejected with 4xx",
                    refusal(edit),
                )
                .evidence(deleted.message.origin)
                .evidence(deleted.call)
                .evidence(edit)
            }),
        }
    }
    for (observation, deleted) in reads(input, &deleted_messages) {
        let mut edits =
            deleted.edits.iter().filter(|edit| edit.interval().precedes(observation.at));
        let Some(edit) = edits.next() else { continue };
        // If an edit was not rejected, its response is the finding.
        if !edit.refused() || !edits.all(|edit| edit.refused()) {
            continue;
        }
        context.check(!deleted.is_edited_back(observation), || {
            let content = observation.content().unwrap_or_default();
            Violation::new(
                format!("{} after a rejected messages.edit", observation.place()),
                "the message is still deleted",
                format!("content is {}", quoted(content)),
            )
            .evidence(deleted.call)
            .evidence(*edit)
            .evidence(observation.evidence)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::deletion::deleted_messages::testing::{DELETED, get, history};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn a_deleted_message_cannot_be_edited_back() {
        let rule = "deletion/stays-deleted";
        let edit = |status: &str| {
            format!(r#"[50..60] alice messages.edit $m1 {{"content": "again"}} => {status}"#)
        };
        let back = r#", "content": "again", "is_deleted": false"#;
        let after = |status: &str, fields: &str| {
            history(&[DELETED, &edit(status), &get("[70..71]", fields)])
        };
        assert_states(&[
            (rule, Held, &after("400 @error", "")),
            (rule, Held, &after("404 @error", "")),
            (rule, Broken, &after("200 @message", "")),
            (rule, Broken, &after("400 @error", back)),
            (rule, Undecided, &after("500 @error", back)),
            (rule, NotExercised, &after("?", back)),
            (rule, NotExercised, &history(&[DELETED, &get("[70..71]", "")])),
            (rule, NotExercised, &history(&[DELETED, &edit("200 @message").replace("[50", "[35")])),
        ]);
    }

    #[test]
    fn reads_before_the_edit_do_not_count() {
        let edit = r#"[60..70] alice messages.edit $m1 {"content": "again"} => 401 @error"#;
        let read = get("[50..65]", r#", "content": "again""#);
        let history = history(&[DELETED, edit, &read]);
        assert_states(&[("deletion/stays-deleted", NotExercised, &history)]);
    }
}
