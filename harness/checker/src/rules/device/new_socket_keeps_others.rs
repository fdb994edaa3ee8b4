//! Checks that a socket is not closed by the target when another socket of the same user opens. Sockets of other users
//! that end at the same time show that the target went down.

use hearback_contract::RequirementId;
use hearback_history::CloseOrigin;

use super::endings::{Endings, ended, of_one_user, outlived};
use crate::model::Listener;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

pub(super) const RULE: Rule =
    Rule { requirement: RequirementId::DeviceNewSocketKeepsOthers, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let endings = Endings::of(input);
    for group in of_one_user(input) {
        let ended: Vec<_> = group.iter().copied().filter(|it| is_ended(it)).collect();
        for &newer in &group {
            let is_open = |older: &&&Listener<'_>| {
                let opened = newer.connection.invoked;
                older.established < opened && older.until >= opened
            };
            let mut is_suspect = false;
            for &older in ended.iter().filter(is_open) {
                is_suspect |= check_pair(input, &endings, &group, [older, newer], context);
            }
            let mut older = group.iter().filter(is_open);
            if !is_suspect && older.any(|older| outlived(input, older, newer.established)) {
                context.held();
            }
        }
    }
}

/// Returns whether the target closed a socket.
fn is_ended(listener: &Listener<'_>) -> bool {
    listener.connection.closed.as_ref().is_some_and(|closing| closing.by == CloseOrigin::Server)
}

/// Checks that the target did not close a socket because of a newer one; `true` if it closed it at that time.
fn check_pair<'h>(
    input: RuleInput<'h>,
    endings: &Endings<'h>,
    group: &[&'h Listener<'h>],
    [older, newer]: [&'h Listener<'h>; 2],
    context: &mut RuleContext<'h>,
) -> bool {
    let opened = newer.connection.invoked;
    // The target may close the other socket before or after it accepts the new one.
    let mut causes = [opened, newer.established].into_iter();
    let Some(closing) = causes.find_map(|cause| endings.effect(input, older, cause)) else {
        return false;
    };
    // The end of yet another socket may be the cause (device/closing-keeps-others).
    let is_other_cause = group.iter().any(|it| {
        let end = it.connection.closed.as_ref();
        end.is_some_and(|end| {
            end.by == CloseOrigin::Client && (opened..=closing.at).contains(&end.at)
        })
    });
    if !is_other_cause && !endings.follows_login(input, older, closing) {
        context.check(false, || ended("new socket", older, closing, [older, newer]));
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::rules::device::endings::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised};

    #[test]
    fn a_new_socket_keeps_the_others() {
        let rule = "device/new-socket-keeps-others";
        let phone = "[10..10] alice/phone@r1 open";
        let ended = "[11..11] alice@r1 close 4000";
        assert_states(&[
            (rule, Held, &sockets(&[phone])),
            (rule, Held, &sockets(&[phone, "[100..100] alice@r1 close 4000"])),
            (rule, Broken, &sockets(&[phone, ended])),
            (rule, NotExercised, &sockets(&[phone, "[11..11] alice@r1 close 1001"])),
            (rule, NotExercised, &sockets(&[phone, "[11..11] alice@r1 break reset"])),
            (
                rule,
                NotExercised,
                &sockets(&[phone, r#"[9..10] alice token.obtain => 200 {"access": "x"}"#, ended]),
            ),
            (rule, NotExercised, &sockets(&[phone, ended, "[11..11] bob@r1 close 4000"])),
            (rule, NotExercised, &sockets(&["[9..30] alice rooms.leave $r1 => ?", phone, ended])),
            (
                rule,
                Held,
                &sockets(&[
                    "[5..5] alice/tablet@r1 open",
                    phone,
                    "[10..10] alice/tablet@r1 close",
                    ended,
                ]),
            ),
            (rule, NotExercised, &sockets(&[ended])),
        ]);
    }
}
