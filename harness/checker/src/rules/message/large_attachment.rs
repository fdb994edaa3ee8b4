//! Checks that pictures of up to 512 KiB are accepted. Only sends that no server has another reason to
//! reject count; smaller pictures are checked by `message/attachment`.

use hearback_contract::{Operation, RequirementId};

use super::attachment::{SMALL, is_ordinary_picture};
use super::well_formed_sends::expect_success;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageLargeAttachment, check };

/// Size of the largest picture that must be accepted, in characters of base64.
const LARGE: usize = 512 * 1024 * 4 / 3 + 4;

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::MessagesSend) {
        if is_ordinary_picture(input, call, SMALL + 1..=LARGE) {
            expect_success(call, "a picture of up to 512 KiB is accepted", context);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::sent_files::testing::{message, send};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn large_pictures_are_accepted() {
        const RULE: &str = "message/large-attachment";
        let large = |length: usize, answer: &str| {
            send("image/png", answer).replace("AAEC", &"A".repeat(length))
        };
        let created = message("");
        assert_states(&[
            (RULE, Held, &large(400_000, &created)),
            (RULE, Broken, &large(400_000, "413 @error")),
            (RULE, NotExercised, &large(4_000, "413 @error")),
            (RULE, NotExercised, &large(4_000_000, "413 @error")),
        ]);
    }
}
