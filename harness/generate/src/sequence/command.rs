//! The commands of sequences and their frequencies.

use hearback_contract::Operation;
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, Outgoing};
use serde_json::{Value, json};

use super::model::{Device, Effect, Membership, Message, Room};
use super::tokens::{log_in, refresh, use_earlier_token, use_refreshed_token, use_replaced_token};
use super::turn::Turn;
use super::unusual::{break_socket, fetch_file, other_method, probe, send_file, send_no_event};

/// Plans the action of a turn; `None` if it is not possible.
pub(super) type PlanAction = fn(&mut Turn<'_>) -> Option<(Action, Effect)>;

/// An action that a user can take.
pub(super) struct Command {
    /// The frequency relative to other commands.
    pub(super) weight: u32,
    /// The circumstances in which the command is used.
    pub(super) when: When,
    /// Plans the action.
    pub(super) plan: PlanAction,
}

/// The circumstances in which a command is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// At any time, also in rounds.
    Any,
    /// Only outside of rounds.
    Alone,
    /// Only towards the end, outside of rounds.
    Late,
}

const fn any(weight: u32, plan: PlanAction) -> Command {
    Command { weight, when: When::Any, plan }
}

/// Every command.
pub(super) static COMMANDS: &[Command] = &[
    any(8, send),
    Command { weight: 7, when: When::Alone, plan: say },
    any(5, send_by_socket),
    any(4, reply),
    any(2, send_reply_by_socket),
    any(7, edit),
    any(4, delete),
    any(1, edit_any),
    any(6, read),
    any(6, receipt),
    any(4, mark_read),
    any(3, mark_read_by_socket),
    any(2, typing),
    any(4, get_room),
    any(2, list_rooms),
    any(3, stats),
    any(3, list_messages),
    any(1, walk),
    any(4, get_message),
    any(2, search),
    any(2, list_participants),
    any(6, add),
    any(4, remove),
    any(3, leave),
    any(4, mute),
    any(7, connect),
    any(2, reconnect),
    any(2, disconnect),
    any(3, connect_phone),
    any(3, send_file),
    any(2, fetch_file),
    any(1, other_method),
    any(1, send_no_event),
    any(1, probe),
    any(1, break_socket),
    any(2, refresh),
    any(2, use_refreshed_token),
    any(1, use_replaced_token),
    any(1, use_earlier_token),
    Command { weight: 1, when: When::Alone, plan: log_in },
    Command { weight: 1, when: When::Alone, plan: create },
    Command { weight: 10, when: When::Late, plan: archive },
];

fn nothing(action: Action) -> Option<(Action, Effect)> {
    Some((action, Effect::Nothing))
}

fn call(turn: &Turn<'_>, operation: Operation) -> Call {
    Call::new(turn.name(), operation)
}

fn at(turn: &Turn<'_>, operation: Operation, id: String) -> Call {
    Call { at: Some(id), ..call(turn, operation) }
}

fn saved_message(turn: &mut Turn<'_>) -> (String, Effect) {
    let name = turn.model.fresh("m");
    let message = Message::new(&name, turn.user);
    (name, Effect::Saved { room: turn.room, message })
}

fn message(turn: &mut Turn<'_>, reply_to: Option<String>) -> Option<(Action, Effect)> {
    let mut body = json!({ "room": turn.room().id(), "content": turn.text() });
    if let Some(id) = reply_to {
        body["reply_to"] = json!(id);
    }
    let (name, effect) = saved_message(turn);
    let call = Call { body: Some(body), save: Some(name), ..call(turn, Operation::MessagesSend) };
    Some((Action::Call(call), effect))
}

pub(super) fn send(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    message(turn, None)
}

pub(super) fn reply(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let original = turn.message()?.1.id();
    message(turn, Some(original))
}

fn say(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, socket) = turn.open_socket()?;
    let reply_to = turn.chance(4).then(|| turn.message()).flatten().map(|(_, it)| it.id());
    let text = turn.text();
    let (name, effect) = saved_message(turn);
    Some((Action::Say { socket, text, reply_to, save: Some(name) }, effect))
}

fn frame(turn: &mut Turn<'_>, event: Value) -> Option<(Action, Effect)> {
    let (_, socket) = turn.open_socket()?;
    nothing(Action::Send { socket, frame: Outgoing::Event(event) })
}

