//! Fields of a participant that are not to be set by who adds or mutes one.

use hearback_contract::Operation;
use hearback_history::Call;
use serde_json::Value;

use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::adoption;

const OF_ADD: [&str; 7] =
    ["id", "joined_at", "left_at", "last_read_at", "unread_count", "is_muted", "muted_until"];

const OF_MUTE: [&str; 7] =
    ["id", "user", "is_admin", "joined_at", "left_at", "last_read_at", "unread_count"];

pub(super) fn add<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsAdd).filter(|it| it.is_authorized()) {
        let asked = |name| call.request.as_ref().and_then(|body| body.get(name));
        let user = asked("user").and_then(Value::as_i64);
        let (Some(room), Some(user)) = (input.model.room_of(call), user) else { continue };
        // Not muted is what everybody is.
        let fields = OF_ADD.into_iter().filter(|name| asked(name) != Some(&Value::Bool(false)));
        let later = || views(input, &room.id, user, call);
        adoption::examine(call, &fields.collect::<Vec<_>>(), later, context);
    }
}

pub(super) fn mute<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for call in input.history.calls_of(Operation::ParticipantsMute).filter(|it| it.is_authorized())
    {
        let subject = call.subject().and_then(|id| input.model.participant(id));
        let Some((room, user)) = subject else { continue };
        let asked = |name| call.request.as_ref().and_then(|body| body.get(name));
        let is_admin = input.model.is_admin(room, user, call.interval());
        let shows = |name: &&str| match *name {
            "is_admin" => asked("is_admin")
                .and_then(Value::as_bool)
                .zip(is_admin)
                .is_some_and(|(a, b)| a != b),
            "user" => {
                let wanted =
                    asked("user").and_then(|it| it.as_i64().or_else(|| it.get("id")?.as_i64()));
                wanted != Some(user)
            }
            _ => true,
        };
        let fields: Vec<_> = OF_MUTE.into_iter().filter(shows).collect();
        // Somebody else may make them an admin later on, or have them leave and come again.
        let is_simple = room.members.get(&user).is_some_and(|stays| stays.len() == 1)
            && room.surely_member(user, call.interval());
        let later = || if is_simple { views(input, &room.id, user, call) } else { Vec::new() };
        adoption::examine(call, &fields, later, context);
    }
}

/// The participant of that user as later calls of the scenario show it.
fn views<'h>(
    input: RuleInput<'h>,
    room: &str,
    user: i64,
    call: &Call,
) -> Vec<(&'h Call, &'h Value)> {
    let observations = input.model.participant_observations.iter().filter(|observation| {
        observation.room == room
            && observation.user == user
            && observation.is_current()
            && observation.call.invocation.scenario == call.invocation.scenario
            && call.interval().precedes(observation.call.interval())
    });
    observations.map(|observation| (observation.call, observation.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::MADE;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn who_adds_and_who_mutes_sets_nothing_else() {
        let add = |field: &str, answer: &str| {
            format!(
                r#"{MADE}
                alice participants.add {{"room": "$r1", "user": 3, {field}}} => {answer}"#
            )
        };
        let mute = |field: &str, answer: &str| {
            format!(
                r#"{MADE}
                bob participants.mute 2 {{"muted": true, {field}}} => {answer}"#
            )
        };
        let (adding, muting) =
            ("participant/add-ignores-other-fields", "participant/mute-ignores-other-fields");
        let joined = r#""joined_at": "2001-01-01T00:00:00Z""#;
        assert_states(&[
            (adding, Held, &add(joined, "201 @participant")),
            (adding, Broken, &add(joined, &format!("201 @participant {{{joined}}}"))),
            (adding, Held, &add(joined, "400 @error")),
            (adding, Undecided, &add(joined, "500 @error")),
            (adding, NotExercised, &add(r#""is_admin": true"#, "201 @participant")),
            (muting, Held, &mute(r#""is_admin": true"#, r#"200 @participant {"is_admin": false}"#)),
            (
                muting,
                Broken,
                &mute(r#""is_admin": true"#, r#"200 @participant {"is_admin": true}"#),
            ),
            (
                muting,
                NotExercised,
                &mute(r#""is_admin": false"#, r#"200 @participant {"is_admin": false}"#),
            ),
        ]);
    }

    #[test]
    fn what_the_answer_hides_a_later_view_may_show() {
        let muting = "participant/mute-ignores-other-fields";
        let history = |is_admin: bool| {
            format!(
                r#"{MADE}
                bob participants.mute 2 {{"muted": true, "is_admin": true}} => 200 {{}}
                {}"#,
                super::super::testing::get("[300..301]", &[(1, true), (2, is_admin)])
            )
        };
        assert_states(&[(muting, Broken, &history(true)), (muting, Held, &history(false))]);
    }
}
