//! Command-line options that determine how a target is reached, without secrets.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::shell::{self, Variable};

/// Variable with the password of `--user` in printed commands.
const PASSWORD_VARIABLE: &str = "GATEWAY_PASSWORD";

/// Variable with the password of `--proxy` in printed commands.
const PROXY_PASSWORD_VARIABLE: &str = "PROXY_PASSWORD";

/// Command-line options that determined how the target of a run was reached. Secrets are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionOptions {
    /// Additional headers of every request and handshake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<RecordedHeader>,
    /// The `Origin` of handshakes, or `none`; absent for the origin of the sockets themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// User name for basic authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// File with trusted certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cacert: Option<String>,
    /// File with the client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert: Option<String>,
    /// File with the key of the client certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// True if every certificate was accepted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub insecure: bool,
    /// The proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<RecordedProxy>,
    /// Addresses of host names, `HOST:PORT:ADDRESS`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolve: Vec<String>,
    /// Local addresses of connections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interface: Vec<IpAddr>,
}

/// A header of every request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedHeader {
    /// Name of the header.
    pub name: String,
    /// Its value; absent if it is secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A proxy, without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedProxy {
    /// Scheme of its URL.
    pub scheme: String,
    /// Host of its URL; an IPv6 address has brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name, if it has credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

impl ConnectionOptions {
    /// Returns whether no option was given.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The options of `curl`, each after a space and quoted for a shell; secrets are variables.
    ///
    /// Requests with a bearer token carry no basic authentication.
    pub fn curl_arguments(&self, has_bearer: bool) -> String {
        let mut arguments = String::new();
        for header in &self.headers {
            // An explicit header replaces the bearer token.
            arguments.push_str(&format!(" --header {}", header.argument()));
        }
        if let Some(user) = self.user.as_deref().filter(|_| !has_bearer) {
            arguments.push_str(&format!(" --user {}", user_argument(user)));
        }
        let mut option = |name: &str, value: Option<&String>| {
            if let Some(value) = value {
                arguments.push_str(&format!(" --{name} {}", shell::quote(value)));
            }
        };
        option("cacert", self.cacert.as_ref());
        option("cert", self.cert.as_ref());
        option("key", self.key.as_ref());
        self.resolve.iter().for_each(|resolve| option("resolve", Some(resolve)));
        if self.insecure {
            arguments.push_str(" --insecure");
        }
        if let Some(proxy) = &self.proxy {
            arguments.push_str(&format!(" --proxy {}", proxy.argument()));
        }
        // curl has one address.
        for address in self.interface.iter().take(1) {
            arguments.push_str(&format!(" --interface {address}"));
        }
        arguments
    }

    /// The options of hearback, each after a space and quoted for a shell; secrets are variables.
    pub fn arguments(&self) -> String {
        let mut arguments = self.curl_arguments(false);
        for address in self.interface.iter().skip(1) {
            arguments.push_str(&format!(" --interface {address}"));
        }
        if let Some(origin) = &self.origin {
            arguments.push_str(&format!(" --origin {}", shell::quote(origin)));
        }
        arguments
    }

    /// The variables in [`arguments`](Self::arguments).
    pub fn variables(&self) -> Vec<Variable> {
        let secret = self.headers.iter().filter(|header| header.value.is_none());
        let mut variables: Vec<Variable> = secret
            .map(|header| Variable {
                name: header.variable(),
                meaning: format!("value of the header {}", header.name),
            })
            .collect();
        if let Some(user) = &self.user {
            variables.push(Variable {
                name: PASSWORD_VARIABLE.to_owned(),
                meaning: format!("password of --user {user}"),
            });
        }
        if let Some(RecordedProxy { user: Some(user), .. }) = &self.proxy {
            variables.push(Variable {
                name: PROXY_PASSWORD_VARIABLE.to_owned(),
                meaning: format!("password of {user} at the proxy"),
            });
        }
        variables
    }

    /// The IP address of a host and port, if an option names it.
    pub fn address(&self, host: &str, port: u16) -> Option<&str> {
        let prefix = format!("{host}:{port}:");
        let addresses = self.resolve.iter().find_map(|resolve| resolve.strip_prefix(&prefix))?;
        addresses.split(',').next()
    }
}

impl RecordedHeader {
    /// `Name: value` as one word of a shell command.
    pub fn argument(&self) -> String {
        match &self.value {
            Some(value) => shell::quote(&format!("{}: {value}", self.name)).into_owned(),
            None => shell::with_variable(&format!("{}: ", self.name), &self.variable()),
        }
    }

    fn variable(&self) -> String {
        shell::variable_name(&self.name)
    }
}

impl RecordedProxy {
    /// Its URL as one word of a shell command.
    fn argument(&self) -> String {
        let Self { scheme, host, port, user } = self;
        match user {
            None => shell::quote(&format!("{scheme}://{host}:{port}")).into_owned(),
            Some(user) => {
                let before =
                    shell::with_variable(&format!("{scheme}://{user}:"), PROXY_PASSWORD_VARIABLE);
                format!("{before}{}", shell::quote(&format!("@{host}:{port}")))
            }
        }
    }

    /// The option of `socat` with its credentials, after a comma; empty if it has none.
    pub fn socat_credentials(&self) -> String {
        self.user.as_ref().map_or_else(String::new, |user| {
            shell::with_variable(&format!(",proxyauth={user}:"), PROXY_PASSWORD_VARIABLE)
        })
    }
}

/// `NAME:PASSWORD` as one word of a shell command.
pub fn user_argument(user: &str) -> String {
    shell::with_variable(&format!("{user}:"), PASSWORD_VARIABLE)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde requires")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_variables_that_are_explained() {
        let header = |name: &str, value: Option<&str>| RecordedHeader {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        };
        let options = ConnectionOptions {
            headers: vec![header("X-Env", Some("$(b)")), header("x-api-key", None)],
            origin: Some("none".to_owned()),
            user: Some("gate".to_owned()),
            cacert: Some("my ca.pem".to_owned()),
            insecure: true,
            proxy: Some(RecordedProxy {
                scheme: "http".to_owned(),
                host: "[::1]".to_owned(),
                port: 3128,
                user: Some("me".to_owned()),
            }),
            resolve: vec!["chat:443:10.0.0.1".to_owned()],
            interface: ["10.0.0.7", "10.0.0.8"].map(|address| address.parse().unwrap()).into(),
            ..ConnectionOptions::default()
        };
        assert_eq!(
            options.arguments(),
            " --header 'X-Env: $(b)' --header 'x-api-key: '\"$X_API_KEY\" \
             --user gate:\"$GATEWAY_PASSWORD\" --cacert 'my ca.pem' --resolve chat:443:10.0.0.1 \
             --insecure --proxy http://me:\"$PROXY_PASSWORD\"'@[::1]:3128' --interface 10.0.0.7 \
             --interface 10.0.0.8 --origin none"
        );
        assert!(!options.curl_arguments(true).contains("--user"));
        let names: Vec<_> = options.variables().into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["X_API_KEY", "GATEWAY_PASSWORD", "PROXY_PASSWORD"]);
        assert_eq!(options.address("chat", 443), Some("10.0.0.1"));
        assert_eq!(options.address("chat", 80), None);
    }
}
