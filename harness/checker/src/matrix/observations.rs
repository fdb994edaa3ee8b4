//! Filling the matrix: calls, handshakes and events of a history whose role is certain.

use ahash::{AHashMap, AHashSet};
use hearback_contract::policy::permission;
use hearback_contract::{
    Action, ClientEvent, InvalidCredential, MessageRef, Operation, Permission, Relation, Role,
    RoomRef, ServerEvent, UserId,
};
use hearback_history::{Call, CloseOrigin, Connection, Frame, Interval};
use hearback_history::{Handshake, Nanoseconds};

use super::AuthorizationMatrix;
use crate::model::{Model, Room};
use crate::rule::RuleInput;
use crate::rules::authorization::{
    LateEventOutcome, invalid_credential, outcomes, relation_in_room, ruling,
};

/// The rooms that each user was ever a member of.
type RoomsOf<'h> = AHashMap<UserId, Vec<&'h Room<'h>>>;

fn rooms_of<'m>(model: &'m Model<'_>) -> RoomsOf<'m> {
    let mut rooms = RoomsOf::new();
    for room in model.rooms.values() {
        for user in room.members.keys() {
            rooms.entry(*user).or_default().push(room);
        }
    }
    rooms
}

impl AuthorizationMatrix {
    /// The matrix of a history. Requests whose role is uncertain are left out.
    pub(crate) fn of(input: RuleInput<'_>) -> Self {
        let RuleInput { history, model } = input;
        let mut matrix = Self::default();
        let rooms = rooms_of(model);
        history.calls.iter().for_each(|call| matrix.take_call(input, &rooms, call));
        history.connections.iter().for_each(|connection| matrix.take_handshake(input, connection));
        matrix.take_events(input);
        for (late, outcome) in outcomes(input) {
            let at = Interval { invoked: late.frame.at, returned: late.frame.at };
            let relation = relation_in_room(model, late.room, late.listener.user, at);
            let Some(role) = relation.map(Role::Authenticated) else { continue };
            let is_allowed = match outcome {
                LateEventOutcome::Effect(..) => true,
                LateEventOutcome::Nothing => false,
                LateEventOutcome::Inconclusive => continue,
            };
            matrix.note(role, Action::Event(late.event), Some(is_allowed), Some(!is_allowed));
        }
        matrix
    }

    fn take_call(&mut self, input: RuleInput<'_>, rooms: &RoomsOf<'_>, call: &Call) {
        let (Some(operation), Some(status)) = (call.operation(), call.status()) else { return };
        let action = Action::Operation(operation);
        let is_allowed = match status {
            200..300 => Some(true),
            401 | 403 | 404 => Some(false),
            _ => None,
        };
        let kept = |role| match permission(role, action) {
            Permission::Allow => is_allowed.filter(|is_allowed| *is_allowed),
            Permission::Deny => is_allowed.map(|is_allowed| !is_allowed),
            Permission::Either => is_allowed.map(|_| true),
        };
        if !operation.spec().authenticated {
            // A request for a token is made without one.
            if call.is_authorized() {
                let role = Role::Unauthenticated(InvalidCredential::Missing);
                self.note(role, action, is_allowed, kept(role));
            }
        } else if let Some(invalid) = invalid_credential(call.invocation.credential.kind) {
            let role = Role::Unauthenticated(invalid);
            self.note(role, action, is_allowed, kept(role));
        } else if matches!(
            operation,
            Operation::RoomsList | Operation::RoomsCreate | Operation::MessagesSearch
        ) {
            // The operation is about the caller, who may have another role in each room.
            let user = input.model.user_id(&call.invocation.actor);
            let rooms = user.and_then(|user| rooms.get(&user)).into_iter().flatten();
            let relations = rooms
                .filter_map(|room| relation_in_room(input.model, room, user?, call.interval()));
            let mut relations: AHashSet<Relation> = relations.collect();
            if relations.is_empty() {
                relations.insert(Relation::Outsider);
            }
            for role in relations.into_iter().map(Role::Authenticated) {
                self.note(role, action, is_allowed, kept(role));
            }
        } else if let Some(ruling) = ruling(input, call) {
            let role = Role::Authenticated(ruling.relation);
            self.note(role, action, is_allowed, ruling.is_kept);
        }
    }

    fn take_handshake(&mut self, input: RuleInput<'_>, connection: &Connection) {
        // A server may reject pages of other sites, whoever their user is.
        if connection.origin.is_some() {
            return;
        }
        let (is_allowed, returned) = match (connection.established(), &connection.handshake) {
            (Some(frame), _) => (true, frame.at),
            (None, Handshake::Refused { at, status: Some(400..500), .. }) => (false, *at),
            _ => match &connection.closed {
                Some(closing)
                    if closing.by == CloseOrigin::Server && !closing.is_unavailability() =>
                {
                    (false, closing.at)
                }
                _ => return,
            },
        };
        let at = Interval { invoked: connection.invoked, returned };
        let room = input.model.rooms.get(&connection.room);
        let relation =
            || relation_in_room(input.model, room?, input.model.user_id(&connection.actor)?, at);
        let role = invalid_credential(connection.credential.kind)
            .map(Role::Unauthenticated)
            .or_else(|| relation().map(Role::Authenticated));
        let Some(role) = role else { return };
        let is_right = is_allowed == role.is_member();
        // An archived room may be closed to new sockets.
        let is_plain = is_allowed || room.is_some_and(|room| room.surely_active(at));
        self.note(
            role,
            Action::Handshake,
            Some(is_allowed),
            Some(is_right).filter(|is_right| *is_right || is_plain),
        );
    }

