//! Connections: the content that all requests and handshakes to a target share, and their path to it.
//!
//! REST and sockets share one [`Connection`], so a target that one of them reaches is reached by both.

mod certificates;
mod headers;
mod insecure;
mod interface;
mod origin;
mod pem_file;
mod proxy;
mod race;
mod resolve;
mod self_signed;
mod settings;
mod stream;
mod tunnel;
mod user;
mod user_agent;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use hearback_history::{ConnectionOptions, Recorder};
use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, ORIGIN};
use secrecy::ExposeSecret as _;
use url::{Host, Url};

use crate::failure::Failure;
use certificates::Certificates;
use headers::Header;
use interface::Interface;
use origin::Origin;
use proxy::{Proxies, Proxy};
use resolve::Override;
use user::User;

pub use pem_file::PemFile;
pub use settings::{ConnectionError, ConnectionSettings};
pub(crate) use stream::{Transport, server_name};
pub(crate) use user_agent::USER_AGENT;

/// The content that all requests and handshakes share, and their path to the target.
#[derive(Clone)]
pub struct Connection {
    headers: Vec<Header>,
    origin: Origin,
    user: Option<User>,
    certificates: Certificates,
    proxies: Proxies,
    resolve: Vec<Override>,
    interface: Interface,
}

impl Default for Connection {
    /// A connection without settings; the proxy variables of the environment apply.
    fn default() -> Self {
        Self {
            headers: Vec::new(),
            origin: Origin::Own,
            user: None,
            certificates: Certificates::default(),
            proxies: Proxies::environment(),
            resolve: Vec::new(),
            interface: Interface::default(),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Connection").field(&self.recorded(&<_>::default())).finish()
    }
}

impl Connection {
    /// Checks settings, and reads their files.
    ///
    /// # Errors
    /// If a setting is invalid, or a file cannot be used.
    pub fn new(settings: &ConnectionSettings) -> Result<Self, ConnectionError> {
        let headers = settings.headers.iter().map(|text| Header::parse(text.expose_secret()));
        Ok(Self {
            headers: headers.collect::<Result<_, _>>()?,
            origin: settings.origin.as_deref().map_or(Ok(Origin::Own), Origin::parse)?,
            user: settings.user.as_ref().map(User::parse).transpose()?,
            certificates: Certificates::read(settings)?,
            proxies: match &settings.proxy {
                Some(url) => Proxies::explicit(url)?,
                None => Proxies::environment(),
            },
            resolve: settings
                .resolve
                .iter()
                .map(|text| Override::parse(text))
                .collect::<Result<_, _>>()?,
            interface: Interface::new(&settings.interface),
        })
    }

    /// The settings to record, without secrets.
    pub fn recorded(&self, settings: &ConnectionSettings) -> ConnectionOptions {
        let path = |file: &Option<PemFile>| file.as_ref().map(|it| it.path().display().to_string());
        ConnectionOptions {
            headers: self.headers.iter().map(Header::recorded).collect(),
            origin: self.origin.recorded(),
            user: self.user.as_ref().map(|user| user.name().to_owned()),
            cacert: path(&settings.cacert),
            cert: path(&settings.cert),
            key: path(&settings.key),
            insecure: self.certificates.accepts_all(),
            proxy: self.proxies.recorded(),
            resolve: self.resolve.iter().map(ToString::to_string).collect(),
            interface: self.interface.addresses().to_vec(),
        }
    }

    /// Returns whether handshakes carry an `Origin` header.
    pub fn sends_origin(&self) -> bool {
        !matches!(self.origin, Origin::None)
    }

    /// The same connection without an `Origin` header.
    #[must_use]
    pub fn without_origin(&self) -> Self {
        Self { origin: Origin::None, ..self.clone() }
    }

    /// The same connection with the origin of the sockets.
    #[must_use]
    pub fn with_own_origin(&self) -> Self {
        Self { origin: Origin::Own, ..self.clone() }
    }

    /// Has the recorder redact all secrets of the connection.
    pub(crate) fn register_secrets(&self, recorder: &Recorder) {
        for header in &self.headers {
            header.register(recorder);
        }
        if let Some(user) = &self.user {
            user.register(recorder);
        }
        self.proxies.register(recorder);
    }

    /// Adds what every REST request carries. A bearer token takes precedence over basic authentication, and a header
    /// of the settings over all others.
    pub(crate) fn apply_to_request(&self, headers: &mut HeaderMap) {
        if let Some(user) = &self.user
            && !headers.contains_key(AUTHORIZATION)
        {
            headers.insert(AUTHORIZATION, user.header());
        }
        self.apply_headers(headers);
    }

    /// Adds what every handshake carries.
    pub(crate) fn apply_to_handshake(&self, headers: &mut HeaderMap, url: &Url) {
        if let Some(origin) = self.origin.header(url) {
            headers.insert(ORIGIN, origin);
        }
        if let Some(user) = &self.user {
            headers.insert(AUTHORIZATION, user.header());
        }
        self.apply_headers(headers);
    }

