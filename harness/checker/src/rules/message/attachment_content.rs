//! Checks that the URL of an attachment returns the bytes that were sent. Only URLs of the target
//! itself that members of the room fetched count. Redirects and truncated responses are
//! inconclusive, and attachments of deleted messages are skipped.

use ahash::AHashMap;
use hearback_contract::RequirementId;
use hearback_history::{Call, Outcome};
use url::Url;

use crate::model::{Message, SentFile};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::refusal;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::MessageAttachmentContent, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let target = input.history.start.as_ref().and_then(|start| Url::parse(&start.target).ok());
    let Some(target) = target else { return };
    let fetches: Vec<_> = input
        .history
        .calls
        .iter()
        .filter(|call| call.operation().is_none() && call.invocation.method == "GET")
        .filter(|call| call.is_authorized())
        .collect();
    if fetches.is_empty() {
        return;
    }
    let urls: AHashMap<Url, &Message<'h>> = input
        .model
        .recognized()
        .filter(|(_, message)| message.file.is_some())
        .filter_map(|(observation, message)| {
            let url = target.join(observation.value.get("attachment")?.as_str()?).ok()?;
            (url.origin() == target.origin()).then_some((url, message))
        })
        .collect();
    for call in fetches {
        let message = target.join(&call.invocation.path).ok().and_then(|url| urls.get(&url));
        let Some((message, file)) = message.and_then(|it| Some((it, it.file.as_ref()?))) else {
            continue;
        };
        let user = input.model.user_id(&call.invocation.actor);
        let is_member =
            input.model.rooms.get(&message.room).is_some_and(|room| {
                user.is_some_and(|user| room.surely_member(user, call.interval()))
            });
        if is_member && !message.maybe_deleted(call.interval()) {
            fetched(call, message, file, context);
        }
    }
}

fn fetched<'h>(
    call: &'h Call,
    message: &Message<'h>,
    file: &SentFile<'_>,
    context: &mut RuleContext<'h>,
) {
    let violation = |variant: &str, actual: String| {
        let expected = format!("200 with the {} bytes that were sent", file.bytes.len());
        Violation::new(variant, expected, actual).evidence(message.origin).evidence(call)
    };
    match (call.status(), &call.outcome) {
        (Some(200), Outcome::Response { truncated: false, body, .. }) => {
            let bytes = body.to_bytes();
            context.check(bytes == file.bytes, || {
                let equal = bytes.iter().zip(&file.bytes).take_while(|(it, sent)| it == sent);
                let equal = equal.count();
                let actual = format!("{} bytes, of which the first {equal} agree", bytes.len());
                violation("attachment bytes", actual)
            });
        }
        (Some(status @ 400..500), _) => {
            context
                .check(false, || violation(&format!("attachment answers {status}"), refusal(call)));
        }
        (Some(500..), _) => {
            context.inconclusive(Reason::Violates(RequirementId::StatusNoServerError))
        }
        _ => context.inconclusive(Reason::IncompleteFile),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearback_contract::Operation;
    use hearback_history::{History, Outcome, Payload};
    use hearback_testkit::dsl;

    use crate::model::Model;
    use crate::rule::RuleInput;
    use crate::rule_context::RuleContext;
    use crate::rules::message::sent_files::testing::{message, send};
    use crate::verdict::State;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    /// A history in which bob fetches the file, which the history DSL cannot express.
    fn fetch(url: &str, status: u16, body: &[u8]) -> History {
        let text = format!("{}\nbob rooms.list => 200 {{}}", send("image/png", &message("")));
        let mut history = dsl::parse(&text).unwrap();
        let call = history.calls.last_mut().unwrap();
        assert_eq!(call.operation(), Some(Operation::RoomsList));
        let invocation = Arc::make_mut(&mut call.invocation);
        invocation.operation = None;
        invocation.path = url.to_owned();
        let Outcome::Response { status: answered, body: payload, json, .. } = &mut call.outcome
        else {
            unreachable!("it was answered")
        };
        (*answered, *payload, *json) = (status, Payload::binary(body), None);
        history
    }

    #[test]
    fn the_url_returns_the_file() {
        let own = "http://target.test/media/1";
        let cases: [(History, State); 5] = [
            (fetch(own, 200, &[0, 1, 2]), Held),
            (fetch(own, 200, &[0, 1]), Broken),
            (fetch(own, 404, &[]), Broken),
            (fetch(own, 302, &[]), Undecided),
            (fetch("http://elsewhere.test/media/1", 404, &[]), NotExercised),
        ];
        for (history, expected) in &cases {
            let model = Model::of(history);
            let mut context = RuleContext::default();
            super::check(RuleInput { history, model: &model }, &mut context);
            let requirement = "message/attachment-content".parse().unwrap();
            assert_eq!(context.verdict(requirement, history, &model).state, *expected);
        }
    }
}