    /// Counts events of members that had an effect. An event without effect does not show that it
    /// was rejected.
    fn take_events(&mut self, input: RuleInput<'_>) {
        let messages: AHashSet<u64> = input
            .model
            .socket_sends
            .iter()
            .filter(|send| send.id.is_some())
            .map(|send| send.frame.seq)
            .collect();
        // The last time that a socket received a typing event or a receipt, by room, user and
        // message.
        let mut last_received: AHashMap<
            (RoomRef<'_>, UserId, Option<MessageRef<'_>>),
            Nanoseconds,
        > = AHashMap::new();
        for listener in input.model.sockets.all() {
            for event in [ServerEvent::Typing, ServerEvent::ReadReceipt] {
                for (frame, value) in listener.received(event) {
                    if let Some(user) = value.get("user_id").and_then(UserId::from_json) {
                        let key = (listener.connection.room.borrowed(), user, message(frame));
                        let latest = last_received.entry(key).or_default();
                        *latest = frame.at.max(*latest);
                    }
                }
            }
        }
        for listener in input.model.sockets.all() {
            let Some(room) = input.model.rooms.get(&listener.connection.room) else {
                continue;
            };
            let confirmed = listener.received(ServerEvent::RoomMarkedRead).last();
            for frame in listener.sent() {
                let Some(event) = frame.command() else { continue };
                let at = Interval { invoked: frame.at, returned: frame.at };
                let relation = relation_in_room(input.model, room, listener.user, at);
                let relation = relation.filter(|relation| relation.is_member());
                let Some(role) = relation.map(Role::Authenticated) else { continue };
                let received_at = || {
                    last_received.get(&(room.id.borrowed(), listener.user, message(frame))).copied()
                };
                let has_effect = match event {
                    ClientEvent::ChatMessage => messages.contains(&frame.seq),
                    ClientEvent::MarkRoomRead => confirmed.is_some_and(|(it, _)| it.at >= frame.at),
                    ClientEvent::Typing | ClientEvent::ReadReceipt => {
                        received_at().is_some_and(|at| at >= frame.at)
                    }
                };
                if has_effect {
                    self.note(role, Action::Event(event), Some(true), Some(true));
                }
            }
        }
    }
}

fn message(frame: &Frame) -> Option<MessageRef<'_>> {
    frame.json()?.get("message_id").and_then(MessageRef::from_json)
}

#[cfg(test)]
mod tests {
    use hearback_testkit::dsl;

    use super::*;
    use crate::matrix::{Cell, CellState, actions};

    const RUN: &str = r#"
        [1..2] alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1"}
        bob messages.delete $m1 => 403 @error
        erin rooms.get $r1 => 200 @room
        erin rooms.list => 200 {}
        bob[tampered] rooms.get $r1 => 401 @error
        bob[expired]@r1 refused 401
        bob@r1 throttled 403
        bob@r1 refused 503
        bob@r1 mute-open
        bob@r1 close 1013
        bob[alg-none]@r1 open
        alice@r1 open
        alice@r1 -> {"type": "chat_message", "message": "b"}
        alice@r1 <- @chat_message {"message": {"id": "$m2", "content": "b", "room_id": "$r1"}}
        bob@r1 open
        bob@r1 -> {"type": "typing", "is_typing": true}
        alice@r1 <- @typing {"user_id": 2}
        [40..41] bob rooms.leave $r1 => 200 {}
        [42..42] bob@r1 -> {"type": "chat_message", "message": "c"}
        [99..99] alice token.obtain {} => 200 {}
    "#;

    /// One line per action; for each role `+` held, `!` broken, `.` not exercised.
    fn drawn(matrix: &AuthorizationMatrix) -> String {
        let mark = |cell: &Cell| match cell.state {
            CellState::Held => '+',
            CellState::Broken => '!',
            CellState::NotExercised => '.',
        };
        let name = |action| match action {
            Action::Operation(operation) => operation.id(),
            Action::Handshake => "handshake",
            Action::Event(event) => event.id(),
        };
        let rows = matrix.cells.chunks(Role::COUNT);
        rows.map(|row| {
            format!("{:20}{}\n", name(row[0].action), row.iter().map(mark).collect::<String>())
        })
        .collect()
    }

    #[test]
    fn every_cell_has_its_role_and_action() {
        let matrix = AuthorizationMatrix::default();
        assert_eq!(matrix.cells.len(), 25 * Role::COUNT);
        for action in actions() {
            for role in Role::all() {
                let cell = matrix.cell(role, action);
                assert_eq!((cell.role, cell.action), (role, action));
                assert_eq!(cell.state, CellState::NotExercised);
            }
        }
    }

    #[test]
    fn a_run_fills_the_cells_that_it_exercised() {
        let history = dsl::parse(RUN).unwrap();
        let model = Model::of(&history);
        let matrix = AuthorizationMatrix::of(RuleInput { history: &history, model: &model });
        let drawn = drawn(&matrix);
        let exercised: Vec<_> = drawn.lines().filter(|line| line.contains(['+', '!'])).collect();
        // Columns: anonymous, garbage, tampered, unsigned, expired and refresh tokens; then
        // outsider, departed, removed, member, other member, admin.
        assert_eq!(
            exercised,
            [
                "token.obtain        +...........",
                "rooms.list          ......+.....",
                "rooms.create        ......+.....",
                "rooms.get           ..+...!.....",
                "rooms.leave         .........+..",
                "messages.send       ...........+",
                "messages.delete     ..........+.",
                "handshake           ...!+....+.+",
                "chat_message        .......+...+",
                "typing              .........+..",
            ],
            "{drawn}"
        );
        let cell = matrix
            .cell(Role::Authenticated(Relation::Outsider), Action::Operation(Operation::RoomsGet));
        assert_eq!((cell.allowed, cell.denied, cell.expected), (1, 0, Permission::Deny));
    }
}
