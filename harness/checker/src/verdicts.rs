//! Checking a whole history.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use ahash::{AHashMap, AHashSet};
use hearback_contract::{Level, RequirementId};
use hearback_history::History;

use crate::matrix::AuthorizationMatrix;
use crate::model::Model;
use crate::readings::{self, ObservedReading};
use crate::reason::Reason;
use crate::rule::RuleInput;
use crate::rules;
use crate::verdict::{State, Verdict};

/// Histories with fewer calls and connections are checked on one thread.
const SINGLE_THREADED: usize = 100;

/// The result of checking a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// One verdict per selected requirement, in the order of the table.
    pub verdicts: Vec<Verdict>,
    /// The authorization matrix, which does not depend on the selection.
    pub matrix: AuthorizationMatrix,
    /// The readings that the target took, whatever is selected.
    pub readings: Vec<ObservedReading>,
}

impl FromIterator<Verdict> for Verdicts {
    /// Verdicts without a history: no cell of the matrix was exercised, and no reading observed.
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        Self {
            verdicts: verdicts.into_iter().collect(),
            matrix: AuthorizationMatrix::default(),
            readings: Vec::new(),
        }
    }
}

impl Verdicts {
    /// The verdict on one requirement, if it was selected.
    pub fn of(&self, requirement: &str) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.requirement.as_str() == requirement)
    }

    /// The verdicts in one state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(move |verdict| verdict.state == state)
    }

    /// Returns whether a requirement of at least this level is broken.
    pub fn is_broken_at(&self, level: Level) -> bool {
        self.in_state(State::Broken).any(|verdict| verdict.requirement.requirement().level >= level)
    }
}

/// Checks `history` against every requirement that is `selected`.
///
/// The model of the history is built once, for all rules and the authorization matrix.
pub fn check_history(history: &History, selected: impl Fn(RequirementId) -> bool) -> Verdicts {
    let model = Model::of(history);
    let input = RuleInput { history, model: &model };
    let (mut verdicts, matrix, readings) = run_rules(input, &with_needs(&selected));
    apply_needs(&mut verdicts);
    Verdicts {
        verdicts: RequirementId::all()
            .filter(|requirement| selected(*requirement))
            .filter_map(|requirement| verdicts.remove(&requirement))
            .collect(),
        matrix,
        readings,
    }
}

/// The selected requirements, and those that they depend on.
pub(crate) fn with_needs(selected: &impl Fn(RequirementId) -> bool) -> AHashSet<RequirementId> {
    let mut wanted = AHashSet::new();
    let mut open: Vec<_> =
        RequirementId::all().filter(|requirement| selected(*requirement)).collect();
    while let Some(requirement) = open.pop() {
        if wanted.insert(requirement) {
            open.extend(requirement.requirement().needs);
        }
    }
    wanted
}

/// Runs the rules of the `wanted` requirements, and observes the authorization matrix and the readings.
///
/// They are independent of each other, so they run on all processors.
pub(crate) fn run_rules(
    input: RuleInput<'_>,
    wanted: &AHashSet<RequirementId>,
) -> (AHashMap<RequirementId, Verdict>, AuthorizationMatrix, Vec<ObservedReading>) {
    let rules: Vec<_> = rules::all().filter(|rule| wanted.contains(&rule.requirement)).collect();
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(AHashMap::new());
    let late = OnceLock::new();
    let run_rest = || {
        while let Some(rule) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut context = rules::run(rule, input, &late);
            if let Some(actor) = input.model.unidentified {
                context.inconclusive(Reason::UnknownUserId(actor.to_string()));
            }
            context.take_expectations(rule.requirement, input.history);
            let verdict = context.verdict(rule.requirement, input.history, input.model);
            let mut verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
            verdicts.insert(rule.requirement, verdict);
        }
    };
    let others = match input.history.calls.len() + input.history.connections.len() {
        // Starting a thread takes longer than checking a short history.
        ..SINGLE_THREADED => 0,
        _ => thread::available_parallelism().map_or(0, |processors| processors.get() - 1),
    };
    let (matrix, readings) = thread::scope(|scope| {
        for _ in 0..others {
            scope.spawn(run_rest);
        }
        let observed = (AuthorizationMatrix::of(input), readings::observe(input));
        run_rest();
        observed
    });
    (verdicts.into_inner().unwrap_or_else(PoisonError::into_inner), matrix, readings)
}

