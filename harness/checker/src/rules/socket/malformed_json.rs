//! Rule `socket/malformed-json`.

use hearback_contract::RequirementId;

use super::error_answers::expect_errors;
use crate::model::InvalidFrameKind;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketMalformedJson, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    expect_errors(input, InvalidFrameKind::MalformedJson, context);
}
