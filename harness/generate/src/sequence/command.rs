//! The commands that sequences are made of, and how often each comes.

use hearback_contract::Operation;
use hearback_scenarios::Action;
use hearback_scenarios::step::{Call, Outgoing};
use serde_json::{Value, json};

use super::model::{Effect, Message, Room, Seat};
use super::plan::Turn;

/// Something that a user can do.
pub(super) struct Command {
    /// How often it comes, against the others.
    pub(super) weight: u32,
    /// When it can come.
    pub(super) when: When,
    /// What is done in this turn; `None` if there is nothing to do it to.
    pub(super) plan: fn(&mut Turn<'_>) -> Option<(Action, Effect)>,
}

/// When a command can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// At any time, also beside what others do.
    Any,
    /// Only when nobody else does anything.
    Alone,
    /// Only towards the end.
    Late,
}

const fn any(weight: u32, plan: fn(&mut Turn<'_>) -> Option<(Action, Effect)>) -> Command {
    Command { weight, when: When::Any, plan }
}

/// Every command.
pub(super) static COMMANDS: &[Command] = &[
    any(8, send),
    Command { weight: 7, when: When::Alone, plan: say },
    any(5, shout),
    any(4, reply),
    any(2, shout_reply),
    any(7, edit),
    any(4, delete),
    any(1, edit_anyones),
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

fn kept(turn: &mut Turn<'_>) -> (String, Effect) {
    let name = turn.model.fresh("m");
    let message = Message { name: name.clone(), sender: turn.user, deleted: false };
    (name, Effect::Said { room: turn.room, message })
}

fn sent(turn: &mut Turn<'_>, reply_to: Option<String>) -> Option<(Action, Effect)> {
    let mut body = json!({ "room": turn.room().id(), "content": turn.text() });
    if let Some(id) = reply_to {
        body["reply_to"] = json!(id);
    }
    let (name, effect) = kept(turn);
    let call = Call { body: Some(body), save: Some(name), ..call(turn, Operation::MessagesSend) };
    Some((Action::Call(call), effect))
}

fn send(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    sent(turn, None)
}

fn reply(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let answered = turn.message()?.1.id();
    sent(turn, Some(answered))
}

fn say(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let socket = turn.open_socket()?;
    let reply_to = turn.chance(4).then(|| turn.message()).flatten().map(|(_, it)| it.id());
    let text = turn.text();
    let (name, effect) = kept(turn);
    Some((Action::Say { socket, text, reply_to, save: Some(name) }, effect))
}

fn frame(turn: &mut Turn<'_>, event: Value) -> Option<(Action, Effect)> {
    let socket = turn.open_socket()?;
    nothing(Action::Send { socket, frame: Outgoing::Event(event) })
}

fn shout(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let text = turn.text();
    frame(turn, json!({ "type": "chat_message", "message": text }))
}

fn shout_reply(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (text, answered) = (turn.text(), turn.message()?.1.id());
    frame(turn, json!({ "type": "chat_message", "message": text, "reply_to": answered }))
}

fn edited(turn: &Turn<'_>, message: &Message) -> Option<(Action, Effect)> {
    let body = Some(json!({ "content": "edited {unique}" }));
    nothing(Action::Call(Call { body, ..at(turn, Operation::MessagesEdit, message.id()) }))
}

fn edit(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.own_message()?;
    edited(turn, &message)
}

fn edit_anyones(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    edited(turn, &message)
}

fn delete(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (index, message) = turn.own_message()?;
    let effect = Effect::Deleted { room: turn.room, message: index };
    Some((Action::Call(at(turn, Operation::MessagesDelete, message.id())), effect))
}

fn read(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    nothing(Action::Call(at(turn, Operation::MessagesMarkRead, message.id())))
}

fn receipt(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    frame(turn, json!({ "type": "read_receipt", "message_id": message.id() }))
}

fn mark_read(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    nothing(Action::Call(at(turn, Operation::RoomsMarkRead, turn.room().id())))
}

fn mark_read_by_socket(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    frame(turn, json!({ "type": "mark_room_read" }))
}

fn typing(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let is_typing = turn.chance(2);
    frame(turn, json!({ "type": "typing", "is_typing": is_typing }))
}

fn get_room(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
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

fn get_message(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    nothing(Action::Call(at(turn, Operation::MessagesGet, message.id())))
}

fn search(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let (_, message) = turn.message()?;
    let query = vec![
        ("q".to_owned(), json!(format!("{{{}.content}}", message.name))),
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
    let is_admin = room.seats.get(&turn.user).is_some_and(|seat| seat.admin);
    let outside: Vec<_> = (0..turn.model.actors.len()).filter(|user| !room.has(*user)).collect();
    // Who is no admin tries it now and then.
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
    let seat = Seat { id: format!("{{{name}.id}}"), present: true, admin, connected: false };
    let call =
        Call { body: Some(body), save: Some(name), ..call(turn, Operation::ParticipantsAdd) };
    let effect = match is_admin {
        true => Effect::Joined { room: turn.room, user, seat },
        false => Effect::Nothing,
    };
    Some((Action::Call(call), effect))
}

fn remove(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let room = turn.room();
    let is_admin = room.seats.get(&turn.user).is_some_and(|seat| seat.admin);
    if !is_admin && !turn.chance(6) {
        return None;
    }
    let others: Vec<_> =
        turn.room().present().into_iter().filter(|user| *user != turn.user).collect();
    let user = turn.choice(&others)?;
    let id = turn.room().seats[&user].id.clone();
    let effect = match is_admin {
        true => Effect::Gone { room: turn.room, user },
        false => Effect::Nothing,
    };
    Some((Action::Call(at(turn, Operation::ParticipantsRemove, id)), effect))
}

fn leave(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    // The maker of a room goes last: without an admin nobody could come in any more.
    if turn.user == 0 || !turn.room().has(turn.user) {
        return None;
    }
    let effect = Effect::Gone { room: turn.room, user: turn.user };
    Some((Action::Call(at(turn, Operation::RoomsLeave, turn.room().id())), effect))
}

fn mute(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let id = turn.room().seats.get(&turn.user)?.id.clone();
    let body = Some(json!({ "muted": !turn.chance(4) }));
    nothing(Action::Call(Call { body, ..at(turn, Operation::ParticipantsMute, id) }))
}

fn connect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let seat = turn.room().seats.get(&turn.user);
    if seat.is_some_and(|seat| seat.connected) || !turn.room().has(turn.user) && !turn.chance(4) {
        return None;
    }
    let action = Action::Connect {
        actor: turn.name().to_owned(),
        socket: turn.socket(),
        room: turn.room().id(),
        credential: None,
        expect: None,
    };
    let effect = match turn.room().has(turn.user) {
        true => Effect::Connected { room: turn.room, user: turn.user },
        false => Effect::Nothing,
    };
    Some((action, effect))
}

fn reconnect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let socket = turn.open_socket()?;
    nothing(Action::Reconnect { socket, credential: None, expect: None })
}

fn disconnect(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let socket = turn.open_socket()?;
    let effect = Effect::Disconnected { room: turn.room, user: turn.user };
    Some((Action::Disconnect { socket }, effect))
}

fn create(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    // The first actor is the one of whom it is known that it may.
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
    let is_admin = turn.room().seats.get(&turn.user).is_some_and(|seat| seat.admin);
    let call = at(turn, Operation::RoomsArchive, turn.room().id());
    is_admin.then_some((Action::Call(call), Effect::Archived { room: turn.room }))
}
