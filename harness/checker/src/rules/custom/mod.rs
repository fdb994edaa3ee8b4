//! Family `custom`: the requirements that the overlay of this process adds, one file for each kind of check.

mod policy;
mod rejection;
mod responses;
mod schema;

use hearback_contract::RequirementId;
use hearback_contract::overlay::CustomCheck;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

/// A rule for each requirement of the overlay.
pub(super) fn rules() -> impl Iterator<Item = Rule> {
    let added = RequirementId::all().skip(RequirementId::SHIPPED.len());
    added.map(|requirement| Rule { requirement, check })
}

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    if let Some(custom) = context.requirement().and_then(RequirementId::custom) {
        run(&custom.check, input, context);
    }
}

fn run<'h>(check: &CustomCheck, input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    match check {
        CustomCheck::Schema { operation, statuses, schema } => {
            schema::check(*operation, statuses, schema, input, context);
        }
        CustomCheck::Rejection { operation, role, statuses } => {
            rejection::check((*operation, *role), statuses, input, context);
        }
        CustomCheck::Policy { operation, role, permission } => {
            policy::check((*operation, *role), *permission, input, context);
        }
    }
}

#[cfg(test)]
mod testing {
    //! Runs checks without an overlay in force.

    use hearback_contract::RequirementId;
    use hearback_contract::overlay::CustomCheck;
    use hearback_testkit::dsl;

    use crate::model::Model;
    use crate::rule::RuleInput;
    use crate::rule_context::RuleContext;
    use crate::verdict::State;

    /// Alice's room with bob as a member; carol is an outsider.
    const ROOM: &str = r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1", "name": "a"}
    "#;

    /// Asserts the states that a check gives to lines after the creation of a room.
    pub(super) fn assert_states(check: &CustomCheck, cases: &[(State, &str)]) {
        for (state, line) in cases {
            let history = dsl::parse(&format!("{ROOM}\n{line}")).unwrap();
            let model = Model::of(&history);
            let mut context = RuleContext::default();
            super::run(check, RuleInput { history: &history, model: &model }, &mut context);
            // The verdict needs the id of a requirement, any one without needs.
            let verdict = context.verdict(RequirementId::RoomStartsActive, &history, &model);
            assert_eq!(verdict.state, *state, "{line}: {verdict:#?}");
        }
    }
}
