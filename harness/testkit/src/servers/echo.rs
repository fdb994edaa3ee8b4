//! A relay that echoes every secret of its clients, in many encodings and places.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::http::RequestHead;
use super::listener::serve;
use super::websocket::accept;

/// Passwords at the relay, and how they differ from those of the server behind it.
const MARK: &str = "Kq7\"x9Z%ö";

/// A relay in front of a server.
pub struct Echo {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    upstream: SocketAddr,
    /// Appended to the id of each room; begins with `-`, and has no slash and no quotation mark.
    suffix: String,
    /// Passwords and tokens that clients sent: a client cannot know a token before it has received it.
    secrets: Mutex<BTreeSet<String>>,
    /// Ids of rooms as the server gives them.
    rooms: Mutex<BTreeSet<String>>,
}

/// A response of the server.
struct Answer {
    status: String,
    is_json: bool,
    body: Vec<u8>,
}

impl Echo {
    /// Starts a relay that appends `suffix` to the id of each room.
    pub fn start(upstream: SocketAddr, suffix: &str) -> Self {
        let state = Arc::new(State {
            upstream,
            suffix: suffix.to_owned(),
            secrets: Mutex::default(),
            rooms: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let address = serve(move |stream| drop(shared.relay(stream)));
        Self { address, state }
    }

    /// REST base URL.
    pub fn base(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// The password of an account whose password at the server is `{name}-password`.
    pub fn password(name: &str) -> String {
        format!("{MARK}{name}{MARK}")
    }

    /// The passwords and tokens that clients sent.
    pub fn secrets(&self) -> BTreeSet<String> {
        self.state.secrets.lock().expect("no panic").clone()
    }

    /// The forms in which it echoes a secret.
    pub fn forms(secret: &str) -> Vec<String> {
        let escaped = |text: &str| {
            let quoted = Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let units: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let percent = |byte: u8| format!("%{byte:02x}");
        let partly = secret.bytes().map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => percent(byte).to_uppercase(),
        });
        vec![
            secret.to_owned(),
            escaped(&escaped(secret)),
            escaped(&units),
            units,
            secret.bytes().map(percent).collect(),
            partly.collect(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("a{secret}")),
            URL_SAFE_NO_PAD.encode(format!("ab{secret}?")),
            secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
            secret.to_ascii_uppercase(),
        ]
    }
}

impl State {
    fn relay(&self, mut client: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            if reader.read_line(&mut text)? == 0 {
                return Ok(());
            }
        }
        let head = RequestHead::parse(&text);
        let length = head.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if let Some(token) = head.header("authorization").and_then(|it| it.strip_prefix("Bearer "))
        {
            self.learn(token);
        }
        if head.header("upgrade").is_some() {
            return self.echo_frames(&mut client, &head);
        }
        let body = self.with_real_password(body);
        let body = self.without_suffix(&String::from_utf8_lossy(&body));
        let line = self.without_suffix(&head.line);
        let answer = self.ask(&head, &line, &body)?;
        self.echo(&mut client, &line, answer)
    }

    fn learn(&self, secret: &str) {
        // Tokens that tests forge are not secrets.
        if secret.len() > 20 {
            self.secrets.lock().expect("no panic").insert(secret.to_owned());
        }
    }

    /// The body of a login, with the password of the server.
    fn with_real_password(&self, body: Vec<u8>) -> Vec<u8> {
        let Ok(mut login) = serde_json::from_slice::<Value>(&body) else { return body };
        login["refresh"].as_str().into_iter().for_each(|token| self.learn(token));
        let name = login["username"].as_str().unwrap_or_default().to_owned();
        if login["password"] != Echo::password(&name) {
            return body;
        }
        self.learn(&Echo::password(&name));
        login["password"] = format!("{name}-password").into();
        login.to_string().into_bytes()
    }

    /// A request line or body with the ids of the server.
    fn without_suffix(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for room in &*self.rooms.lock().expect("no panic") {
            // Clients differ in what they encode, so everything up to the end of the segment is the suffix.
            let suffixed = format!("{room}-");
            while let Some(at) = text.find(&suffixed) {
                let start = at + room.len();
                let end = text[start..].find(['/', '?', ' ', '&', '"']);
                text.replace_range(start..end.map_or(text.len(), |it| start + it), "");
            }
        }
        text
    }

    fn ask(&self, head: &RequestHead, line: &str, body: &str) -> io::Result<Answer> {
        let mut upstream = TcpStream::connect(self.upstream)?;
        let mut request = format!("{line}\r\nhost: {}\r\nconnection: close\r\n", self.upstream);
        for name in ["authorization", "content-type", "accept"] {
            if let Some(value) = head.header(name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        write!(upstream, "{request}content-length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(answer.len());
        let head = RequestHead::parse(&String::from_utf8_lossy(&answer[..end]));
        let is_json = head.header("content-type").is_some_and(|it| it.contains("json"));
        let status = head.line.trim_start_matches("HTTP/1.1 ").to_owned();
        Ok(Answer { status, is_json, body: answer.split_off((end + 4).min(answer.len())) })
    }

    /// Writes an answer of the server with secrets in its headers and its body.
    fn echo(&self, client: &mut TcpStream, line: &str, answer: Answer) -> io::Result<()> {
        let mut body = answer.body;
        let parsed = answer.is_json.then(|| serde_json::from_slice::<Value>(&body).ok()).flatten();
        if let Some(mut json) = parsed {
            if line.starts_with("POST ") && json["room_type"].is_string() {
                let id = json["id"].as_str().unwrap_or_default().to_owned();
                self.rooms.lock().expect("no panic").insert(id);
            }
            if json["access"].is_null() {
                self.plant(&mut json);
            }
            let mut text = json.to_string();
            let quoted = Value::from(self.suffix.as_str()).to_string();
            for room in &*self.rooms.lock().expect("no panic") {
                text = text.replace(room, &format!("{room}{}", &quoted[1..quoted.len() - 1]));
            }
            body = text.into_bytes();
        }
        let secrets = self.some();
        let header =
            |index: usize| secrets.get(index % secrets.len().max(1)).map_or("", String::as_str);
        let headers = format!(
            "server: nginx {}\r\nlocation: /next?token={}\r\nwww-authenticate: Basic realm=\"{}\"\r\n",
            header(0),
            header(1),
            header(2),
        );
        let kind = if answer.is_json { "application/json" } else { "text/html" };
        write!(
            client,
            "HTTP/1.1 {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            answer.status,
            body.len()
        )?;
        client.write_all(&body)?;
        client.flush()
    }

    /// Adds secrets to texts and objects.
    fn plant(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().take(2).for_each(|item| self.plant(item)),
            Value::Object(object) => {
                let secrets = self.some();
                for key in ["detail", "error", "full_name", "display_name", "description"] {
                    if let Some(Value::String(text)) = object.get_mut(key) {
                        text.push(' ');
                        secrets.iter().for_each(|secret| text.push_str(secret));
                    }
                }
                object
                    .values_mut()
                    .filter(|value| !value.is_string())
                    .for_each(|value| self.plant(value));
                let cut = |secret: &String| {
                    let length = secret.len() * 3 / 4;
                    let end = (0..=length).rev().find(|at| secret.is_char_boundary(*at));
                    secret[..end.unwrap_or(0)].to_owned()
                };
                let forms = secrets.iter().flat_map(|secret| Echo::forms(secret));
                let forms: Vec<_> = forms.chain(secrets.iter().map(cut)).collect();
                let links =
                    secrets.iter().map(|secret| format!("https://host/{secret}/?key={secret}"));
                let links: Vec<_> = links.collect();
                if object.get("next").is_some_and(Value::is_null) {
                    object.insert("next".to_owned(), links.first().cloned().into());
                }
                object.insert("echo".to_owned(), json!({ "forms": forms, "links": links }));
            }
            _ => {}
        }
    }

    /// A password and some tokens.
    fn some(&self) -> Vec<String> {
        let secrets = self.secrets.lock().expect("no panic");
        let passwords = secrets.iter().filter(|it| it.contains(MARK)).take(1);
        passwords
            .chain(secrets.iter().filter(|it| !it.contains(MARK)).rev().take(2))
            .cloned()
            .collect()
    }

    /// Accepts a handshake, sends secrets in frames and in the reason of the close frame.
    fn echo_frames(&self, client: &mut TcpStream, head: &RequestHead) -> io::Result<()> {
        accept(client, head)?;
        for secret in self.some() {
            let half =
                (0..=secret.len() / 2).rev().find(|at| secret.is_char_boundary(*at)).unwrap_or(0);
            let (first, second) = secret.split_at(half);
            let text = |content: &str| json!({ "type": "echo", "content": content }).to_string();
            frame(client, 0x81, text(first).as_bytes())?;
            frame(client, 0x81, text(second).as_bytes())?;
            // One message in two fragments.
            let whole = text(&Echo::forms(&secret).join(" "));
            let middle = whole.len() / 2;
            frame(client, 0x01, &whole.as_bytes()[..middle])?;
            frame(client, 0x80, &whole.as_bytes()[middle..])?;
            frame(client, 0x82, &[b"\xff\xfe", secret.as_bytes(), b"\xff"].concat())?;
        }
        let mut reason = b"\x0f\xa1bye ".to_vec();
        reason.extend(self.some().first().map(String::as_bytes).unwrap_or_default());
        frame(client, 0x88, &reason)?;
        io::copy(client, &mut io::sink()).map(drop)
    }
}

/// Writes a frame; `first` is its first byte.
fn frame(client: &mut TcpStream, first: u8, payload: &[u8]) -> io::Result<()> {
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => bytes.push(length),
        (_, Ok(length)) => {
            bytes.push(126);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    client.write_all(&bytes)
}
