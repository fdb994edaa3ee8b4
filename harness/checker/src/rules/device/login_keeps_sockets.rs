//! Checks that a socket is not closed by the target when its user logs in again. A server that ends the earlier session
//! may do so: its access token is then rejected (ambiguity `sessions`). Sockets of other users that end at the same time
//! show that the target went down.

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Call, CredentialKind, Excuse};

use super::endings::{Endings, end, outlived};
use crate::reason::Reason;
use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule { requirement: RequirementId::DeviceLoginKeepsSockets, check };

fn check<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let endings = Endings::of(input);
    for login in input.history.calls_of(Operation::TokenObtain).filter(|call| call.succeeded()) {
        let interval = login.interval();
        let own = input.model.sockets.all().filter(|listener| {
            listener.connection.actor == login.invocation.actor
                && listener.established < interval.invoked
                && listener.until >= interval.invoked
        });
        for listener in own {
            let mut causes = [interval.invoked, interval.returned].into_iter();
            let closing = causes.find_map(|cause| endings.effect(input, listener, cause));
            match closing {
                Some(_) if has_ended_session(input, login) => {
                    context.inconclusive(Reason::Unspecified);
                }
                Some(closing) => context.check(false, || {
                    let expected = format!("the socket of {} stays open", login.invocation.actor);
                    Violation::new("login", expected, end(closing))
                        .evidence(listener.connection)
                        .evidence(login)
                }),
                None if outlived(input, listener, interval.returned) => context.held(),
                None => {}
            }
        }
    }
}

/// Returns whether a token of the user was rejected because a login had ended its session.
fn has_ended_session(input: RuleInput<'_>, login: &Call) -> bool {
    let calls = input.history.calls.iter();
    calls.filter(|call| call.invocation.actor == login.invocation.actor).any(|call| {
        call.excuse == Some(Excuse::SessionEnded)
            || call.invocation.credential.kind == CredentialKind::Earlier
                && call.status() == Some(401)
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::device::endings::testing::sockets;
    use crate::rules::testing::assert_states;
    use crate::verdict::State::{Broken, Held, NotExercised, Undecided};

    #[test]
    fn a_login_keeps_the_sockets() {
        let rule = "device/login-keeps-sockets";
        let login = r#"[10..11] alice token.obtain {"username": "alice"} => 200 {"access": "x", "refresh": "y"}"#;
        let ended = "[12..12] alice@r1 close 4000";
        let rejected = "[13..14] alice rooms.list => excused session_ended";
        assert_states(&[
            (rule, Held, &sockets(&[login])),
            (rule, Broken, &sockets(&[login, ended])),
            (rule, Undecided, &sockets(&[login, ended, rejected])),
            (
                rule,
                Undecided,
                &sockets(&[login, ended, "[13..14] alice[earlier] rooms.list => 401 @error"]),
            ),
            (rule, NotExercised, &sockets(&[login, &ended.replace("4000", "1012")])),
            (rule, NotExercised, &sockets(&[login, ended, "[12..12] bob@r1 close 4000"])),
            (rule, NotExercised, &sockets(&[ended])),
        ]);
    }
}
