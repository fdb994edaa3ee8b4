//! Random valid values.

use hearback_scenarios::template::placeholders;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::{BoxedStrategy, Union};
use proptest::{bool, char, collection, prop_oneof, sample};
use serde_json::{Map, Value, json};

use super::boundary::{distinct, simplest};
use crate::schema::ValueSchema;
use crate::text::{self, SAMPLES};

/// The maximum number of pieces of a random text.
const MAX_PIECES: usize = 12;

/// A strategy for valid values that shrinks to the simplest one.
pub(crate) fn strategy(schema: &ValueSchema) -> BoxedStrategy<Value> {
    match schema {
        ValueSchema::Object(members) => {
            let each: Vec<_> = members
                .iter()
                .map(|member| {
                    let name = member.name.clone();
                    let always = member.given;
                    (strategy(&member.schema), bool::ANY).prop_map(move |(value, given)| {
                        (always || given).then(|| (name.clone(), value))
                    })
                })
                .collect();
            each.prop_map(|members| {
                Value::Object(members.into_iter().flatten().collect::<Map<_, _>>())
            })
            .boxed()
        }
        ValueSchema::Array { items, minimum, maximum } => {
            let most = maximum.unwrap_or(minimum + 2);
            // Duplicates may be rejected (ambiguity `create-response-members`).
            collection::vec(strategy(items), *minimum..=most)
                .prop_map(|items| Value::Array(distinct(items)))
                .boxed()
        }
        ValueSchema::Text { prefix, .. } => {
            let prefix = *prefix;
            texts().prop_map(move |text| json!(format!("{prefix}{text}"))).boxed()
        }
        ValueSchema::Enumeration(words) => sample::select(words.clone()).boxed(),
        ValueSchema::Boolean => sample::select(vec![json!(true), json!(false)]).boxed(),
        ValueSchema::Reference { placeholders, .. } if !placeholders.is_empty() => {
            sample::select(placeholders.clone()).boxed()
        }
        ValueSchema::Nullable(schema) => {
            prop_oneof![4 => strategy(schema), 1 => Just(Value::Null)].boxed()
        }
        ValueSchema::DateTime => (2_030..2_100_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, -12..=14_i8)
            .prop_map(|(year, month, day, hour, zone)| {
                json!(format!("{year}-{month:02}-{day:02}T{hour:02}:00:00{zone:+03}:00"))
            })
            .boxed(),
        ValueSchema::Uuid | ValueSchema::Integer | ValueSchema::Reference { .. } => {
            Just(simplest(schema)).boxed()
        }
    }
}

/// Texts of samples and of characters from many scripts.
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
    collection::vec(piece, 1..=MAX_PIECES)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("blank, or a placeholder of the scenario language", |text| {
            !text.trim().is_empty() && placeholders(text).next().is_none()
        })
}
