//! The layout of a sequence diagram.
//!
//! The lifeline of the target is on the left, so that all texts begin in the same column. The lifelines of the
//! actors are to the right of it, and each exchange is an arrow between the two.

use hearback_results::Sequence;
use hearback_results::sequence::{Direction, Exchange};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use hearback_history::escape::escape;

/// The template, which the report includes.
pub(crate) const TEMPLATE: &str = include_str!("diagram.html.jinja");

/// Lengths in units of the drawing.
const WIDTH: usize = 920;
const TARGET: usize = 92;
const HEAD: usize = 24;
const ROW: usize = 26;
const GAP: usize = 20;
/// Distance of a text from its arrow.
const LIFT: usize = 5;
/// Distance of a text from the lifeline of the target.
const LABEL: usize = 8;
/// Maximum length of an actor, in characters.
const LONGEST_NAME: usize = 24;
/// Maximum length of a text, in characters.
const LONGEST_TEXT: usize = 73;

/// A picture of exchanges.
#[derive(Serialize)]
struct Drawing {
    height: usize,
    lanes: Vec<Lane>,
    arrows: Vec<Arrow>,
}

/// An exchange.
#[derive(Serialize)]
struct Arrow {
    y: usize,
    text_y: usize,
    time: String,
    from: usize,
    to: usize,
    class: &'static str,
    text: String,
    /// The line above it, if it is the first one of the audit.
    audit_y: Option<usize>,
    /// The exchanges omitted above it.
    omitted: Option<Omitted>,
}

#[derive(Serialize)]
struct Omitted {
    y: usize,
    count: usize,
}

#[derive(Serialize)]
struct Lane {
    x: usize,
    name: String,
}

/// The variables of the template.
///
/// The picture contains the evidence of the audit only; a second picture, which is folded, contains all of the audit.
pub(crate) fn layout(sequence: &Sequence) -> Value {
    let evidence = sequence.audit.iter().filter(|exchange| exchange.is_evidence);
    let evidence = evidence.map(|exchange| Exchange { omitted: 0, ..exchange.clone() });
    let audited: Vec<_> = evidence.collect();
    let audit = (!sequence.audit.is_empty()).then(|| {
        let omitted: usize = sequence.audit.iter().map(|exchange| exchange.omitted).sum();
        context! {
            count => sequence.audit.len() + omitted,
            drawing => Serde(drawing(&sequence.actors, &sequence.audit, &[])),
        }
    });
    context! {
        width => WIDTH,
        head => HEAD,
        target => TARGET,
        text_x => TARGET + LABEL,
        drawing => Serde(drawing(&sequence.actors, &sequence.exchanges, &audited)),
        audit,
    }
}

/// A picture of exchanges, and of exchanges of the audit below them.
fn drawing(actors: &[String], exchanges: &[Exchange], audited: &[Exchange]) -> Drawing {
    let count = actors.len().max(1);
    let lane = |actor: usize| TARGET + (WIDTH - TARGET - 40) * (actor + 1) / count;
    let lanes = actors
        .iter()
        .enumerate()
        .map(|(actor, name)| Lane { x: lane(actor), name: escape(name, LONGEST_NAME) })
        .collect();
    let mut y = HEAD + 4;
    let arrows = exchanges
        .iter()
        .chain(audited)
        .enumerate()
        .map(|(position, exchange)| {
            let audit_y = (position == exchanges.len()).then(|| {
                y += GAP;
                y - LIFT
            });
            let omitted = (exchange.omitted > 0).then(|| {
                y += GAP;
                Omitted { y: y - LIFT, count: exchange.omitted }
            });
            y += ROW;
            let actor = lane(exchange.actor);
            let (from, to) = match exchange.direction {
                Direction::ToTarget => (actor, TARGET),
                Direction::FromTarget => (TARGET, actor),
                Direction::Note => (actor, actor),
            };
            Arrow {
                y,
                text_y: y - LIFT,
                time: format!("{}.{} ms", exchange.at_us / 1_000, exchange.at_us / 100 % 10),
                from,
                to,
                class: if exchange.is_evidence { "evidence" } else { "context" },
                text: escape(&exchange.text, LONGEST_TEXT),
                audit_y,
                omitted,
            }
        })
        .collect();
    Drawing { height: y + 12, lanes, arrows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(actor: usize, direction: Direction, omitted: usize) -> Exchange {
        Exchange {
            at_us: 1_250,
            actor,
            direction,
            text: "typing".to_owned(),
            is_evidence: actor == 1,
            omitted,
        }
    }

    fn sequence(audit: Vec<Exchange>) -> Sequence {
        Sequence {
            actors: vec!["alice".to_owned(), "bob".to_owned()],
            exchanges: vec![
                exchange(0, Direction::ToTarget, 0),
                exchange(1, Direction::FromTarget, 7),
            ],
            audit,
        }
    }

    #[test]
    fn arrows_do_not_overlap_and_connect_the_target_and_the_actor() {
        let sequence = sequence(Vec::new());
        let Drawing { arrows, lanes, .. } = drawing(&sequence.actors, &sequence.exchanges, &[]);
        assert_eq!(arrows[0].to, TARGET);
        assert_eq!((arrows[1].from, arrows[1].to), (TARGET, WIDTH - 40));
        assert_eq!(lanes[1].x, WIDTH - 40);
        assert_eq!(arrows[1].y - arrows[0].y, ROW + GAP);
        assert_eq!(arrows[1].omitted.as_ref().map(|omitted| omitted.count), Some(7));
        assert_eq!(arrows[1].time, "1.2 ms");
        assert_eq!(arrows[1].class, "evidence");
        assert!(layout(&sequence).get_attr("audit").unwrap().is_none());
    }

    #[test]
    fn only_the_evidence_of_the_audit_is_below_the_steps() {
        let audit = [0, 1, 0].map(|actor| exchange(actor, Direction::FromTarget, actor * 3));
        let layout = layout(&sequence(audit.to_vec()));
        let at = |path: &str| {
            path.split('.').fold(layout.clone(), |value, name| value.get_attr(name).unwrap())
        };
        let arrows = at("drawing.arrows");
        assert_eq!(arrows.len(), Some(3));
        let last = arrows.get_item(&Value::from(2)).unwrap();
        assert!(!last.get_attr("audit_y").unwrap().is_none());
        assert_eq!(last.get_attr("class").unwrap().as_str(), Some("evidence"));
        assert_eq!(at("audit.count"), Value::from(6));
        assert_eq!(at("audit.drawing.arrows").len(), Some(3));
    }
}
