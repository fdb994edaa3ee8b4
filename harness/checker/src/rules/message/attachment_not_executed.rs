//! Checks that the responses with attachments keep browsers from executing them as pages of the target's
//! origin: they are downloads (`Content-Disposition: attachment`), or sandboxed by
//! `Content-Security-Policy`, or of a type that is not executed and that `X-Content-Type-Options: nosniff`
//! keeps. Files that were returned to members count.

use hearback_contract::RequirementId;
use hearback_history::{Call, Outcome};

use super::attachment_fetches::fetches_or_reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::answer::quoted;
use crate::violation::Violation;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::MessageAttachmentNotExecuted, check };

/// Types that browsers display with scripts.
const ACTIVE: [&str; 6] = [
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "text/xsl",
];

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for fetch in fetches_or_reason(input, context).iter().filter(|fetch| fetch.shows_file()) {
        let call = fetch.call;
        let Outcome::Response { content_type, .. } = &call.outcome else { continue };
        let declared = content_type.as_deref().unwrap_or_default();
        let problem = problem(call, declared);
        context.check(problem.is_none(), || {
            let problem = problem.unwrap_or_default();
            Violation::new(
                format!("attachment {problem}"),
                format!(
                    "browsers do not execute a file sent as {}",
                    quoted(fetch.file.content_type)
                ),
                format!("it is displayed as {}, {problem}", quoted(declared)),
            )
            .evidence(fetch.message.origin)
            .evidence(call)
        });
    }
}

/// The reason why a browser may execute the file, if there is one.
fn problem(call: &Call, declared: &str) -> Option<&'static str> {
    let is = |name: &str, part: &str| {
        call.header(name).is_some_and(|value| value.to_ascii_lowercase().contains(part))
    };
    let disposition = call.header("content-disposition").unwrap_or_default().trim_start();
    let is_download =
        disposition.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("attachment"));
    if is_download || is("content-security-policy", "sandbox") {
        return None;
    }
    let media_type = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if ACTIVE.contains(&media_type.as_str()) {
        Some("as a page that may contain scripts")
    } else if !is("x-content-type-options", "nosniff") {
        Some("without `nosniff`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::message::attachment_fetches::testing::{fetch, sent};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn browsers_do_not_execute_files() {
        const RULE: &str = "message/attachment-not-executed";
        let served =
            |headers: &str| sent("text/html", &fetch("bob", &format!("200 <{headers}> abc")));
        assert_states(&[
            (RULE, Held, &served("content-type: text/html; content-disposition: attachment")),
            (RULE, Held, &served("content-type: text/html; content-security-policy: sandbox")),
            (RULE, Held, &served("content-type: text/plain; x-content-type-options: nosniff")),
            (RULE, Broken, &served("content-type: text/html; x-content-type-options: nosniff")),
            (RULE, Broken, &served("content-type: image/svg+xml; content-disposition: inline")),
            (RULE, Broken, &served("content-type: image/png")),
            (RULE, NotExercised, &sent("text/html", &fetch("bob", "404 "))),
        ]);
    }
}
