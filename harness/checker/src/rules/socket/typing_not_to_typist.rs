//! Checks that a `typing` event does not come back on the connection of its sender. Users who type
//! on more than one connection are skipped, because each may receive the events of the others.

use ahash::AHashMap;
use hearback_contract::{RequirementId, RoomRef, ServerEvent, UserId};
use hearback_history::{ConnectionId, Frame};

use super::typing_frames::{Typed, typed};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::SocketTypingNotToTypist, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let typed = typed(input);
    // A user who types on more than one socket may receive, on each, the events of the others.
    let mut typists: AHashMap<(RoomRef<'_>, UserId), Vec<ConnectionId>> = AHashMap::new();
    for Typed { by, .. } in &typed {
        let connections = typists.entry((by.connection.room.borrowed(), by.user)).or_default();
        if !connections.contains(&by.connection.id) {
            connections.push(by.connection.id);
        }
    }
    let mut own: AHashMap<ConnectionId, (&Typed<'h>, Option<&'h Frame>)> = AHashMap::new();
    for sent in &typed {
        let by = sent.by;
        let is_alone = typists[&(by.connection.room.borrowed(), by.user)].len() == 1;
        if !is_alone || !input.model.rooms.contains_key(&by.connection.room) {
            continue;
        }
        let (first, returned) = *own.entry(by.connection.id).or_insert_with(|| {
            let mut events = by.received(ServerEvent::Typing);
            let returned = events.find(|(frame, event)| {
                frame.at > sent.frame.at
                    && event.get("user_id").and_then(UserId::from_json) == Some(by.user)
            });
            (sent, returned.map(|(frame, _)| frame))
        });
        if returned.is_none() && input.model.sockets.silence_proven_at(by, sent.frame.at).is_none()
        {
            context.inconclusive(Reason::ObservedTooBriefly);
            continue;
        }
        context.check(returned.is_none(), || {
            let who = &by.connection.actor;
            let violation = Violation::new(
                "typing to the typist",
                format!("{who} does not receive their own typing event"),
                "the event came back on the connection",
            )
            .evidence((by.connection, first.frame));
            returned
                .into_iter()
                .fold(violation, |violation, frame| violation.evidence((by.connection, frame)))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::socket::typing_frames::testing::{FENCE, sockets};
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    const SEEN: &str = r#"[6..6] bob@r1 <- @typing {"user_id": 1, "username": "alice"}"#;

    const LATER: &str = "[200..201] alice rooms.list => 200 {}";

    #[test]
    fn typists_do_not_receive_their_own_events() {
        let rule = "socket/typing-not-to-typist";
        let own = r#"[6..6] alice@r1 <- @typing {"user_id": 1, "username": "alice"}"#;
        let elsewhere = r#"
            [4..4] alice/2@r1 open
            [5..5] alice/2@r1 -> {"type": "typing", "is_typing": true}
        "#;
        assert_states(&[
            (rule, Held, &sockets(&[SEEN, LATER])),
            (rule, Held, &sockets(&[FENCE])),
            (rule, Broken, &sockets(&[own])),
            (rule, Undecided, &sockets(&[SEEN])),
            (rule, NotExercised, &sockets(&[elsewhere, own, LATER])),
        ]);
    }
}
