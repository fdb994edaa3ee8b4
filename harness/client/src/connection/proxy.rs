//! The choice of a proxy, the same for REST and sockets.

use std::sync::Arc;

use hearback_history::escape::escape;
use hearback_history::{RecordedProxy, Recorder};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_tungstenite::tungstenite::http::Uri;
use url::{Host, Url};

use super::settings::ConnectionError;

/// The proxies of a connection.
#[derive(Clone)]
pub(super) struct Proxies {
    matcher: Arc<Matcher>,
    /// The proxy of the settings; it is used for every host.
    given: Option<Given>,
}

/// A proxy of the settings.
#[derive(Clone)]
struct Given {
    /// With credentials.
    url: SecretString,
    password: Option<SecretString>,
    recorded: RecordedProxy,
}

/// A proxy that is used for a URL.
pub(crate) struct Proxy(Intercept);

impl Proxies {
    /// The proxy variables of the environment.
    pub(super) fn environment() -> Self {
        Self { matcher: Arc::new(Matcher::from_env()), given: None }
    }

    /// One proxy for every host.
    pub(super) fn explicit(url: &SecretString) -> Result<Self, ConnectionError> {
        let text = url.expose_secret().trim();
        let text = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let invalid = |reason: String| ConnectionError::Proxy(reason);
        let url = Url::parse(&text).map_err(|_| {
            invalid("write it as http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT".into())
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            let scheme = escape(url.scheme(), 20);
            return Err(invalid(format!("unsupported scheme `{scheme}`; use http or https")));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it must end after the port".into()));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let matcher = Matcher::builder().all(text.as_str()).build();
        // curl's default port.
        let default_port = if url.scheme() == "https" { 443 } else { 80 };
        let recorded = RecordedProxy {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port().unwrap_or(default_port),
            user: (!url.username().is_empty()).then(|| decoded(url.username())),
        };
        let password = url.password().map(|password| SecretString::from(decoded(password)));
        let given = Given { url: text.into(), password, recorded };
        Ok(Self { matcher: Arc::new(matcher), given: Some(given) })
    }

    /// The proxy for a URL. Variables do not apply to loopback hosts, which another machine cannot reach.
    pub(super) fn of(&self, url: &Url) -> Option<Proxy> {
        if self.given.is_none() && is_loopback(url) {
            return None;
        }
        let scheme = match url.scheme() {
            "ws" => "http",
            "wss" => "https",
            scheme => scheme,
        };
        let port = url.port_or_known_default()?;
        let uri: Uri = format!("{scheme}://{}:{port}/", url.host_str()?).parse().ok()?;
        self.matcher.intercept(&uri).map(Proxy)
    }

    /// Has the HTTP client make the same choice for `url`.
    pub(super) fn configure(
        &self,
        http: reqwest::ClientBuilder,
        url: &Url,
    ) -> reqwest::Result<reqwest::ClientBuilder> {
        Ok(match &self.given {
            Some(given) => http.proxy(reqwest::Proxy::all(given.url.expose_secret())?),
            None if is_loopback(url) => http.no_proxy(),
            None => http,
        })
    }

    pub(super) fn recorded(&self) -> Option<RecordedProxy> {
        self.given.as_ref().map(|given| given.recorded.clone())
    }

    pub(super) fn register(&self, recorder: &Recorder) {
        if let Some(password) = self.given.as_ref().and_then(|given| given.password.as_ref()) {
            recorder.register_secret(password.expose_secret(), "password of --proxy");
        }
    }
}

impl Proxy {
    /// Its URL without credentials.
    pub(crate) fn url(&self) -> String {
        self.0.uri().to_string().trim_end_matches('/').to_owned()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> (String, u16) {
        let uri = self.0.uri();
        let default = if self.is_encrypted() { 443 } else { 80 };
        (uri.host().unwrap_or_default().to_owned(), uri.port_u16().unwrap_or(default))
    }

    /// Returns whether it speaks HTTP; others are not supported.
    pub(crate) fn is_supported(&self) -> bool {
        matches!(self.0.uri().scheme_str(), Some("http" | "https"))
    }

    /// Returns whether the connection to it is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.uri().scheme_str() == Some("https")
    }

    /// The `Proxy-Authorization` header.
    pub(super) fn credentials(&self) -> Option<&str> {
        self.0.basic_auth().and_then(|value| value.to_str().ok())
    }

    pub(super) fn is_loopback(&self) -> bool {
        Host::parse(&self.address().0).is_ok_and(|host| is_loopback_host(&host))
    }
}

/// Returns whether the host of a URL is a loopback address or `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

fn is_loopback_host(host: &Host<impl AsRef<str>>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref().trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Result<Proxies, ConnectionError> {
        Proxies::explicit(&text.into())
    }

    #[test]
    fn a_given_proxy_is_used_for_every_host_and_its_password_is_not_recorded() {
        let proxies = given("me:p%40ss@proxy.example:3128").unwrap();
        let proxy = proxies.of(&"ws://127.0.0.1:9/ws".parse().unwrap()).unwrap();
        assert_eq!(proxy.address(), ("proxy.example".to_owned(), 3128));
        assert_eq!(proxy.credentials(), Some("Basic bWU6cEBzcw=="));
        assert_eq!(proxy.url(), "http://proxy.example:3128");
        assert!(!proxy.is_loopback());
        let recorded = proxies.recorded().unwrap();
        assert_eq!((recorded.user.as_deref(), recorded.port), (Some("me"), 3128));
        assert!(!format!("{recorded:?}").contains("p@ss"));
    }

    #[test]
    fn invalid_proxies_are_rejected_without_their_password() {
        for text in ["socks5://me:hunter2@h:1", "http://me:hunter2@h/path", "http://me:hunter2@:1"]
        {
            let Err(error) = given(text) else { panic!("{text} is accepted") };
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
