//! Observing histories in the DSL.

use hearback_testkit::dsl;

use super::observe;
use crate::model::Model;
use crate::rule::RuleInput;

/// Alice creates a group with bob.
pub(super) const ROOM: &str = r#"
    [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
"#;

/// The readings of `ambiguity` that a history shows.
pub(super) fn observed(ambiguity: &str, text: &str) -> Vec<&'static str> {
    let history = dsl::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let model = Model::of(&history);
    let all = observe(RuleInput { history: &history, model: &model });
    let readings = all.into_iter().map(|it| it.reading);
    let own = readings.filter(|it| it.reading().ambiguity.as_str() == ambiguity);
    own.map(hearback_contract::ReadingId::own).collect()
}
