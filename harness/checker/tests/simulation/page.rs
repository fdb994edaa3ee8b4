//! Pages of items.

use serde_json::{Value, json};

use super::server::Request;

/// Returns the requested page of the items, with its links.
pub(crate) fn envelope(items: Vec<Value>, request: &Request) -> Value {
    let number = |name: &str, default: usize| {
        let mut pairs = request.query.iter();
        let value = pairs.find(|(key, _)| key == name).map(|(_, value)| value.parse().ok());
        value.flatten().unwrap_or(default)
    };
    let (page, size) = (number("page", 1), number("page_size", 50));
    let count = items.len();
    let link = |page: usize| {
        let kept = request.query.iter().filter(|(name, _)| name != "page");
        let query: String = kept.map(|(name, value)| format!("&{name}={value}")).collect();
        format!("http://target.test/api{}?page={page}{query}", request.operation.spec().path)
    };
    json!({
        "count": count,
        "next": (page * size < count).then(|| link(page + 1)),
        "previous": (page > 1).then(|| link(page - 1)),
        "results": items.into_iter().skip((page - 1) * size).take(size).collect::<Vec<_>>(),
    })
}
