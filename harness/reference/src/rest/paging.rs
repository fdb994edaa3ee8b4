//! Pages of lists. Section *List Messages in Room*.

use serde::Serialize;

use super::base_url::BaseUrl;
use super::query::Query;
use crate::refusal::Refusal;
use crate::rules::Validation;
use crate::store::Window;

/// The page that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    number: i64,
    size: i64,
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Envelope<T> {
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

impl Page {
    /// Reads `page` and `page_size`.
    pub(super) fn of(query: &Query, validation: &dyn Validation) -> Result<Self, Refusal> {
        let number = positive(query, "page")?.unwrap_or(1);
        let size = validation.page_size(positive(query, "page_size")?)?;
        Ok(Self { number, size })
    }

    /// The rows of the page.
    pub(super) fn window(self) -> Window {
        Window { offset: (self.number - 1).saturating_mul(self.size), limit: self.size }
    }
}

impl<T> Envelope<T> {
    /// A page of a list with `count` items in total.
    pub(super) fn new(
        base_url: &BaseUrl,
        validation: &dyn Validation,
        query: &Query,
        page: Page,
        count: i64,
        results: Vec<T>,
    ) -> Result<Self, Refusal> {
        if results.is_empty() && page.number > 1 {
            validation.check_page(page.number)?;
        }
        let link =
            |number: i64| format!("{}{}", base_url.0, query.with("page", &number.to_string()));
        let more = page.number.saturating_mul(page.size) < count;
        Ok(Self {
            count,
            next: more.then(|| link(page.number + 1)),
            previous: (page.number > 1).then(|| link(page.number - 1)),
            results,
        })
    }
}

/// A positive number; larger numbers than 64 bits hold count as the maximum.
fn positive(query: &Query, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = query.text(name) else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().unwrap_or(i64::MAX) } else { 0 };
    match number {
        0 => Err(Refusal::invalid(format!("`{name}` must be a positive number."))),
        number => Ok(Some(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn page(uri: &str) -> Result<Page, Refusal> {
        let rules = Rules::default();
        Page::of(&Query::parse(Some(&uri.parse().unwrap())), &*rules.validation)
    }

    #[test]
    fn sizes_are_capped_and_invalid_numbers_are_rejected() {
        assert_eq!(page("/?x=1").unwrap(), Page { number: 1, size: 50 });
        assert_eq!(page("/?page=3&page_size=500").unwrap(), Page { number: 3, size: 100 });
        let far = page("/?page=99999999999999999999").unwrap();
        assert_eq!(far.window().offset, i64::MAX);
        for uri in ["/?page=0", "/?page=-1", "/?page=x", "/?page=", "/?page_size=0"] {
            page(uri).unwrap_err();
        }
    }
}