pub(super) fn send_by_socket(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    // Such a text is too long for the URL of a search, and is not saved.
    let text = match turn.chance(12) {
        true => "{characters.cjk.9000} {unique}".to_owned(),
        false => turn.text(),
    };
    frame(turn, json!({ "type": "chat_message", "message": text }))
}

fn send_reply_by_socket(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (text, original) = (turn.text(), turn.message()?.1.id());
    frame(turn, json!({ "type": "chat_message", "message": text, "reply_to": original }))
}

/// An edit to a text without the words of other texts, so that searches tell them apart.
pub(super) fn edit(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    const WORDS: [&str; 4] = ["giraffe", "zebra", "maple", "heron"];
    let (index, message) = turn.own_message()?;
    let (edit, word) = (turn.model.fresh("e"), WORDS[turn.below(WORDS.len())]);
    let body = Some(json!({ "content": format!("{word}{{unique}}") }));
    let save = Some(edit.clone());
    let call = Call { body, save, ..at(turn, Operation::MessagesEdit, message.id()) };
    Some((Action::Call(call), Effect::Edited { room: turn.room, message: index, edit }))
}

fn edit_any(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    let body = Some(json!({ "content": "edited {unique}" }));
    nothing(Action::Call(Call { body, ..at(turn, Operation::MessagesEdit, message.id()) }))
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (index, message) = turn.own_message()?;
    let effect = Effect::Deleted { room: turn.room, message: index };
    Some((Action::Call(at(turn, Operation::MessagesDelete, message.id())), effect))
}

pub(super) fn read(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    nothing(Action::Call(at(turn, Operation::MessagesMarkRead, message.id())))
}

pub(super) fn receipt(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    frame(turn, json!({ "type": "read_receipt", "message_id": message.id() }))
}

pub(super) fn mark_read(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    nothing(Action::Call(at(turn, Operation::RoomsMarkRead, turn.room().id())))
}

fn mark_read_by_socket(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    frame(turn, json!({ "type": "mark_room_read" }))
}

fn typing(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let is_typing = turn.chance(2);
    frame(turn, json!({ "type": "typing", "is_typing": is_typing }))
}

pub(super) fn get_room(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    nothing(Action::Call(at(turn, Operation::RoomsGet, turn.room().id())))
}

fn list_rooms(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    nothing(Action::Call(call(turn, Operation::RoomsList)))
}

fn stats(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    nothing(Action::Call(at(turn, Operation::RoomsStats, turn.room().id())))
}

fn list_messages(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let query = vec![("room".to_owned(), json!(turn.room().id())), ordering(turn)];
    nothing(Action::Call(Call { query, ..call(turn, Operation::MessagesList) }))
}

fn walk(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let size = ("page_size".to_owned(), json!(3 + turn.below(5)));
    let query = vec![("room".to_owned(), json!(turn.room().id())), ordering(turn), size];
    let call = Call { query, ..call(turn, Operation::MessagesList) };
    nothing(Action::Walk { call, between: Vec::new() })
}

fn ordering(turn: &mut Turn<'_>) -> (String, Value) {
    let direction = if turn.chance(2) { "created_at" } else { "-created_at" };
    ("ordering".to_owned(), json!(direction))
}

pub(super) fn get_message(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    nothing(Action::Call(at(turn, Operation::MessagesGet, message.id())))
}

/// A search for the text of a message, before or after its last edit.
fn search(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    let name = message.edit.filter(|_| !turn.chance(3)).unwrap_or(message.name);
    let query = vec![
        ("q".to_owned(), json!(format!("{{{name}.content}}"))),
        ("room".to_owned(), json!(turn.room().id())),
    ];
    nothing(Action::Call(Call { query, ..call(turn, Operation::MessagesSearch) }))
}

fn list_participants(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let query = vec![("room".to_owned(), json!(turn.room().id()))];
    nothing(Action::Call(Call { query, ..call(turn, Operation::ParticipantsList) }))
}