/// Makes requirements undecided that depend on one that is broken or undecided.
///
/// A requirement that holds stays held: its observations do not need the other.
pub(crate) fn apply_needs(verdicts: &mut AHashMap<RequirementId, Verdict>) {
    // The verdicts are in no particular order, so this repeats until nothing changes. Chains are
    // short.
    loop {
        let dependent: Vec<_> = verdicts
            .values()
            .filter(|verdict| match (verdict.state, &verdict.reason) {
                (State::Undecided, _) => false,
                // A known reason explains more than another requirement does.
                (State::NotExercised, Some(reason)) => reason.is_symptom(),
                _ => true,
            })
            .filter_map(|verdict| {
                let need = verdict.requirement.requirement().needs.iter().find(|need| {
                    verdicts.values().any(|other| {
                        other.requirement == **need
                            && matches!(other.state, State::Broken | State::Undecided)
                    })
                })?;
                let is_held = verdict.state == State::Held;
                (!is_held).then_some((verdict.requirement, *need))
            })
            .collect();
        if dependent.is_empty() {
            return;
        }
        for (requirement, need) in dependent {
            if let Some(verdict) = verdicts.get_mut(&requirement) {
                verdict.state = State::Undecided;
                verdict.findings.clear();
                verdict.reason = Some(Reason::DependsOn(need));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::Operation;
    use hearback_history::{
        ExpectationResult, Fixture, Nanoseconds, Obstacle, Outcome, Payload, RecordedExpectation,
    };
    use hearback_testkit::dsl;

    use super::*;

    #[test]
    fn an_empty_history_exercises_nothing() {
        let verdicts = check_history(&History::default(), |_| true);
        assert_eq!(verdicts.verdicts.len(), RequirementId::all().count());
        for verdict in &verdicts.verdicts {
            assert_eq!(verdict.state, State::NotExercised, "{}", verdict.requirement);
        }
    }

    #[test]
    fn a_missing_fixture_explains_more_than_what_else_kept_scenarios() {
        let task = RequirementId::RoomCreateTask;
        let history = History {
            not_exercised: vec![
                (task, Obstacle::Other("a message was not delivered".to_owned())),
                (task, Obstacle::MissingFixture(Fixture::Task)),
            ],
            ..History::default()
        };
        let verdicts = check_history(&history, |_| true);
        let reason = verdicts.of(task.as_str()).unwrap().reason.clone();
        assert_eq!(reason, Some(Reason::MissingFixture(Fixture::Task)));
    }

    #[test]
    fn expectations_of_scenarios_are_observations() {
        let expectation = |holds, seq| RecordedExpectation {
            result: ExpectationResult {
                scenario: "x/y".into(),
                actor: "alice".into(),
                step: "3".to_owned(),
                location: "x/y.yaml:9".to_owned(),
                requirement: Some("room/archive".parse().unwrap()),
                subject: "alice rooms.get status".to_owned(),
                expected: "200".to_owned(),
                actual: None,
                holds,
            },
            at: Nanoseconds::new(seq),
            seq,
        };
        let mut history =
            History { expectations: vec![expectation(true, 1)], ..History::default() };
        let verdicts = check_history(&history, |_| true);
        assert_eq!(verdicts.of("room/archive").unwrap().state, State::Held);
        history.expectations.push(expectation(false, 2));
        let verdicts = check_history(&history, |_| true);
        let verdict = verdicts.of("room/archive").unwrap();
        assert_eq!((verdict.state, verdict.observations), (State::Broken, 2));
        let finding = &verdict.findings[0];
        assert_eq!(finding.variant, "x/y.yaml:9: alice rooms.get status");
        assert_eq!((finding.actual.as_str(), finding.scenario.as_str()), ("nothing", "x/y"));
        assert_eq!(finding.evidence, [2]);
    }

    #[test]
    fn a_requirement_that_depends_on_a_broken_one_is_undecided() {
        let history = dsl::parse(
            r#"alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 400 @error"#,
        )
        .unwrap();
        let verdicts = check_history(&history, |_| true);
        assert_eq!(verdicts.of("room/create-group").unwrap().state, State::Broken);
        let dependent = verdicts.of("room/archive").unwrap();
        assert_eq!(dependent.state, State::Undecided);
        assert!(dependent.reason == Some(Reason::DependsOn(RequirementId::RoomCreateGroup)));
    }

    /// Statistics, searches, lists and messages, by users with and without permission.
    const REQUESTS: &str = r#"
        alice rooms.create {"room_type": "group", "name": "x", "participant_ids": [2]} => 201 @room {"id": "$r1", "room_type": "group", "name": "x", "display_name": "x", "created_by": @user {"id": 1, "username": "alice"}, "last_message": null, "unread_count": 0, "participants": [@participant {"id": 1, "room": "$r1", "user": @user {"id": 1, "username": "alice"}}, @participant {"id": 2, "room": "$r1", "is_admin": false, "user": @user {"id": 2, "username": "bob"}}]}
        alice messages.send {"room": "$r1", "content": "a zebra"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a zebra", "sender": @user {"id": 1, "username": "alice"}, "is_read": false, "read_count": 0, "read_by": {"3": "$absent"}}
        bob rooms.stats $r1 => 200 @room_stats {"participant_count": 2, "message_count": 1, "unread_count": 1}
        erin rooms.stats $r1 => 404 @error
        bob[anonymous] rooms.stats $r1 => 401 @error
        bob[tampered] rooms.stats $r1 => 401 @error
        bob rooms.stats 0123abcd-0000-4000-8000-000000000000 => 404 @error
        bob rooms.stats not-an-id => 404 @error
        bob messages.search ?q=ab => 400 @error
        bob messages.search => 400 @error
        bob messages.search ?q=zebra&room=not-an-id => 400 @error
        bob[anonymous] messages.search ?q=zebra => 401 @error
        bob messages.search ?q=nowhere => 200 {"count": 0, "next": null, "previous": null, "results": []}
        bob messages.list => 400 @error
        bob participants.list ?room=7 => 400 @error
        erin participants.list ?room=$r1 => 403 @error
        erin messages.send {"room": "$r1", "content": "b"} => 403 @error
        bob messages.send {"content": "b"} => 400 @error"#;

    /// The ids of the broken requirements.
    fn broken(history: &History) -> Vec<String> {
        let verdicts = check_history(history, |_| true);
        verdicts.in_state(State::Broken).map(|it| it.requirement.to_string()).collect()
    }

    #[test]
    fn an_unreadable_response_breaks_one_requirement() {
        assert_eq!(broken(&dsl::parse(REQUESTS).unwrap()), Vec::<String>::new());
        let operations = [
            "rooms.stats",
            "messages.search",
            "messages.list",
            "participants.list",
            "messages.send",
        ];
        for operation in operations {
            for page in ["200 <html>", "201 <html>", "200 1e999"] {
                let answered = REQUESTS.lines().map(|line| match line.split_once(" => ") {
                    Some((asked, _)) if asked.contains(operation) => format!("{asked} => {page}\n"),
                    _ => format!("{line}\n"),
                });
                let history = dsl::parse(&answered.collect::<String>()).unwrap();
                assert_eq!(broken(&history), ["schema/content-type"], "{operation}: {page}");
            }
        }
    }

    #[test]
    fn a_response_beyond_the_bounds_breaks_no_requirement() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for operation in ["rooms.", "messages.", "participants.", ""] {
            let answered = REQUESTS.lines().map(|line| match line.split_once(" => ") {
                Some((asked, _)) if asked.contains(operation) => format!("{asked} => 200 {deep}\n"),
                _ => format!("{line}\n"),
            });
            let history = dsl::parse(&answered.collect::<String>()).unwrap();
            assert_eq!(broken(&history), Vec::<String>::new(), "{operation}");
        }
    }

    #[test]
    fn a_response_that_is_not_text_breaks_one_requirement() {
        let mut history = dsl::parse(REQUESTS).unwrap();
        for call in &mut history.calls {
            let is_search = call.operation() == Some(Operation::MessagesSearch);
            if let Outcome::Response { status, body, json, .. } = &mut call.outcome
                && is_search
            {
                (*status, *body, *json) = (200, Payload::binary(b"{\"count\": \"\xff\"}"), None);
            }
        }
        assert_eq!(broken(&history), ["schema/content-type"]);
    }

    #[test]
    fn a_rejection_in_html_breaks_one_requirement() {
        let refused = REQUESTS.replace("@error", "<html>");
        assert_eq!(broken(&dsl::parse(&refused).unwrap()), ["schema/content-type"]);
    }

    #[test]
    fn a_redirect_breaks_one_requirement() {
        let page = REQUESTS.replace(" => 404 @error", " => 302 <html>");
        assert_eq!(broken(&dsl::parse(&page).unwrap()), ["status/documented"]);
    }
}
