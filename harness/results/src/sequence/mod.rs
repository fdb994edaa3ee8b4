//! The exchanges around a finding, in order: the data of its sequence diagram.

mod candidate;
mod exchange;
mod text;

use std::collections::HashMap;

use hearback_checker::Finding;
use hearback_history::{History, ScenarioName};

use candidate::{Candidate, Content};
pub use exchange::{Direction, Exchange, Sequence};

/// Number of exchanges shown before the first and after the last evidence.
const AROUND: usize = 4;

/// Maximum number of exchanges in a sequence.
const MOST: usize = 40;

/// The exchanges of a history by scenario, collected once for all findings.
pub(crate) struct Exchanges<'h> {
    by_scenario: HashMap<&'h ScenarioName, OfScenario<'h>>,
}

/// The exchanges of a scenario, in order.
#[derive(Default)]
struct OfScenario<'h> {
    steps: Vec<Candidate<'h>>,
    audit: Vec<Candidate<'h>>,
}

impl<'h> Exchanges<'h> {
    /// Collects the exchanges of the scenarios of the findings.
    pub(crate) fn of(history: &'h History, findings: &[&Finding]) -> Self {
        let mut by_scenario: HashMap<&ScenarioName, OfScenario> = HashMap::new();
        let is_named =
            |scenario: &ScenarioName| findings.iter().any(|finding| finding.scenario == *scenario);
        let mut add = |scenario: &'h ScenarioName, candidate: Candidate<'h>| {
            let of_scenario = by_scenario.entry(scenario).or_default();
            let audit = history.audits.get(scenario);
            match audit.is_some_and(|began| candidate.begun >= *began) {
                true => of_scenario.audit.push(candidate),
                false => of_scenario.steps.push(candidate),
            }
        };
        for call in &history.calls {
            let scenario = &call.invocation.scenario;
            if is_named(scenario) {
                candidate::of_call(call).for_each(|candidate| add(scenario, candidate));
            }
        }
        for connection in &history.connections {
            let scenario = &connection.scenario;
            if is_named(scenario) {
                candidate::of_connection(connection).for_each(|it| add(scenario, it));
            }
        }
        for expectation in &history.expectations {
            let expected = &expectation.result;
            if is_named(&expected.scenario) {
                let candidate = Candidate {
                    at: expectation.at,
                    begun: expectation.at,
                    actor: &expected.actor,
                    direction: Direction::Note,
                    seq: expectation.seq,
                    content: Content::Expectation(&expected.subject, expected.holds),
                };
                add(&expected.scenario, candidate);
            }
        }
        for OfScenario { steps, audit } in by_scenario.values_mut() {
            steps.sort_by_key(|candidate| (candidate.at, candidate.seq));
            audit.sort_by_key(|candidate| (candidate.at, candidate.seq));
        }
        Self { by_scenario }
    }

    /// The exchanges around a finding; `None` if its scenario contains none of its evidence.
    pub(crate) fn around(&self, finding: &Finding) -> Option<Sequence> {
        let OfScenario { steps, audit } = self.by_scenario.get(&finding.scenario)?;
        let of_steps = evidence(steps, finding);
        let of_audit = evidence(audit, finding);
        let shown = match (of_steps.is_empty(), of_audit.is_empty()) {
            (true, true) => return None,
            // The audit reads what the last steps left.
            (true, false) => selection(steps, &[steps.len()], AROUND),
            (false, _) => selection(steps, &of_steps, AROUND),
        };
        let audited = selection(audit, &of_audit, usize::MAX);
        let began = shown.iter().chain(&audited).map(|it| it.candidate.at).min()?;
        let mut actors = Vec::new();
        let mut exchange = |shown: Shown<'_, '_>| {
            let candidate = shown.candidate;
            let name = candidate.actor.as_str();
            let known = actors.iter().position(|actor| actor == name);
            Exchange {
                at_us: (candidate.at - began).get() / 1_000,
                actor: known.unwrap_or_else(|| {
                    actors.push(name.to_owned());
                    actors.len() - 1
                }),
                direction: candidate.direction,
                text: text::shortened(&text::brief_ids(&candidate.content.text())),
                is_evidence: finding.evidence.contains(&candidate.seq),
                omitted: shown.omitted,
            }
        };
        let exchanges = shown.into_iter().map(&mut exchange).collect();
        let audit = audited.into_iter().map(&mut exchange).collect();
        Some(Sequence { actors, exchanges, audit })
    }
}

/// An exchange that is shown.
struct Shown<'c, 'h> {
    candidate: &'c Candidate<'h>,
    /// Number of exchanges omitted before it.
    omitted: usize,
}