fn add(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let room = turn.room();
    let is_admin = room.memberships.get(&turn.user).is_some_and(|membership| membership.admin);
    let outside: Vec<_> = (0..turn.model.actors.len()).filter(|user| !room.has(*user)).collect();
    // Other members than admins try it occasionally.
    if !is_admin && !turn.chance(6) {
        return None;
    }
    let user = turn.choice(&outside)?;
    let (name, admin) = (turn.model.fresh("p"), turn.chance(4));
    let body = json!({
        "room": turn.room().id(),
        "user": format!("{{{}.id}}", turn.model.actors[user]),
        "is_admin": admin,
    });
    let membership = Membership {
        id: format!("{{{name}.id}}"),
        present: true,
        admin,
        connected: Default::default(),
    };
    let call =
        Call { body: Some(body), save: Some(name), ..call(turn, Operation::ParticipantsAdd) };
    let effect = match is_admin {
        true => Effect::Joined { room: turn.room, user, membership },
        false => Effect::Nothing,
    };
    Some((Action::Call(call), effect))
}

fn remove(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let room = turn.room();
    let is_admin = room.memberships.get(&turn.user).is_some_and(|membership| membership.admin);
    if !is_admin && !turn.chance(6) {
        return None;
    }
    let others: Vec<_> =
        turn.room().present().into_iter().filter(|user| *user != turn.user).collect();
    let user = turn.choice(&others)?;
    let id = turn.room().memberships[&user].id.clone();
    let effect = match is_admin {
        true => Effect::Left { room: turn.room, user },
        false => Effect::Nothing,
    };
    Some((Action::Call(at(turn, Operation::ParticipantsRemove, id)), effect))
}

fn leave(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    // The creator of a room does not leave: without an admin, no user could join.
    if turn.user == 0 || !turn.room().has(turn.user) {
        return None;
    }
    let effect = Effect::Left { room: turn.room, user: turn.user };
    Some((Action::Call(at(turn, Operation::RoomsLeave, turn.room().id())), effect))
}

fn mute(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let id = turn.room().memberships.get(&turn.user)?.id.clone();
    let body = Some(match turn.below(8) {
        0 | 1 => json!({ "muted": false }),
        2 => json!({ "muted": true, "muted_until": "{now.plus-30s}" }),
        _ => json!({ "muted": true }),
    });
    nothing(Action::Call(Call { body, ..at(turn, Operation::ParticipantsMute, id) }))
}

fn connect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    connect_device(turn, 0)
}

/// Opens a second socket of a user to the same room.
fn connect_phone(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    connect_device(turn, 1)
}

pub(super) fn connect_device(turn: &mut Turn<'_>, device: Device) -> Option<(Action, Effect)> {
    let is_connected = turn.room().devices(turn.user).contains(&device);
    if is_connected || !turn.room().has(turn.user) && !turn.chance(4) {
        return None;
    }
    let action = Action::Connect {
        actor: turn.name().to_owned(),
        socket: turn.socket(device),
        room: turn.room().id(),
        credential: None,
        origin: None,
        offers_compression: turn.chance(8),
        expect: None,
    };
    let effect = match turn.room().has(turn.user) {
        true => Effect::Connected { room: turn.room, user: turn.user, device },
        false => Effect::Nothing,
    };
    Some((action, effect))
}

fn reconnect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, socket) = turn.open_socket()?;
    nothing(Action::Reconnect { socket, credential: None, expect: None })
}

fn disconnect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (device, socket) = turn.open_socket()?;
    let effect = Effect::Disconnected { room: turn.room, user: turn.user, device };
    Some((Action::Disconnect { socket }, effect))
}

fn create(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    // Only the first actor certainly can create rooms.
    if turn.model.rooms.len() > 1 || turn.user != 0 {
        return None;
    }
    let users: Vec<_> = (0..turn.model.actors.len()).collect();
    let others = users[1..].iter().map(|user| format!("{{{}.id}}", turn.model.actors[*user]));
    let body = json!({
        "room_type": "group",
        "name": "hearback {run} other",
        "participant_ids": others.collect::<Vec<_>>(),
    });
    let save = Some("other".to_owned());
    let call = Call { body: Some(body), save, ..call(turn, Operation::RoomsCreate) };
    Some((Action::Call(call), Effect::Created(Room::new("other", &users))))
}

fn archive(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let is_admin =
        turn.room().memberships.get(&turn.user).is_some_and(|membership| membership.admin);
    let call = at(turn, Operation::RoomsArchive, turn.room().id());
    is_admin.then_some((Action::Call(call), Effect::Archived { room: turn.room }))
}
