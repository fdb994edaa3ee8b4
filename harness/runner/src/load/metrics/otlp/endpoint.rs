//! The receiver of OTLP, as the options and the environment describe it.

use std::fmt;

use hearback_config::variable::Environment;
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// Variables with headers for the receiver; those of the second replace those of the first.
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"];

/// Path of metrics at a receiver.
const PATH: &str = "/v1/metrics";

/// A receiver of OTLP over HTTP. It is shown without credentials, query and headers.
#[derive(Clone)]
pub struct OtlpEndpoint {
    /// With credentials.
    url: Url,
    headers: HeaderMap,
}

/// A description of a receiver that is not valid. It quotes no secret.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OtlpError {
    /// The URL is invalid.
    #[error("invalid URL of the OTLP receiver: {0}")]
    #[diagnostic(help("a receiver on this machine is http://localhost:4318"))]
    Url(url::ParseError),
    /// The URL has another scheme.
    #[error("the scheme of the OTLP receiver is `{0}`; only http and https are supported")]
    #[diagnostic(help("use the port for OTLP over HTTP, usually 4318, not that for gRPC"))]
    Scheme(String),
    /// A variable with headers is invalid.
    #[error("entry {number} of {variable} is not a header")]
    #[diagnostic(help(
        "separate headers by commas, as in `authorization=Bearer%20TOKEN,tenant=chat`"
    ))]
    Headers {
        /// Name of the variable.
        variable: &'static str,
        /// Number of the entry, from 1.
        number: usize,
    },
    /// No client can be built.
    #[error("cannot build the client for OTLP")]
    Client(#[source] reqwest::Error),
}

impl OtlpEndpoint {
    /// The receiver at a base URL, or at the URL of its metrics, with the headers that the environment names.
    ///
    /// # Errors
    /// If the URL or a variable is invalid.
    pub fn new(url: &SecretString, environment: &dyn Environment) -> Result<Self, OtlpError> {
        let mut url = Url::parse(url.expose_secret()).map_err(OtlpError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OtlpError::Scheme(url.scheme().to_owned()));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let base = path.strip_suffix(PATH).unwrap_or(&path);
        url.set_path(&format!("{base}{PATH}"));
        url.set_fragment(None);
        let mut headers = HeaderMap::new();
        for variable in HEADERS {
            let text = environment.value(variable).unwrap_or_default();
            let entries = text.split(',').map(str::trim).enumerate();
            for (index, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
                let number = index + 1;
                let (name, value) = header(entry).ok_or(OtlpError::Headers { variable, number })?;
                headers.insert(name, value);
            }
        }
        Ok(Self { url, headers })
    }

    /// The URL of requests, with credentials.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Headers of requests.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// The URL of requests, without credentials and query.
impl fmt::Display for OtlpEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        // A URL with a host can have a user.
        let _changed = shown.set_username("").and_then(|()| shown.set_password(None));
        shown.fmt(formatter)
    }
}

impl fmt::Debug for OtlpEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("OtlpEndpoint").field(&self.to_string()).finish()
    }
}

/// A header, from `name=value` with percent encoding.
fn header(entry: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = entry.split_once('=')?;
    let name = name.trim().parse().ok()?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn endpoint(url: &str, headers: &[(&str, &str)]) -> Result<OtlpEndpoint, OtlpError> {
        let environment: HashMap<&str, &str> = headers.iter().copied().collect();
        OtlpEndpoint::new(&url.to_owned().into(), &environment)
    }

    #[test]
    fn the_path_of_metrics_is_added_once() {
        for (url, expected) in [
            ("http://localhost:4318", "http://localhost:4318/v1/metrics"),
            ("https://otlp.test/", "https://otlp.test/v1/metrics"),
            ("https://otlp.test/tenant/", "https://otlp.test/tenant/v1/metrics"),
            ("https://otlp.test/tenant/v1/metrics", "https://otlp.test/tenant/v1/metrics"),
            ("https://otlp.test/?key=1", "https://otlp.test/v1/metrics?key=1"),
        ] {
            assert_eq!(endpoint(url, &[]).unwrap().url().as_str(), expected);
        }
    }

    #[test]
    fn headers_of_metrics_replace_those_of_all_signals() {
        let variables = [
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20one, tenant = chat,"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "Authorization=Bearer%20two=="),
        ];
        let endpoint = endpoint("http://localhost:4318", &variables).unwrap();
        assert_eq!(endpoint.headers()["authorization"], "Bearer two==");
        assert_eq!(endpoint.headers()["tenant"], "chat");
    }

    #[test]
    fn nothing_that_is_shown_contains_a_secret() {
        let variables = [("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")];
        let valid =
            endpoint("http://secret:secret@localhost:4318/?key=secret", &variables).unwrap();
        assert_eq!(valid.to_string(), "http://localhost:4318/v1/metrics");
        assert!(!format!("{valid:?} {:?}", valid.headers()).contains("secret"));
        for (url, header) in [
            ("secret@localhost", ""),
            ("http://secret:secret@:4318", ""),
            ("grpc://secret@localhost:4317", ""),
            ("http://localhost:4318", "secret"),
            ("http://localhost:4318", "a=1,bad name=secret"),
            ("http://localhost:4318", "a=%0Asecret"),
        ] {
            let error = endpoint(url, &[("OTEL_EXPORTER_OTLP_HEADERS", header)]).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