    fn apply_headers(&self, headers: &mut HeaderMap) {
        for header in &self.headers {
            headers.remove(&header.name);
        }
        for header in &self.headers {
            headers.append(&header.name, header.value.clone());
        }
    }

    /// Returns whether a header of the settings replaces the bearer token.
    pub(crate) fn replaces_bearer(&self) -> bool {
        self.headers.iter().any(|header| header.name == AUTHORIZATION)
    }

    /// Returns whether basic authentication is set.
    pub(crate) fn has_user(&self) -> bool {
        self.user.is_some()
    }

    /// The value of the `Origin` header of handshakes.
    pub(crate) fn origin(&self, url: &Url) -> Option<HeaderValue> {
        self.origin.header(url)
    }

    /// The proxy for requests to a URL.
    pub(crate) fn proxy(&self, url: &Url) -> Option<Proxy> {
        self.proxies.of(url)
    }

    /// The TLS client for REST, with HTTP/2 unless a header names the host.
    pub(crate) fn tls_of_requests(
        &self,
        is_used: bool,
    ) -> Result<rustls::ClientConfig, rustls::Error> {
        let mut config = self.certificates.client(is_used)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // HTTP/2 takes the host from the URL.
        if self.headers.iter().any(|header| header.name == HOST) {
            config.alpn_protocols.remove(0);
        }
        Ok(config)
    }

    /// The HTTP client settings that determine how requests to `url` get there.
    pub(crate) fn configure(
        &self,
        mut http: reqwest::ClientBuilder,
        url: &Url,
    ) -> reqwest::Result<reqwest::ClientBuilder> {
        http = self.proxies.configure(http, url)?;
        http = http.local_address(self.interface.addresses().first().copied());
        for entry in &self.resolve {
            // The port of the URL is used instead of that of the address, so that only matching entries are added.
            let proxy = self.proxy(url).map(|proxy| proxy.address());
            let own =
                (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
            if entry.matches(own.0, own.1)
                || proxy.is_some_and(|(host, port)| entry.matches(&host, port))
            {
                http = http.resolve_to_addrs(entry.host(), &entry.addresses());
            }
        }
        Ok(http)
    }

    /// Connects to the server of a socket URL, through its proxy if it has one.
    ///
    /// `tls` encrypts the connection to a proxy with an `https` URL.
    pub(crate) async fn connect(
        &self,
        url: &Url,
        tls: Option<&Arc<rustls::ClientConfig>>,
    ) -> Result<Transport, Failure> {
        let Some(proxy) = self.proxy(url) else {
            let host = url.host().ok_or_else(|| Failure::resolution("", &missing_host()))?;
            let port = url.port_or_known_default().unwrap_or(80);
            return Ok(Transport::Tcp(self.dial(&host, port).await?));
        };
        let (host, port) = proxy.address();
        let parsed = Host::parse(&host).map_err(|_| Failure::resolution(&host, &missing_host()))?;
        let tcp = self.dial(&parsed, port).await.map_err(|failure| failure.at_proxy())?;
        let stream = match (proxy.is_encrypted(), tls) {
            (true, Some(tls)) => Transport::encrypted(tcp, &parsed, tls.clone())
                .await
                .map_err(|error| Failure::of_connection(&error).at_proxy())?,
            _ => Transport::Tcp(tcp),
        };
        tunnel::open(stream, url, &proxy).await
    }

    /// Connects to the first address of a host that accepts.
    async fn dial(
        &self,
        host: &Host<impl AsRef<str>>,
        port: u16,
    ) -> Result<tokio::net::TcpStream, Failure> {
        let addresses = match host {
            Host::Domain(name) => self.addresses(name.as_ref(), port).await?,
            Host::Ipv4(address) => vec![SocketAddr::from((*address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((*address, port))],
        };
        let stream = race::connect(addresses, &self.interface)
            .await
            .map_err(|error| Failure::of_connection(&error))?;
        stream.set_nodelay(true).map_err(|error| Failure::of_connection(&error))?;
        Ok(stream)
    }

    async fn addresses(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        if let Some(entry) = self.resolve.iter().find(|entry| entry.matches(name, port)) {
            return Ok(entry.addresses());
        }
        let addresses = tokio::net::lookup_host((name, port));
        Ok(addresses.await.map_err(|error| Failure::resolution(name, &error))?.collect())
    }

    /// Returns whether requests to a URL stay on this machine: its host is loopback, and neither an address of the
    /// settings nor a proxy leads elsewhere.
    pub(crate) fn stays_on_this_machine(&self, url: &Url) -> bool {
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        let is_redirected = self
            .resolve
            .iter()
            .filter(|entry| entry.matches(host, port))
            .any(|entry| entry.addresses().iter().any(|address| !address.ip().is_loopback()));
        let has_remote_proxy = self.proxy(url).is_some_and(|proxy| !proxy.is_loopback());
        proxy::is_loopback(url) && !is_redirected && !has_remote_proxy
    }
}

fn missing_host() -> std::io::Error {
    std::io::Error::from(std::io::ErrorKind::InvalidInput)
}
