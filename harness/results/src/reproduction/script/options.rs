//! Options of `curl` and `websocat` for what requests and handshakes carry in addition, and for the way to the target.

use hearback_history::shell::{Variable, quote};
use hearback_history::{ConnectionOptions, RecordedProxy, RunStart, user_argument};
use url::Url;

use super::comment::comment;

/// The lines that set the options.
pub(super) fn lines(start: Option<&RunStart>) -> Vec<String> {
    let socket = start.map_or("", |start| start.socket.as_str());
    let none = ConnectionOptions::default();
    let options = start.and_then(RunStart::connection).unwrap_or(&none);
    let is_set = |name: &str| options.headers.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    let site = match options.origin.as_deref() {
        _ if is_set("origin") => String::new(),
        Some("none") => String::new(),
        Some(origin) => quote(origin).into_owned(),
        None => "$(printf %s \"$socket\" | cut -d/ -f1-3 | sed 's/^ws/http/')".to_owned(),
    };
    let mut lines: Vec<String> = options.variables().iter().map(required).collect();
    if let Some(cert) = &options.cert {
        let key = options.key.as_ref().unwrap_or(cert);
        lines.push(comment(&format!(
            "client.p12: openssl pkcs12 -export -in {} -inkey {} -out client.p12 -passout pass:",
            quote(cert),
            quote(key)
        )));
    }
    if let Some(file) = &options.cacert {
        lines.push(format!("export SSL_CERT_FILE={}", quote(file)));
    }
    lines.push(format!("site={site}"));
    lines.push(format!("options=({})", options.curl_arguments(true).trim_start()));
    let user = options.user.as_deref().map(user_argument);
    lines.push(format!(
        "without_token=({})",
        user.map_or_else(String::new, |user| format!("--user {user}"))
    ));
    lines.push(format!("socket_options=({})", of_websocat(options).trim_start()));
    lines.push(format!("route=({})", route(options, socket).unwrap_or_default()));
    lines
}

/// A line that ends the script if a variable is not set.
fn required(variable: &Variable) -> String {
    let meaning: String = variable
        .meaning
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { ' ' })
        .collect();
    format!(": \"${{{}:?{meaning}}}\"", variable.name)
}

/// Options for what handshakes carry, each after a space.
fn of_websocat(options: &ConnectionOptions) -> String {
    let mut arguments = String::new();
    for header in &options.headers {
        // Without `=`, websocat takes the URL for one more header.
        arguments.push_str(&format!(" --header={}", header.argument()));
    }
    if let Some(user) = &options.user {
        arguments.push_str(&format!(" --basic-auth {}", user_argument(user)));
    }
    if options.cert.is_some() {
        arguments.push_str(" --client-pkcs12-der client.p12");
    }
    if options.insecure {
        arguments.push_str(" --insecure");
    }
    arguments
}

/// The connection to use instead of one to the host of the URL: to a given address, or through a proxy.
fn route(options: &ConnectionOptions, url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let (tls, domain) = match url.scheme() {
        "wss" => ("tls-c:", format!(" --tls-domain {}", quote(host))),
        _ => ("", String::new()),
    };
    let stream = match &options.proxy {
        // socat has no TLS to the proxy itself; its variables are expanded here, not in its command.
        Some(proxy @ RecordedProxy { host: proxy_host, port: proxy_port, .. }) => {
            let command = format!(
                "ws-c:{tls}cmd:socat - PROXY:{proxy_host}:{host}:{port},proxyport={proxy_port}"
            );
            format!("{}{}", quote(&command), proxy.socat_credentials())
        }
        None => {
            let address = options.address(host, port)?;
            quote(&format!("ws-c:{tls}tcp:{address}:{port}")).into_owned()
        }
    };
    Some(format!("{stream}{domain}"))
}

#[cfg(test)]
mod tests {
    use hearback_history::{RecordedHeader, TargetOptions};
    use hearback_testkit::dsl;

    use super::*;
    use crate::reproduction::testing::arguments;

    /// The lines for a run against sockets at `socket` with the given options.
    fn of(socket: &str, connection: ConnectionOptions) -> Vec<String> {
        let mut start = dsl::parse("alice@r1 open").unwrap().start.unwrap();
        start.socket = socket.to_owned();
        start.target_options = Some(TargetOptions::External {
            accounts: "a.toml".to_owned(),
            socket_url: None,
            jwt_secret_env: None,
            connection: Box::new(connection),
        });
        lines(Some(&start))
    }

    /// The words of an array, as a shell expands them.
    fn words(lines: &[String], array: &str) -> Vec<String> {
        let line = lines.iter().find_map(|it| it.strip_prefix(array)?.strip_prefix("=("));
        arguments(&format!("curl {}", line.unwrap().strip_suffix(')').unwrap()))
    }

    #[test]
    fn requests_and_handshakes_carry_what_those_of_the_run_did() {
        let options = ConnectionOptions {
            headers: vec![RecordedHeader { name: "X-Key".to_owned(), value: None }],
            user: Some("gate".to_owned()),
            insecure: true,
            ..ConnectionOptions::default()
        };
        let lines = of("wss://h:8443/rt?room={room}", options);
        assert_eq!(lines[0], ": \"${X_KEY:?value of the header X Key}\"");
        assert_eq!(lines[1], ": \"${GATEWAY_PASSWORD:?password of   user gate}\"");
        assert_eq!(words(&lines, "options"), ["--header", "X-Key: secret", "--insecure"]);
        assert_eq!(words(&lines, "without_token"), ["--user", "gate:secret"]);
        let of_sockets = ["--header=X-Key: secret", "--basic-auth", "gate:secret", "--insecure"];
        assert_eq!(words(&lines, "socket_options"), of_sockets);
        assert!(lines.contains(&"route=()".to_owned()), "{lines:?}");
        let site = lines.iter().find_map(|line| line.strip_prefix("site=")).unwrap();
        let site = arguments(&format!("socket=wss://h:8443/rt; curl \"{site}\""));
        assert_eq!(site, ["https://h:8443"]);
    }

    #[test]
    fn addresses_and_proxies_replace_the_connection() {
        let resolve = vec!["h:443:10.0.0.1".to_owned()];
        let none = || Some("none".to_owned());
        let options = ConnectionOptions { resolve, origin: none(), ..ConnectionOptions::default() };
        let lines = of("wss://h/ws", options);
        assert_eq!(words(&lines, "route"), ["ws-c:tls-c:tcp:10.0.0.1:443", "--tls-domain", "h"]);
        assert!(lines.contains(&"site=".to_owned()), "{lines:?}");
        let proxy = RecordedProxy {
            scheme: "http".to_owned(),
            host: "proxy".to_owned(),
            port: 3128,
            user: None,
        };
        let options = ConnectionOptions {
            proxy: Some(proxy),
            origin: none(),
            ..ConnectionOptions::default()
        };
        let lines = of("ws://h/ws", options);
        let route = "ws-c:cmd:socat - PROXY:proxy:h:80,proxyport=3128";
        assert_eq!(words(&lines, "route"), [route]);
    }
}
