//! `websocat` commands that open a connection again.

use hearback_history::shell::{quote, with_variable};
use hearback_history::{
    Connection, ConnectionOptions, History, RecordedProxy, RunStart, user_argument,
};
use url::Url;

use super::command::{Command, note, token_variable};
use crate::address::socket_url;

/// A `websocat` command that opens the connection again.
pub(super) fn websocat(history: &History, connection: &Connection) -> Command {
    let start = history.start.as_ref();
    let url = socket_url(start, connection.room.as_str());
    let token = token_variable(&connection.credential);
    let mut notes: Vec<String> = token.iter().map(note).collect();
    let word = match &token {
        Some(variable) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            with_variable(&format!("{url}{separator}token="), &variable.name)
        }
        None => quote(&url).into_owned(),
    };
    let Some(options) = start.and_then(RunStart::connection) else {
        return Command { line: format!("websocat {word}"), notes };
    };
    notes.extend(options.variables().iter().map(note));
    if let Some(cert) = &options.cert {
        let key = options.key.as_ref().unwrap_or(cert);
        notes.push(format!(
            "# client.p12: openssl pkcs12 -export -in {} -inkey {} -out client.p12 -passout pass:",
            quote(cert),
            quote(key)
        ));
    }
    let trusted = options.cacert.as_deref();
    let trusted =
        trusted.map_or_else(String::new, |file| format!("SSL_CERT_FILE={} ", quote(file)));
    let line = format!("{trusted}websocat{}", arguments(options, &url));
    let line = match route(options, &url) {
        Some(route) => format!("{line} --ws-c-uri={word} - {route}"),
        None => format!("{line} {word}"),
    };
    Command { line, notes }
}

/// Options for what the handshake carries, each after a space.
fn arguments(options: &ConnectionOptions, url: &str) -> String {
    let mut arguments = String::new();
    for header in &options.headers {
        // Without `=`, websocat takes the URL for one more header.
        arguments.push_str(&format!(" --header={}", header.argument()));
    }
    let is_set = |name: &str| options.headers.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    let origin = match options.origin.as_deref() {
        _ if is_set("origin") => None,
        Some("none") => None,
        Some(origin) => Some(origin.to_owned()),
        None => own_origin(url),
    };
    if let Some(origin) = origin {
        arguments.push_str(&format!(" --origin {}", quote(&origin)));
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

/// The origin of a socket URL, as browsers serialize it.
fn own_origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{scheme}://{}{port}", url.host_str()?))
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
    use hearback_history::{CredentialKind, RecordedHeader, TargetOptions};
    use hearback_testkit::dsl;

    use super::*;
    use crate::reproduction::testing::{HOSTILE, arguments};

    #[test]
    fn a_shell_does_not_run_the_room_of_a_connection() {
        let mut history = dsl::parse("alice@r1 open").unwrap();
        history.connections[0].room = HOSTILE.into();
        let connection = &history.connections[0];
        let url = format!("ws://target.test/ws/chat/{HOSTILE}/?token=secret");
        assert_eq!(arguments(&websocat(&history, connection).line), [url]);
        history.connections[0].credential.kind = CredentialKind::Anonymous;
        let url = format!("ws://target.test/ws/chat/{HOSTILE}/");
        assert_eq!(arguments(&websocat(&history, &history.connections[0]).line), [url]);
    }

    /// A history with one socket, opened with the given options.
    fn connected(socket: &str, connection: ConnectionOptions) -> History {
        let mut history = dsl::parse("alice@r1 open").unwrap();
        let start = history.start.as_mut().unwrap();
        start.socket = socket.to_owned();
        start.target_options = Some(TargetOptions::External {
            accounts: "a.toml".to_owned(),
            socket_url: None,
            jwt_secret_env: None,
            connection: Box::new(connection),
        });
        history.connections[0].room = "r".into();
        history
    }

    #[test]
    fn the_handshake_carries_the_headers_and_the_origin_of_the_run() {
        let options = ConnectionOptions {
            headers: vec![RecordedHeader { name: "X-Key".to_owned(), value: None }],
            user: Some("gate".to_owned()),
            insecure: true,
            ..ConnectionOptions::default()
        };
        let history = connected("wss://h:8443/rt?room={room}", options);
        let command = websocat(&history, &history.connections[0]);
        assert_eq!(
            arguments(&command.line),
            [
                "--header=X-Key: secret",
                "--origin",
                "https://h:8443",
                "--basic-auth",
                "gate:secret",
                "--insecure",
                "wss://h:8443/rt?room=r&token=secret",
            ]
        );
        assert_eq!(
            command.notes,
            [
                "# $ALICE_TOKEN: access token of alice",
                "# $X_KEY: value of the header X-Key",
                "# $GATEWAY_PASSWORD: password of --user gate",
            ]
        );
    }

    #[test]
    fn addresses_and_proxies_replace_the_connection() {
        let resolve = vec!["h:443:10.0.0.1".to_owned()];
        let none = || Some("none".to_owned());
        let options = ConnectionOptions { resolve, origin: none(), ..ConnectionOptions::default() };
        let history = connected("wss://h/ws", options);
        let url = "--ws-c-uri=wss://h/ws/chat/r/?token=secret";
        assert_eq!(
            arguments(&websocat(&history, &history.connections[0]).line),
            [url, "-", "ws-c:tls-c:tcp:10.0.0.1:443", "--tls-domain", "h"]
        );
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
        let history = connected("ws://h/ws", options);
        assert_eq!(
            arguments(&websocat(&history, &history.connections[0]).line)[2],
            "ws-c:cmd:socat - PROXY:proxy:h:80,proxyport=3128"
        );
    }
}
