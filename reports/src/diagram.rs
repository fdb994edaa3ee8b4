//! Where the lines and texts of a sequence diagram stand.
//!
//! The target's line is on the left, so that all texts begin in one column and can be read down; the
//! actors' lines are to the right of it, and each exchange is an arrow between the two.

use hearback_results::Sequence;
use hearback_results::sequence::Direction;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use crate::escape::shown;

/// Its template, a part of the page's.
pub(crate) const TEMPLATE: &str = include_str!("diagram.html.jinja");

/// Lengths in the units of the drawing.
const WIDTH: usize = 920;
const TARGET: usize = 92;
const HEAD: usize = 24;
const ROW: usize = 26;
const GAP: usize = 20;
/// How far above its arrow a text stands.
const LIFT: usize = 5;
/// The longest name at the head of a line, in characters.
const LONGEST_NAME: usize = 24;

#[derive(Serialize)]
struct Row {
    /// Where the arrow is.
    y: usize,
    text_y: usize,
    time: String,
    from: usize,
    to: usize,
    class: &'static str,
    text: String,
    /// What is left out above it.
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

/// What the template draws.
pub(crate) fn layout(sequence: &Sequence) -> Value {
    let count = sequence.actors.len().max(1);
    let lane = |actor: usize| TARGET + (WIDTH - TARGET - 40) * (actor + 1) / count;
    let lanes: Vec<_> = sequence
        .actors
        .iter()
        .enumerate()
        .map(|(actor, name)| Lane { x: lane(actor), name: shown(name, LONGEST_NAME) })
        .collect();
    let mut y = HEAD + 4;
    let rows: Vec<_> = sequence
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
            Row {
                y,
                text_y: y - LIFT,
                time: format!("{}.{} ms", exchange.at_us / 1_000, exchange.at_us / 100 % 10),
                from,
                to,
                class: if exchange.is_evidence { "evidence" } else { "context" },
                text: exchange.text.clone(),
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
        rows => Serde(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearback_results::sequence::Exchange;

    #[test]
    fn rows_do_not_overlap_and_arrows_join_the_target_and_the_actor() {
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
        let at = |path: &[&str], row: usize| {
            let row = layout.get_attr("rows").unwrap().get_item(&Value::from(row)).unwrap();
            path.iter().fold(row, |value, name| value.get_attr(name).unwrap())
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
