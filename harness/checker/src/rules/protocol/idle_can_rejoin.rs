//! Checks that an idle socket stays open, or that its user can open a new one after the target has closed it. The first
//! handshake of the member for the room afterwards decides.

use hearback_contract::RequirementId;
use hearback_history::Interval;

use crate::model::{IdleEnd, Listener};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::rules::socket::handshakes::{Opening, handshakes, opening};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::ProtocolIdleCanRejoin, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    for listener in input.model.sockets.all() {
        for end in listener.idle_ends() {
            match end {
                IdleEnd::Open => context.held(),
                IdleEnd::Closed(closing) if listener.connection.may_have_expired(closing.at) => {}
                IdleEnd::Closed(_) => check_rejoining(input, listener, context),
            }
        }
    }
}

fn check_rejoining<'h>(
    input: RuleInput<'h>,
    idle: &'h Listener<'h>,
    context: &mut RuleContext<'h>,
) {
    let Some(room) = input.model.rooms.get(&idle.connection.room) else { return };
    let mut later = handshakes(input).map(|(connection, _)| connection).filter(|connection| {
        connection.actor == idle.connection.actor
            && connection.room == idle.connection.room
            && connection.invoked >= idle.until
    });
    let Some(next) = later.next() else {
        return context.inconclusive(Reason::NothingFollowed);
    };
    let (opening, interval) = opening(input, next);
    let meanwhile = Interval { invoked: idle.established, returned: interval.returned };
    if !room.surely_member(idle.user, meanwhile) || !room.surely_active(meanwhile) {
        return;
    }
    let actual = match opening {
        Opening::Established => return context.held(),
        Opening::Inconclusive(reason) => return context.inconclusive(reason),
        Opening::Refused(description) => description,
        Opening::Silent(description) => description.to_owned(),
    };
    context.check(false, || {
        let expected = format!("{} can open a new socket after the idle one", next.actor);
        Violation::new("handshake", expected, actual).evidence(idle.connection).evidence(next)
    });
}

#[cfg(test)]
mod tests {
    use crate::rules::protocol::probes::testing::socket;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn idle_sockets_stay_open_or_can_be_replaced() {
        let rule = "protocol/idle-can-rejoin";
        let closed = |at: u64| format!("[{at}..{at}] alice@r1 close 4008");
        let (again, refused) =
            ("[20100..20100] alice/new@r1 open", "[20100..20100] alice/new@r1 refused 403");
        assert_states(&[
            (rule, Held, &socket(&["[20000..20000] alice@r1 close"])),
            (rule, Held, &socket(&[&closed(20_000), again])),
            (rule, Broken, &socket(&[&closed(20_000), refused])),
            (rule, Undecided, &socket(&[&closed(20_000)])),
            (rule, NotExercised, &socket(&[&closed(10_000), refused])),
            (rule, NotExercised, &socket(&["[20000..20000] alice@r1 break reset", refused])),
        ]);
    }
}
