//! Outcomes of recorded calls.

use hearback_history::{Nanoseconds, Outcome};
use hearback_testkit::dsl;

#[test]
fn calls_without_response_have_an_unknown_outcome() {
    let history = dsl::parse("alice rooms.create {} => ?").unwrap();
    assert!(matches!(history.calls[0].outcome, Outcome::Unknown { .. }));
    assert!(history.calls[0].maybe_done());
    assert_eq!(history.calls[0].interval().returned, Nanoseconds::MAX);
}

#[test]
fn unreadable_success_is_not_success_but_may_have_happened() {
    let call = |answer: &str| {
        let line = format!("alice rooms.leave $r1 => {answer}");
        dsl::parse(&line).unwrap().calls.remove(0)
    };
    let page = call("200 <html>");
    assert_eq!((page.status(), page.succeeded(), page.maybe_done()), (None, false, true));
    let refusal = call("404 <html>");
    assert_eq!((refusal.status(), refusal.maybe_done()), (Some(404), false));
    assert!(page.is_unreadable() && refusal.is_unreadable());
    assert!(!call("204").is_unreadable() && !call("200 {}").is_unreadable());
    assert!(call("204").succeeded() && call("200 {}").succeeded());
}
