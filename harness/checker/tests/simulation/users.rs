//! The simulated users: they make any documented request, allowed or not.

use fastrand::Rng;
use hearback_contract::Operation;
use hearback_history::{Event, synthetic_ids};
use serde_json::{Value, json};

use super::network::{Network, Step};
use super::server::Request;
use super::state::{Readings, ReceiptEffect, RemovedSocket};

/// Texts that several users send.
const COMMON: [&str; 3] = ["ok", "yes", "thanks"];

/// Returns whether other users may send the same text.
pub(crate) fn is_common(text: &str) -> bool {
    COMMON.contains(&text)
}

/// The behavior of the users of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behavior {
    /// Percentage of common texts.
    repeats: u8,
    /// Percentage of additional requests that change memberships.
    membership_changes: u8,
}

/// The parameters of a simulated run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Seed of everything random.
    pub(crate) seed: u64,
    /// Number of steps of all users together.
    pub(crate) steps: usize,
}

/// Simulates a run of several users against a conforming server, and returns its events.
pub(crate) fn simulate(plan: Plan) -> Vec<Event> {
    let mut rng = Rng::with_seed(plan.seed);
    let readings = Readings {
        deleted_stay_listed: rng.bool(),
        outsider_status: if rng.bool() { 403 } else { 404 },
        removed_sockets: [RemovedSocket::Closed, RemovedSocket::Deaf, RemovedSocket::Revived]
            [rng.usize(..3)],
        readers_get_receipts: rng.bool(),
        deleted_count_unread: rng.bool(),
        unread_since_joining: rng.bool(),
        receipts_move_unread: [ReceiptEffect::One, ReceiptEffect::UpToMessage, ReceiptEffect::None]
            [rng.usize(..3)],
        marks_enter_readers: rng.bool(),
        oldest_first: rng.bool(),
        digits: [0, 3, 9][rng.usize(..3)],
    };
    let behavior = Behavior {
        repeats: [3, 3, 30, 90][rng.usize(..4)],
        membership_changes: [0, 0, 25][rng.usize(..3)],
    };
    // The first two users may have two devices each.
    let users: Vec<i64> = (1..=rng.i64(2..6)).chain(1..=rng.i64(0..3)).collect();
    Network::new(rng, readings, behavior, users).run(plan.steps, next)
}

fn next(network: &mut Network, user: usize) -> Step {
    if let Some(page) = network.next_pages[user].take() {
        return Step::Call(page);
    }
    let rooms = network.known.rooms.len();
    // Few rooms, so that each has several members.
    let creates_room = network.server.state.rooms.len() < 3 && network.rng.u8(..10) == 0;
    if rooms == 0 || creates_room {
        return if network.server.state.rooms.is_empty() || creates_room {
            Step::Call(create(network))
        } else {
            Step::Wait
        };
    }
    let id = network.users[user];
    let open: Vec<usize> = (0..network.sockets.len())
        .filter(|socket| network.sockets[*socket].is_open && network.sockets[*socket].user == id)
        .collect();
    match network.rng.u8(..100) {
        0..8 => {
            let room = any_room(network);
            Step::Open(room)
        }
        8..44 if !open.is_empty() => {
            let socket = open[network.rng.usize(..open.len())];
            let event = event(network, socket);
            Step::Send(socket, event)
        }
        44..46 if !open.is_empty() => Step::Close(open[network.rng.usize(..open.len())]),
        46..48 => Step::Wait,
        _ => Step::Call(request(network, id)),
    }
}

fn create(network: &mut Network) -> Request {
    let others: Vec<i64> = (2..=5).filter(|_| network.rng.u8(..3) > 0).collect();
    let name = format!("room {}", network.server.state.rooms.len());
    body(
        Operation::RoomsCreate,
        json!({"room_type": "group", "name": name, "participant_ids": others}),
    )
}

fn event(network: &mut Network, socket: usize) -> Value {
    let room = network.sockets[socket].room.clone();
    match network.rng.u8(..20) {
        0..13 => {
            let mut event = json!({"type": "chat_message", "message": text(network)});
            if let Some(answered) = answered(network, &room) {
                event["reply_to"] = Value::from(answered);
            }
            event
        }
        13..15 => json!({"type": "typing", "is_typing": network.rng.bool()}),
        15..18 => match message_of(network, &room) {
            Some(message) => json!({"type": "read_receipt", "message_id": message}),
            None => json!({"type": "mark_room_read"}),
        },
        _ => json!({"type": "mark_room_read"}),
    }
}

