//! Random values that fit a shape.

use hearback_scenarios::template::placeholders;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::{BoxedStrategy, Union};
use proptest::{bool, char, collection, prop_oneof, sample};
use serde_json::{Map, Value, json};

use super::simplest;
use crate::shape::Shape;
use crate::text::{self, SAMPLES};

/// Pieces that a random text is made of, at most.
const MOST_PIECES: usize = 12;

/// Values that fit; the simplest come first to who shrinks them.
pub(crate) fn strategy(shape: &Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Object(members) => {
            let each: Vec<_> = members
                .iter()
                .map(|member| {
                    let name = member.name.clone();
                    let always = member.given;
                    (strategy(&member.shape), bool::ANY).prop_map(move |(value, given)| {
                        (always || given).then(|| (name.clone(), value))
                    })
                })
                .collect();
            each.prop_map(|members| {
                Value::Object(members.into_iter().flatten().collect::<Map<_, _>>())
            })
            .boxed()
        }
        Shape::Array { items, minimum, maximum } => {
            let most = maximum.unwrap_or(minimum + 2);
            // Nobody is named twice: that may be refused (create-response-members).
            collection::vec(strategy(items), *minimum..=most)
                .prop_map(|items| Value::Array(super::distinct(items)))
                .boxed()
        }
        Shape::Text { prefix, .. } => {
            let prefix = *prefix;
            texts().prop_map(move |text| json!(format!("{prefix}{text}"))).boxed()
        }
        Shape::Word(words) => sample::select(words.clone()).boxed(),
        Shape::Boolean => sample::select(vec![json!(true), json!(false)]).boxed(),
        Shape::Live { placeholders, .. } if !placeholders.is_empty() => {
            sample::select(placeholders.clone()).boxed()
        }
        Shape::Nullable(shape) => prop_oneof![4 => strategy(shape), 1 => Just(Value::Null)].boxed(),
        Shape::DateTime => (2_030..2_100_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, -12..=14_i8)
            .prop_map(|(year, month, day, hour, zone)| {
                json!(format!("{year}-{month:02}-{day:02}T{hour:02}:00:00{zone:+03}:00"))
            })
            .boxed(),
        Shape::Uuid | Shape::Integer | Shape::Live { .. } => Just(simplest(shape)).boxed(),
    }
}

/// Texts of pieces that hurt and of characters from everywhere.
fn texts() -> impl Strategy<Value = String> {
    let anywhere = Union::new([
        char::range(' ', '~'),
        char::range('\u{A1}', '\u{2FF}'),
        char::range('\u{300}', '\u{36F}'),
        char::range('\u{590}', '\u{6FF}'),
        char::range('\u{2000}', '\u{206F}'),
        char::range('\u{3040}', '\u{30FF}'),
        char::range('\u{AC00}', '\u{D7A3}'),
        char::range('\u{1F300}', '\u{1FAFF}'),
        char::range('\u{10000}', '\u{10FFFD}'),
    ]);
    let piece = prop_oneof![
        collection::vec(anywhere, 1..20).prop_map(String::from_iter),
        sample::select(SAMPLES).prop_map(str::to_owned),
        (1..600_usize).prop_map(text::of_length),
    ];
    collection::vec(piece, 1..=MOST_PIECES)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("blank, or a placeholder of the scenario language", |text| {
            !text.trim().is_empty() && placeholders(text).next().is_none()
        })
}
