//! Plans a sequence: the order of users, and the rounds in which several of them act at the same time.

use fastrand::Rng;
use hearback_contract::Operation;
use hearback_scenarios::step::Call;
use hearback_scenarios::{Action, Step};
use serde_json::json;

use super::command::{COMMANDS, Command, PlanAction, When};
use super::model::{Effect, Index, Model, Room, User};
use super::turn::Turn;

/// The number of turns and rounds of a sequence.
const TURNS: std::ops::RangeInclusive<usize> = 10..=28;

/// The number of random commands that are tried until one is possible.
const TRIES: usize = 8;

/// A sequence that is being generated.
pub(super) struct Plan {
    pub(super) rng: Rng,
    pub(super) model: Model,
    members: usize,
}

impl Plan {
    pub(super) fn new(mut rng: Rng) -> Self {
        let actors = rng.usize(2..=5);
        let members = rng.usize(1..actors);
        Self { rng, model: Model::new(actors, members), members }
    }

    pub(super) fn actors(&self) -> Vec<String> {
        self.model.actors.iter().map(ToString::to_string).collect()
    }

    /// The members of the first room other than its creator.
    pub(super) fn members(&self) -> Vec<String> {
        self.model.actors[1..=self.members].iter().map(ToString::to_string).collect()
    }

    /// All steps, in order.
    pub(super) fn steps(mut self) -> Vec<Step> {
        let turns = self.rng.usize(TURNS);
        let mut actions = Vec::new();
        for turn in 0..turns {
            let is_late = turn * 4 > turns * 3;
            match self.rng.u8(..20) {
                0..=7 => actions.extend(self.round()),
                8 => actions.extend(self.absence()),
                9..=10 => actions.extend(self.attention()),
                _ => actions.extend(self.single(is_late)),
            }
        }
        actions.extend(self.final_reads());
        Step::numbered(actions)
    }

    /// One action of one user.
    fn single(&mut self, is_late: bool) -> Option<Action> {
        let user = self.rng.usize(..self.model.actors.len());
        let room = self.rng.usize(..self.model.rooms.len());
        let can = |when| when != When::Late || is_late;
        let (action, effect) = self.turn(user, room, None, can)?;
        self.model.apply(effect);
        Some(action)
    }

    /// One action of several users each, at the same time; half of the rounds are about one message.
    fn round(&mut self) -> Option<Action> {
        let room = self.rng.usize(..self.model.rooms.len());
        let messages = self.model.rooms[room].messages.len();
        let focus = (messages > 0 && self.rng.bool()).then(|| self.rng.usize(..messages));
        let mut users: Vec<_> = (0..self.model.actors.len()).collect();
        self.rng.shuffle(&mut users);
        users.truncate(self.rng.usize(2..=users.len()));
        let mut actions = Vec::new();
        let mut effects = Vec::new();
        for user in users {
            let planned = self.turn(user, room, focus, |when| when == When::Any);
            let Some((action, effect)) = planned else { continue };
            actions.push(action);
            effects.push(effect);
        }
        // Users do not know each other's actions before the end of the round.
        effects.into_iter().for_each(|effect| self.model.apply(effect));
        match actions.len() {
            0 | 1 => actions.pop(),
            _ => {
                let branches = actions.into_iter().map(|action| Step::numbered(vec![action]));
                Some(Action::Parallel(branches.collect()))
            }
        }
    }

    fn turn(
        &mut self,
        user: User,
        room: usize,
        focus: Option<Index>,
        can: impl Fn(When) -> bool,
    ) -> Option<(Action, Effect)> {
        for _ in 0..TRIES {
            let command = weighted(&mut self.rng, COMMANDS.iter().filter(|it| can(it.when)))?;
            let mut turn = Turn { model: &mut self.model, rng: &mut self.rng, user, room, focus };
            // Users outside of the room, and writes to archived rooms, are tried occasionally.
            let is_rejected = !turn.room().has(user) || turn.room().archived;
            if is_rejected && !turn.chance(6) {
                continue;
            }
            if let Some(planned) = (command.plan)(&mut turn) {
                return Some(planned);
            }
        }
        None
    }

    /// One action of a user; `None` if it is not possible.
    pub(super) fn act(
        &mut self,
        user: User,
        room: usize,
        focus: Option<Index>,
        plan: PlanAction,
    ) -> Option<Action> {
        let turn = &mut Turn { model: &mut self.model, rng: &mut self.rng, user, room, focus };
        let (action, effect) = plan(turn)?;
        self.model.apply(effect);
        Some(action)
    }

    /// The end of the sequence: a message per room, whose arrival proves earlier losses, and final reads.
    fn final_reads(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        for room in &self.model.rooms {
            let mut present = room.present();
            let mut open =
                present.iter().filter_map(|user| Some((*user, *room.devices(*user).first()?)));
            if let Some((user, device)) = open.next()
                && !room.archived
            {
                let index = usize::from(room.name != "room");
                let socket = self.model.socket(user, index, device);
                let text = "last words {unique}".to_owned();
                actions.push(Action::Say { socket, text, reply_to: None, save: None });
            }
            self.rng.shuffle(&mut present);
            for (user, nth) in present.into_iter().zip(0..) {
                actions.extend(reads(self.model.actors[user], room, nth == 0));
            }
        }
        actions
    }
}

/// The final reads of a member: the room only, or also its messages, participants and statistics.
fn reads(actor: &str, room: &Room, is_complete: bool) -> Vec<Action> {
    let at = |operation| Call { at: Some(room.id()), ..Call::new(actor, operation) };
    let of = |operation| Call {
        query: vec![("room".to_owned(), json!(room.id()))],
        ..Call::new(actor, operation)
    };
    let mut calls = vec![at(Operation::RoomsGet)];
    if is_complete {
        calls.extend([
            of(Operation::MessagesList),
            of(Operation::ParticipantsList),
            at(Operation::RoomsStats),
            Call::new(actor, Operation::RoomsList),
        ]);
    }
    calls.into_iter().map(Action::Call).collect()
}

fn weighted<'c>(
    rng: &mut Rng,
    commands: impl Iterator<Item = &'c Command> + Clone,
) -> Option<&'c Command> {
    let total: u32 = commands.clone().map(|command| command.weight).sum();
    let mut chosen = (total > 0).then(|| rng.u32(..total))?;
    for command in commands {
        match chosen.checked_sub(command.weight) {
            Some(rest) => chosen = rest,
            None => return Some(command),
        }
    }
    None
}
