//! The layout of a sequence diagram.
//!
//! The lifeline of the target is on the left, so that all texts begin in the same column. The lifelines of the
//! actors are to the right of it, and each exchange is an arrow between the two.

use hearback_results::Sequence;
use hearback_results::sequence::Direction;
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
/// Maximum length of an actor, in characters.
const LONGEST_NAME: usize = 24;
/// Maximum length of a text, in characters.
const LONGEST_TEXT: usize = 73;

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
pub(crate) fn layout(sequence: &Sequence) -> Value {
    let count = sequence.actors.len().max(1);
    let lane = |actor: usize| TARGET + (WIDTH - TARGET - 40) * (actor + 1) / count;
    let lanes: Vec<_> = sequence
        .actors
        .iter()
        .enumerate()
        .map(|(actor, name)| Lane { x: lane(actor), name: escape(name, LONGEST_NAME) })
        .collect();
    let mut y = HEAD + 4;
    let arrows: Vec<_> = sequence
        .exchanges
        .iter()
        .map(|exchange| {
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
                omitted,
            }
        })
        .collect();
    let height = y + 12;
    context! {
        width => WIDTH,
        height,
        head => HEAD,
        target => TARGET,
        text_x => TARGET + 8,
        lanes => Serde(lanes),
        arrows => Serde(arrows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearback_results::sequence::Exchange;

    #[test]
    fn arrows_do_not_overlap_and_connect_the_target_and_the_actor() {
        let exchange = |actor, direction, omitted| Exchange {
            at_us: 1_250,
            actor,
            direction,
            text: "typing".to_owned(),
            is_evidence: actor == 1,
            omitted,
        };
        let sequence = Sequence {
            actors: vec!["alice".to_owned(), "bob".to_owned()],
            exchanges: vec![
                exchange(0, Direction::ToTarget, 0),
                exchange(1, Direction::FromTarget, 7),
            ],
        };
        let layout = layout(&sequence);
        let at = |path: &[&str], index: usize| {
            let arrows = layout.get_attr("arrows").unwrap();
            let arrow = arrows.get_item(&Value::from(index)).unwrap();
            path.iter().fold(arrow, |value, name| value.get_attr(name).unwrap())
        };
        let number = |value: Value| usize::try_from(value).unwrap();
        assert_eq!(number(at(&["to"], 0)), TARGET);
        assert_eq!(number(at(&["from"], 1)), TARGET);
        assert_eq!(number(at(&["to"], 1)), WIDTH - 40);
        assert_eq!(number(at(&["y"], 1)) - number(at(&["y"], 0)), ROW + GAP);
        assert_eq!(at(&["omitted", "count"], 1), Value::from(7));
        assert_eq!(at(&["time"], 1).as_str(), Some("1.2 ms"));
        assert_eq!(at(&["class"], 1).as_str(), Some("evidence"));
    }
}
