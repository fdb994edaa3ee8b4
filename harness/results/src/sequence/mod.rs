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
    by_scenario: HashMap<&'h ScenarioName, Vec<Candidate<'h>>>,
}

impl<'h> Exchanges<'h> {
    /// Collects the exchanges of the scenarios of the findings.
    pub(crate) fn of(history: &'h History, findings: &[&Finding]) -> Self {
        let mut by_scenario: HashMap<&ScenarioName, Vec<Candidate>> = HashMap::new();
        let is_named =
            |scenario: &ScenarioName| findings.iter().any(|finding| finding.scenario == *scenario);
        for call in &history.calls {
            let scenario = &call.invocation.scenario;
            if is_named(scenario) {
                by_scenario.entry(scenario).or_default().extend(candidate::of_call(call));
            }
        }
        for connection in &history.connections {
            let scenario = &connection.scenario;
            if is_named(scenario) {
                by_scenario
                    .entry(scenario)
                    .or_default()
                    .extend(candidate::of_connection(connection));
            }
        }
        for expectation in &history.expectations {
            let expected = &expectation.result;
            if is_named(&expected.scenario) {
                by_scenario.entry(&expected.scenario).or_default().push(Candidate {
                    at: expectation.at,
                    actor: &expected.actor,
                    direction: Direction::Note,
                    seq: expectation.seq,
                    content: Content::Expectation(&expected.subject, expected.holds),
                });
            }
        }
        for candidates in by_scenario.values_mut() {
            candidates.sort_by_key(|candidate| (candidate.at, candidate.seq));
        }
        Self { by_scenario }
    }

    /// The exchanges around a finding; `None` if its scenario contains none of its evidence.
    pub(crate) fn around(&self, finding: &Finding) -> Option<Sequence> {
        let candidates = self.by_scenario.get(&finding.scenario)?;
        let is_evidence = |candidate: &Candidate<'_>| finding.evidence.contains(&candidate.seq);
        let positions: Vec<usize> =
            (0..candidates.len()).filter(|position| is_evidence(&candidates[*position])).collect();
        let is_near = |position: usize, reach: usize| {
            positions.iter().any(|evidence| evidence.abs_diff(position) <= reach)
        };
        let (first, last) = (*positions.first()?, *positions.last()?);
        let all = first.saturating_sub(AROUND)..candidates.len().min(last + AROUND + 1);
        // If there are too many exchanges, those far from any evidence are omitted first.
        let mut reach = all.len();
        while reach > 0 && all.clone().filter(|position| is_near(*position, reach)).count() > MOST {
            reach /= 2;
        }
        let mut sequence = Sequence { actors: Vec::new(), exchanges: Vec::new() };
        let mut began = None;
        let mut omitted = 0;
        for position in all {
            let candidate = &candidates[position];
            if !is_near(position, reach) || sequence.exchanges.len() == MOST {
                omitted += 1;
                continue;
            }
            let began = *began.get_or_insert(candidate.at);
            let name = candidate.actor.as_str();
            let known = sequence.actors.iter().position(|actor| actor == name);
            let actor = known.unwrap_or_else(|| {
                sequence.actors.push(name.to_owned());
                sequence.actors.len() - 1
            });
            sequence.exchanges.push(Exchange {
                at_us: (candidate.at - began).get() / 1_000,
                actor,
                direction: candidate.direction,
                text: text::shortened(&text::brief_ids(&candidate.content.text())),
                is_evidence: is_evidence(candidate),
                omitted: std::mem::take(&mut omitted),
            });
        }
        Some(sequence)
    }
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
    fn a_finding_without_evidence_has_no_sequence() {
        assert_eq!(sequence(HISTORY, |_| 9_999), None);
    }
}
