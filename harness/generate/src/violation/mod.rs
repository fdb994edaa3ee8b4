//! Values that break one keyword of a schema at one place.

mod scalar;

use serde_json::{Value, json};

use crate::shape::{Member, Shape};
use crate::valid::{distinct, interleaved, items, simplest, with};

/// A place of a request, and values of the whole that are wrong there and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// JSON Pointer; items of an array are `*`.
    pub(crate) pointer: String,
    /// The keyword that is broken.
    pub(crate) keyword: &'static str,
    /// Values that do not fit, the most telling in front.
    pub(crate) values: Vec<Value>,
}

impl Site {
    fn new(keyword: &'static str, values: Vec<Value>) -> Self {
        Self { pointer: String::new(), keyword, values }
    }

    /// The site as one of what it is a part of.
    fn lifted(self, step: &str, lift: impl Fn(Value) -> Value) -> Self {
        Self {
            pointer: format!("/{step}{}", self.pointer),
            keyword: self.keyword,
            values: self.values.into_iter().map(lift).collect(),
        }
    }
}

/// Every place and keyword of a shape that can be broken alone.
pub(crate) fn sites(shape: &Shape) -> Vec<Site> {
    let mut sites = vec![Site::new("type", scalar::of_other_types(shape))];
    match shape {
        Shape::Object(members) => {
            let required = members.iter().filter(|member| member.required);
            sites.extend(required.map(|left_out| Site {
                pointer: format!("/{}", left_out.name),
                keyword: "required",
                values: vec![without(members, left_out)],
            }));
            for member in members {
                let lift = |value| with(members, member, value);
                let inner = self::sites(&member.shape).into_iter();
                sites.extend(inner.map(|site| site.lifted(&member.name, lift)));
            }
        }
        Shape::Array { items: item, minimum, maximum } => {
            if let Some(fewer) = minimum.checked_sub(1) {
                sites.push(Site::new("minItems", vec![Value::Array(items(shape, fewer))]));
            }
            if let Some(most) = maximum {
                sites.push(Site::new("maxItems", vec![Value::Array(items(shape, most + 1))]));
            }
            // Beside what fits, where there may be something beside it.
            let lift = |value| match maximum {
                Some(1) => json!([value]),
                _ => json!([simplest(item), value]),
            };
            sites.extend(self::sites(item).into_iter().map(|site| site.lifted("*", lift)));
        }
        Shape::Text { minimum, .. } if *minimum > 0 => {
            sites.push(Site::new("minLength", vec![json!("")]));
        }
        Shape::Word(words) => sites.push(Site::new("enum", scalar::no_words(words))),
        Shape::Uuid => sites.push(Site::new("format", scalar::no_uuids())),
        Shape::DateTime => sites.push(Site::new("format", scalar::no_date_times())),
        Shape::Live { format, .. } => {
            sites.extend(self::sites(format).into_iter().skip(1));
            // Well-formed, and nothing's.
            let nobody = match **format {
                Shape::Uuid => vec![json!("{unknown.uuid}")],
                Shape::Integer => vec![
                    json!("{unknown.number}"),
                    json!(i64::MAX),
                    json!(0),
                    json!(u64::MAX),
                    json!(-1),
                ],
                _ => Vec::new(),
            };
            sites.push(Site::new("reference", nobody));
        }
        Shape::Nullable(shape) => sites.extend(self::sites(shape).into_iter().skip(1)),
        Shape::Text { .. } | Shape::Integer | Shape::Boolean => {}
    }
    non_empty(sites)
}

/// The wrong values of all sites, those of each in turn.
pub(crate) fn values(shapes: &[Shape]) -> Vec<Value> {
    let sites = shapes.iter().flat_map(sites);
    distinct(interleaved(sites.map(|site| site.values).collect()))
}

fn non_empty(mut sites: Vec<Site>) -> Vec<Site> {
    sites.retain(|site| !site.values.is_empty());
    sites
}

/// The simplest object, one of its members left out.
fn without(members: &[Member], left_out: &Member) -> Value {
    let mut object = simplest(&Shape::Object(members.to_vec()));
    if let Some(object) = object.as_object_mut() {
        object.shift_remove(&left_out.name);
    }
    object
}