fn request(network: &mut Network, user: i64) -> Request {
    use Operation as O;
    let room = any_room(network);
    let message = any_message(network);
    if network.rng.u8(..100) < network.behavior.membership_changes {
        return membership_change(network, room);
    }
    match network.rng.u8(..100) {
        0..20 => {
            let mut requested = json!({"room": room, "content": text(network)});
            if let Some(answered) = answered(network, &room) {
                requested["reply_to"] = Value::from(answered);
            }
            body(O::MessagesSend, requested)
        }
        20..42 => {
            let mut query = vec![("room".to_owned(), room)];
            match network.rng.u8(..3) {
                0 => query.push(("ordering".to_owned(), "created_at".to_owned())),
                1 => query.push(("ordering".to_owned(), "-created_at".to_owned())),
                _ => {}
            }
            if network.rng.bool() {
                query.push(("page_size".to_owned(), network.rng.u8(1..9).to_string()));
            }
            Request { query, ..plain(O::MessagesList) }
        }
        42..47 => about(O::MessagesGet, message),
        47..51 => {
            let content = text(network);
            Request { body: Some(json!({"content": content})), ..about(O::MessagesEdit, message) }
        }
        51..55 => about(O::MessagesDelete, message),
        55..59 => about(O::MessagesMarkRead, message),
        59..63 => about(O::RoomsMarkRead, room),
        63..69 => about(O::RoomsGet, room),
        69..73 => about(O::RoomsStats, room),
        73..77 => {
            let archived = ("include_archived".to_owned(), "true".to_owned());
            let query = if network.rng.bool() { vec![archived] } else { Vec::new() };
            Request { query, ..plain(O::RoomsList) }
        }
        77..81 => Request { query: vec![("room".to_owned(), room)], ..plain(O::ParticipantsList) },
        81..84 => {
            let mut query = vec![("q".to_owned(), format!("note {}", network.rng.u8(..60)))];
            if network.rng.bool() {
                query.push(("room".to_owned(), room));
            }
            Request { query, ..plain(O::MessagesSearch) }
        }
        84..91 => {
            let added = network.rng.i64(1..6);
            let mut requested = json!({"room": room, "user": added});
            if network.rng.bool() {
                requested["is_admin"] = Value::from(network.rng.bool());
            }
            body(O::ParticipantsAdd, requested)
        }
        91..94 => about(O::ParticipantsRemove, any_participant(network)),
        94..97 => {
            let own = network.server.state.room(&room).and_then(|room| room.member(user));
            let participant = own
                .map(|member| member.id)
                .filter(|id| network.known.participants.contains(id))
                .map_or_else(|| any_participant(network), |id| id.to_string());
            let requested = match network.rng.u8(..3) {
                0 => json!({"muted": false}),
                1 => json!({"muted": true}),
                _ => json!({"muted": true, "muted_until": "2036-01-01T00:00:00Z"}),
            };
            Request { body: Some(requested), ..about(O::ParticipantsMute, participant) }
        }
        // Mostly by users who may not, because nothing happens any more in an archived room.
        97 if !is_admin(network, &room, user) || network.rng.u8(..6) == 0 => {
            about(O::RoomsArchive, room)
        }
        _ => about(O::RoomsLeave, room),
    }
}

/// Returns a request that changes a membership.
fn membership_change(network: &mut Network, room: String) -> Request {
    match network.rng.u8(..5) {
        0..3 => {
            let requested = json!({"room": room, "user": network.rng.i64(1..6), "is_admin": network.rng.bool()});
            body(Operation::ParticipantsAdd, requested)
        }
        3 => about(Operation::ParticipantsRemove, any_participant(network)),
        _ => about(Operation::RoomsLeave, room),
    }
}

fn is_admin(network: &Network, room: &str, user: i64) -> bool {
    let room = network.server.state.room(room);
    room.and_then(|room| room.member(user)).is_some_and(|member| member.is_admin)
}

fn plain(operation: Operation) -> Request {
    Request { operation, parameters: Vec::new(), query: Vec::new(), body: None }
}

fn body(operation: Operation, body: Value) -> Request {
    Request { body: Some(body), ..plain(operation) }
}

fn about(operation: Operation, subject: String) -> Request {
    Request { parameters: vec![subject], ..plain(operation) }
}

fn any_room(network: &mut Network) -> String {
    let rooms = &network.known.rooms;
    match network.rng.usize(..40) {
        0 => synthetic_ids::uuid(network.rng.u64(..9)),
        number => rooms[number % rooms.len()].clone(),
    }
}

fn any_message(network: &mut Network) -> String {
    let messages = &network.known.messages;
    match network.rng.usize(..30) {
        0 => synthetic_ids::uuid(network.rng.u64(..9)),
        _ if messages.is_empty() => synthetic_ids::uuid(0),
        // Newer messages are more likely.
        number => messages[messages.len() - 1 - number * number / 2 % messages.len()].clone(),
    }
}

fn any_participant(network: &mut Network) -> String {
    let participants = &network.known.participants;
    match network.rng.usize(..30) {
        0 => synthetic_ids::NUMBER.to_string(),
        number => participants[number % participants.len()].to_string(),
    }
}

fn message_of(network: &mut Network, room: &str) -> Option<String> {
    let candidate = any_message(network);
    let found =
        network.server.state.messages.iter().any(|it| it.id == candidate && it.room == room);
    found.then_some(candidate)
}

fn answered(network: &mut Network, room: &str) -> Option<String> {
    match network.rng.u8(..20) {
        0..7 => message_of(network, room),
        7 => Some(any_message(network)),
        _ => None,
    }
}

/// Returns a text that is unique most of the time.
fn text(network: &mut Network) -> String {
    match network.rng.u8(..100) {
        number if number < network.behavior.repeats => COMMON[network.rng.usize(..3)].to_owned(),
        _ => format!("note {} {:06x}", network.rng.u8(..60), network.rng.u32(..1 << 24)),
    }
}
