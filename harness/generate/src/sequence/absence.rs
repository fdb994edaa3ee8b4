//! The absence of a user: one socket is closed, others write, and the user comes back and reads what it missed.

use hearback_contract::Operation;
use hearback_scenarios::step::Call;
use hearback_scenarios::{Action, Step};
use serde_json::json;

use super::command::{PlanAction, connect_device, delete, edit, send, send_by_socket};
use super::model::{Effect, User};
use super::plan::Plan;
use super::turn::Turn;

/// Actions of others during the absence.
const MEANWHILE: &[PlanAction] = &[send, send, send_by_socket, edit, delete];

/// Maximum number of actions during the absence.
const MOST: usize = 4;

/// The sizes of pages in which missed messages are read.
const PAGE_SIZES: std::ops::RangeInclusive<usize> = 2..=6;

impl Plan {
    /// An absence of a random user of a room; empty if no user of the room has a socket and company.
    pub(super) fn absence(&mut self) -> Vec<Action> {
        let room = self.rng.usize(..self.model.rooms.len());
        let present = self.model.rooms[room].present();
        let can_leave = |user: &User| !self.model.rooms[room].devices(*user).is_empty();
        let absent: Vec<User> = present.iter().copied().filter(can_leave).collect();
        let Some(user) = self.rng.choice(&absent).copied() else { return Vec::new() };
        let others: Vec<User> = present.into_iter().filter(|other| *other != user).collect();
        if others.is_empty() || self.model.rooms[room].archived {
            return Vec::new();
        }
        let device = self.model.rooms[room].devices(user)[0];
        let socket = self.model.socket(user, room, device);
        self.model.apply(Effect::Disconnected { room, user, device });
        let mut actions = vec![Action::Disconnect { socket }];
        for _ in 0..self.rng.usize(1..=MOST) {
            actions.extend(self.meanwhile(room, &others));
        }
        let returning = connect_device(&mut self.turn_of(user, room), device);
        let Some((connect, connected)) = returning else { return actions };
        let back = vec![connect, self.catch_up(user, room)];
        // Users may write while one comes back.
        match self.rng.bool().then(|| self.meanwhile(room, &others)).flatten() {
            Some(late) => {
                let branches = [back, vec![late]].map(Step::numbered);
                actions.push(Action::Parallel(branches.into()));
            }
            None => actions.extend(back),
        }
        self.model.apply(connected);
        actions
    }

    /// An action of one of the others.
    fn meanwhile(&mut self, room: usize, others: &[User]) -> Option<Action> {
        let user = *self.rng.choice(others)?;
        let plan = self.rng.choice(MEANWHILE)?;
        self.act(user, room, None, *plan)
    }

    /// Reads all messages of the room, page by page.
    fn catch_up(&mut self, user: User, room: usize) -> Action {
        let order = if self.rng.bool() { "created_at" } else { "-created_at" };
        let query = [
            ("room", json!(self.model.rooms[room].id())),
            ("ordering", json!(order)),
            ("page_size", json!(self.rng.usize(PAGE_SIZES))),
        ];
        let query = query.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let call = Call { query, ..Call::new(self.model.actors[user], Operation::MessagesList) };
        Action::Walk { call, between: Vec::new() }
    }

    fn turn_of(&mut self, user: User, room: usize) -> Turn<'_> {
        Turn { model: &mut self.model, rng: &mut self.rng, user, room, focus: None }
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use proptest::prelude::*;

    use super::*;

    /// The owner of a socket or the caller of an operation.
    fn actor(action: &Action) -> &str {
        match action {
            Action::Call(call) | Action::Walk { call, .. } => &call.actor,
            Action::Connect { actor, .. } => actor,
            // Sockets have the names of their owners.
            Action::Disconnect { socket } | Action::Send { socket, .. } => socket,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn others_write_between_leaving_and_catching_up(seed: u64) {
            let mut plan = Plan::new(Rng::with_seed(seed));
            prop_assert_eq!(plan.absence(), [], "without a socket");
            for user in plan.model.rooms[0].present() {
                plan.model.apply(Effect::Connected { room: 0, user, device: 0 });
            }
            let before = plan.model.rooms[0].clone();
            let mut actions = plan.absence();
            let late = match actions.pop() {
                Some(Action::Parallel(branches)) => {
                    let [back, late] = <[_; 2]>::try_from(branches).unwrap();
                    actions.extend(back.into_iter().map(|step| step.action));
                    late.into_iter().map(|step| step.action).collect()
                }
                last => {
                    actions.extend(last);
                    Vec::new()
                }
            };
            let [Action::Disconnect { socket: left }, meanwhile @ .., connect, catch_up] = &*actions
            else {
                panic!("{actions:?}")
            };
            let Action::Connect { socket, .. } = connect else { panic!("{connect:?}") };
            let Action::Walk { call, .. } = catch_up else { panic!("{catch_up:?}") };
            prop_assert_eq!(call.operation, Operation::MessagesList);
            prop_assert_eq!((socket, &call.actor), (left, left));
            prop_assert!(meanwhile.len() <= MOST);
            prop_assert!(meanwhile.iter().chain(&late).all(|action| actor(action) != left));
            let after = &plan.model.rooms[0];
            let connected = |room: &super::super::model::Room| {
                room.present().iter().map(|user| room.devices(*user)).collect::<Vec<_>>()
            };
            prop_assert_eq!(connected(after), connected(&before));
        }
    }
}