/// The positions of the evidence of a finding.
fn evidence(candidates: &[Candidate<'_>], finding: &Finding) -> Vec<usize> {
    let is_evidence = |position: &usize| finding.evidence.contains(&candidates[*position].seq);
    (0..candidates.len()).filter(is_evidence).collect()
}

/// At most [`MOST`] exchanges: those at the positions of evidence, and at most `around` before and after them.
fn selection<'c, 'h>(
    candidates: &'c [Candidate<'h>],
    evidence: &[usize],
    around: usize,
) -> Vec<Shown<'c, 'h>> {
    let [Some(first), Some(last)] = [evidence.first(), evidence.last()] else {
        return Vec::new();
    };
    let is_near =
        |position: usize, reach: usize| evidence.iter().any(|it| it.abs_diff(position) <= reach);
    let end = last.saturating_add(around).saturating_add(1).min(candidates.len());
    let all = first.saturating_sub(around)..end;
    // If there are too many exchanges, those far from any evidence are omitted first.
    let mut reach = candidates.len();
    while reach > 0 && all.clone().filter(|position| is_near(*position, reach)).count() > MOST {
        reach /= 2;
    }
    let mut shown = Vec::new();
    let mut omitted = 0;
    for position in all {
        if !is_near(position, reach) || shown.len() == MOST {
            omitted += 1;
            continue;
        }
        let candidate = &candidates[position];
        shown.push(Shown { candidate, omitted: std::mem::take(&mut omitted) });
    }
    shown
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;

    const HISTORY: &str = r#"
        alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
        bob@r1 open
        alice messages.send {"room": "$r1", "content": "hello"} => 201 @message {"id": "$m1"}
        bob@r1 <- @typing {"user_id": 1}
        "#;

    fn finding(evidence: Vec<u64>) -> Finding {
        Finding {
            variant: "cause".to_owned(),
            expected: "this".to_owned(),
            actual: "that".to_owned(),
            count: 1,
            scenario: "test".into(),
            evidence,
            ..Finding::default()
        }
    }

    fn sequence(text: &str, evidence: impl Fn(&History) -> u64) -> Option<Sequence> {
        let history = dsl::parse(text).unwrap();
        let finding = finding(vec![evidence(&history)]);
        Exchanges::of(&history, &[&finding]).around(&finding)
    }

    #[test]
    fn exchanges_are_in_order_and_mark_the_evidence() {
        let sequence = sequence(HISTORY, |history| history.calls[1].seq).unwrap();
        assert_eq!(sequence.actors, ["alice", "bob"]);
        let of_send: Vec<_> =
            sequence.exchanges.iter().filter(|exchange| exchange.is_evidence).collect();
        assert_eq!(of_send.len(), 2, "{sequence:#?}");
        assert_eq!(of_send[0].direction, Direction::ToTarget);
        assert!(
            of_send[0].text.starts_with("messages.send content \"hello\", room"),
            "{of_send:?}"
        );
        assert!(of_send[1].text.starts_with("201 "), "{}", of_send[1].text);
        assert!(sequence.exchanges.is_sorted_by_key(|exchange| exchange.at_us));
        let last = sequence.exchanges.last().unwrap();
        assert!(last.text.starts_with("typing, user_id 1"), "{}", last.text);
    }

    #[test]
    fn exchanges_far_from_evidence_are_omitted_and_counted() {
        let many = "alice rooms.get $r1 => 404 @error\n".repeat(100);
        let history = dsl::parse(&format!("{HISTORY}\n{many}")).unwrap();
        let ends = [history.calls[0].seq, history.calls.last().unwrap().seq];
        let finding = finding(ends.to_vec());
        let sequence = Exchanges::of(&history, &[&finding]).around(&finding).unwrap();
        assert!(sequence.exchanges.len() <= MOST);
        assert_eq!(sequence.exchanges.iter().filter(|exchange| exchange.is_evidence).count(), 4);
        let omitted: usize = sequence.exchanges.iter().map(|exchange| exchange.omitted).sum();
        assert!(omitted > 100, "{omitted}");
    }

    #[test]
    fn exchanges_of_the_audit_are_apart_from_those_of_the_steps() {
        let audit = "alice rooms.get $r1 => 200 @room {\"id\": \"$r1\"}\n".repeat(3);
        let mut history = dsl::parse(&format!("{HISTORY}\n{audit}")).unwrap();
        let first = history.calls.len() - 3;
        history.audits.insert("test".into(), history.calls[first].invoked);
        let shown = finding(vec![history.calls[first + 1].seq]);
        let sequence = Exchanges::of(&history, &[&shown]).around(&shown).unwrap();
        assert_eq!(sequence.exchanges.len(), AROUND);
        assert!(sequence.exchanges.iter().all(|exchange| !exchange.is_evidence));
        assert_eq!(sequence.audit.len(), 6);
        assert_eq!(sequence.audit.iter().filter(|exchange| exchange.is_evidence).count(), 2);
        let of_steps = finding(vec![history.calls[1].seq]);
        let sequence = Exchanges::of(&history, &[&of_steps]).around(&of_steps).unwrap();
        assert_eq!(sequence.audit, []);
    }

    #[test]
    fn a_finding_without_evidence_has_no_sequence() {
        assert_eq!(sequence(HISTORY, |_| 9_999), None);
    }
}
