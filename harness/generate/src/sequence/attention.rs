//! A stretch about one message: its sender and others act on it one after the other, so that its states combine. At
//! the end, one of the others marks the room as read and reads it.

use hearback_scenarios::Action;

use super::command::{
    PlanAction, delete, edit, get_message, get_room, mark_read, read, receipt, reply, send,
};
use super::model::User;
use super::plan::Plan;

/// Actions of the sender.
const BY_SENDER: &[PlanAction] = &[edit, edit, delete, reply];

/// Actions of the others.
const BY_OTHERS: &[PlanAction] = &[read, receipt, reply, mark_read, get_message];

/// Actions of one of the others at the end.
const AT_THE_END: &[PlanAction] = &[mark_read, get_room, get_message];

/// The number of actions on the message.
const ACTIONS: std::ops::RangeInclusive<usize> = 2..=6;

impl Plan {
    /// A stretch about a new or the newest message of a room; empty if the room has one member only, or if it is
    /// archived.
    pub(super) fn attention(&mut self) -> Vec<Action> {
        let room = self.rng.usize(..self.model.rooms.len());
        let present = self.model.rooms[room].present();
        if present.len() < 2 || self.model.rooms[room].archived {
            return Vec::new();
        }
        let mut actions = Vec::new();
        if self.model.rooms[room].messages.is_empty() || self.rng.bool() {
            let user = present[self.rng.usize(..present.len())];
            actions.extend(self.act(user, room, None, send));
        }
        let Some(focus) = self.model.rooms[room].messages.len().checked_sub(1) else {
            return actions;
        };
        let sender = self.model.rooms[room].messages[focus].sender;
        let others: Vec<User> = present.into_iter().filter(|user| *user != sender).collect();
        for _ in 0..self.rng.usize(ACTIONS) {
            let (user, plans) = match self.rng.bool() && self.model.rooms[room].has(sender) {
                true => (sender, BY_SENDER),
                false => (others[self.rng.usize(..others.len())], BY_OTHERS),
            };
            let plan = plans[self.rng.usize(..plans.len())];
            actions.extend(self.act(user, room, Some(focus), plan));
        }
        let reader = others[self.rng.usize(..others.len())];
        for plan in AT_THE_END {
            actions.extend(self.act(reader, room, Some(focus), *plan));
        }
        actions
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use hearback_contract::Operation;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_end_reads_the_room_of_the_message(seed: u64) {
            let mut plan = Plan::new(Rng::with_seed(seed));
            let actions = plan.attention();
            let calls: Vec<_> = actions
                .iter()
                .filter_map(|action| match action {
                    Action::Call(call) => Some(call),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(calls[0].operation, Operation::MessagesSend, "the room was empty");
            let [.., mark, room, message] = &*calls else { panic!("{calls:?}") };
            prop_assert_eq!(mark.operation, Operation::RoomsMarkRead);
            prop_assert_eq!(room.operation, Operation::RoomsGet);
            prop_assert_eq!(message.operation, Operation::MessagesGet);
            prop_assert_eq!(message.at.clone(), Some(plan.model.rooms[0].messages[0].id()));
            prop_assert!(calls[0].actor != mark.actor && mark.actor == room.actor);
        }
    }
}
