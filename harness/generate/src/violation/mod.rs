//! Values that violate one keyword of a schema at one place.

mod scalar;

use serde_json::{Value, json};

use crate::schema::{Member, ValueSchema};
use crate::valid::{distinct, interleaved, items, simplest, with};

/// A part of a request, and values of the request that are invalid in this part only.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// JSON Pointer; items of an array are `*`.
    pub(crate) pointer: String,
    /// The violated keyword.
    pub(crate) keyword: &'static str,
    /// Invalid values, the most useful first.
    pub(crate) values: Vec<Value>,
}

impl Site {
    fn new(keyword: &'static str, values: Vec<Value>) -> Self {
        Self { pointer: String::new(), keyword, values }
    }

    /// The same site as a part of the enclosing value.
    fn lifted(self, step: &str, lift: impl Fn(Value) -> Value) -> Self {
        Self {
            pointer: format!("/{step}{}", self.pointer),
            keyword: self.keyword,
            values: self.values.into_iter().map(lift).collect(),
        }
    }
}

/// Every part and keyword of a schema that can be violated alone.
pub(crate) fn sites(schema: &ValueSchema) -> Vec<Site> {
    let mut sites = vec![Site::new("type", scalar::of_other_types(schema))];
    match schema {
        ValueSchema::Object(members) => {
            let required = members.iter().filter(|member| member.required);
            sites.extend(required.map(|left_out| Site {
                pointer: format!("/{}", left_out.name),
                keyword: "required",
                values: vec![without(members, left_out)],
            }));
            for member in members {
                let lift = |value| with(members, member, value);
                let inner = self::sites(&member.schema).into_iter();
                sites.extend(inner.map(|site| site.lifted(&member.name, lift)));
            }
        }
        ValueSchema::Array { items: item, minimum, maximum } => {
            if let Some(fewer) = minimum.checked_sub(1) {
                sites.push(Site::new("minItems", vec![Value::Array(items(schema, fewer))]));
            }
            if let Some(most) = maximum {
                sites.push(Site::new("maxItems", vec![Value::Array(items(schema, most + 1))]));
            }
            // After a valid item, if more than one item is allowed.
            let lift = |value| match maximum {
                Some(1) => json!([value]),
                _ => json!([simplest(item), value]),
            };
            sites.extend(self::sites(item).into_iter().map(|site| site.lifted("*", lift)));
        }
        ValueSchema::Text { minimum, .. } if *minimum > 0 => {
            sites.push(Site::new("minLength", vec![json!("")]));
        }
        ValueSchema::Enumeration(words) => {
            sites.push(Site::new("enum", scalar::unknown_words(words)))
        }
        ValueSchema::Uuid => sites.push(Site::new("format", scalar::invalid_uuids())),
        ValueSchema::DateTime => sites.push(Site::new("format", scalar::invalid_date_times())),
        ValueSchema::Reference { format, .. } => {
            sites.extend(self::sites(format).into_iter().skip(1));
            // Well-formed ids of nothing.
            let unknown = match **format {
                ValueSchema::Uuid => vec![json!("{unknown.uuid}")],
                ValueSchema::Integer => vec![
                    json!("{unknown.number}"),
                    json!(i64::MAX),
                    json!(0),
                    json!(u64::MAX),
                    json!(-1),
                ],
                _ => Vec::new(),
            };
            sites.push(Site::new("reference", unknown));
        }
        ValueSchema::Nullable(schema) => sites.extend(self::sites(schema).into_iter().skip(1)),
        ValueSchema::Text { .. } | ValueSchema::Integer | ValueSchema::Boolean => {}
    }
    non_empty(sites)
}

/// The invalid values of all sites in turn.
pub(crate) fn values(schemas: &[ValueSchema]) -> Vec<Value> {
    let sites = schemas.iter().flat_map(sites);
    distinct(interleaved(sites.map(|site| site.values).collect()))
}

fn non_empty(mut sites: Vec<Site>) -> Vec<Site> {
    sites.retain(|site| !site.values.is_empty());
    sites
}

/// The simplest object without one of its members.
fn without(members: &[Member], left_out: &Member) -> Value {
    let mut object = simplest(&ValueSchema::Object(members.to_vec()));
    if let Some(object) = object.as_object_mut() {
        object.shift_remove(&left_out.name);
    }
    object
}
