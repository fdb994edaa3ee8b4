//! The template engine of all pages and pictures.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value, escape_formatter};

use crate::shown::{shown, shown_command};

/// The base of every page: the head, the verdict, and the colors of light and dark mode.
const PAGE: &str = include_str!("page.html.jinja");

/// Renders the first of some templates, which extends the page and may include the others.
///
/// Every text is escaped, first hidden characters, then HTML, unless it is marked as safe.
pub(crate) fn fill<const N: usize>(templates: [(&str, &str); N], page: Value) -> String {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    let mut environment = Environment::new();
    environment.set_syntax(syntax.build().expect("the delimiters are valid"));
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.add_filter("brief", |text: &str| shown(text));
    environment.add_filter("prose", prose);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            escape_formatter(out, state, &Value::from(shown_command(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    // The template engine escapes HTML because of the extension of the names.
    for (name, text) in templates.iter().copied().chain([("page.html", PAGE)]) {
        environment.add_template(name, text).expect("the template is part of this crate");
    }
    let (first, _) = templates[0];
    let template = environment.get_template(first).expect("the template was added");
    template.render(page).expect("the template fits the results")
}

/// A sentence in which code stands between backticks.
fn prose(text: &str) -> Value {
    let text = shown(text);
    let mut parts = text.split('`');
    let mut html = escaped(parts.next().unwrap_or_default());
    while let Some(code) = parts.next() {
        match parts.next() {
            Some(after) => html += &format!("<code>{}</code>{}", escaped(code), escaped(after)),
            None => html += &format!("`{}", escaped(code)),
        }
    }
    Value::from_safe_string(html)
}

/// A text as HTML, as the template engine escapes it.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).replace("&apos;", "&#x27;").replace('/', "&#x2f;")
}
