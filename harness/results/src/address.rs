//! The addresses of recorded requests and sockets, without tokens.

use hearback_history::{Invocation, RunStart};
use url::form_urlencoded;

/// Placeholder for the id of a room in the URL of sockets.
const ROOM: &str = "{room}";

/// The URL of a request.
pub fn request_url(start: Option<&RunStart>, invocation: &Invocation) -> String {
    let base = start.map_or("", |start| start.target.as_str());
    let url = match invocation.operation {
        Some(_) => format!("{}{}", base.trim_end_matches('/'), invocation.path),
        None => invocation.path.clone(),
    };
    if invocation.query.is_empty() {
        return url;
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{url}?{}", query.extend_pairs(sent_query(invocation)).finish())
}

/// The query of a request, with the names of parameters by which the target knows them.
pub fn sent_query(invocation: &Invocation) -> impl Iterator<Item = (&str, &str)> {
    let sent = |name| invocation.operation.map_or(name, |it| it.spec().sent_name(name));
    invocation.query.iter().map(move |(name, value)| (sent(name.as_str()), value.as_str()))
}

/// The URL of the socket of a room; that of the target may have a placeholder.
pub fn socket_url(start: Option<&RunStart>, room: &str) -> String {
    let base = start.map_or("", |start| start.socket.as_str());
    match base.contains(ROOM) {
        true => {
            let room: String = form_urlencoded::byte_serialize(room.as_bytes()).collect();
            base.replace(ROOM, &room)
        }
        false => format!("{}/chat/{room}/", base.trim_end_matches('/')),
    }
}
