//! Whose turn it is, what they do, and who does something meanwhile.

use fastrand::Rng;
use hearback_contract::Operation;
use hearback_scenarios::step::Call;
use hearback_scenarios::{Action, Step};
use serde_json::json;

use super::command::{COMMANDS, Command, When};
use super::model::{Effect, Index, Message, Model, Room, User};

/// Turns of a sequence, at least and at most.
const TURNS: std::ops::RangeInclusive<usize> = 10..=28;

/// How often a command that cannot be done now is replaced by another.
const TRIES: usize = 8;

/// A sequence in the making.
pub(super) struct Plan {
    rng: Rng,
    model: Model,
    members: usize,
}

/// One user, about to do something in one room.
pub(super) struct Turn<'p> {
    pub(super) model: &'p mut Model,
    rng: &'p mut Rng,
    pub(super) user: User,
    pub(super) room: usize,
    /// The message that everybody is busy with, in rounds in which they are.
    focus: Option<Index>,
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

    /// The members of the first room, beside who makes it.
    pub(super) fn members(&self) -> Vec<String> {
        self.model.actors[1..=self.members].iter().map(ToString::to_string).collect()
    }

    /// Everything, in order.
    pub(super) fn steps(mut self) -> Vec<Step> {
        let turns = self.rng.usize(TURNS);
        let mut actions = Vec::new();
        for turn in 0..turns {
            let is_late = turn * 4 > turns * 3;
            match self.rng.u8(..10) {
                0..=3 => actions.extend(self.round()),
                _ => actions.extend(self.single(is_late)),
            }
        }
        actions.extend(self.last_looks());
        Step::numbered(actions)
    }

    /// One user does one thing.
    fn single(&mut self, is_late: bool) -> Option<Action> {
        let user = self.rng.usize(..self.model.actors.len());
        let room = self.rng.usize(..self.model.rooms.len());
        let can = |when| when != When::Late || is_late;
        let (action, effect) = self.turn(user, room, None, can)?;
        self.model.apply(effect);
        Some(action)
    }

    /// Several users do one thing each, at the same time; half of the rounds are about one message.
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
        // What one does, the others cannot know before the round is over.
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
            // Who is outside, or where nothing can be written, tries it now and then all the same.
            let is_idle = !turn.room().has(user) || turn.room().archived;
            if is_idle && !turn.chance(6) {
                continue;
            }
            if let Some(planned) = (command.plan)(&mut turn) {
                return Some(planned);
            }
        }
        None
    }

    /// When all is quiet: somebody speaks, so that what has not come by then is lost; members look.
    fn last_looks(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        for room in &self.model.rooms {
            let mut present = room.present();
            if let Some(user) = present.iter().find(|user| room.hears(**user))
                && !room.archived
            {
                let index = usize::from(room.name != "room");
                let socket = self.model.socket(*user, index);
                let text = "last words {unique}".to_owned();
                actions.push(Action::Say { socket, text, reply_to: None, save: None });
            }
            self.rng.shuffle(&mut present);
            for (user, nth) in present.into_iter().zip(0..) {
                actions.extend(looks(self.model.actors[user], room, nth == 0));
            }
        }
        actions
    }
}

/// What a member looks at in the end, thoroughly or not.
fn looks(actor: &str, room: &Room, thoroughly: bool) -> Vec<Action> {
    let at = |operation| Call { at: Some(room.id()), ..Call::new(actor, operation) };
    let of = |operation| Call {
        query: vec![("room".to_owned(), json!(room.id()))],
        ..Call::new(actor, operation)
    };
    let mut calls = vec![at(Operation::RoomsGet)];
    if thoroughly {
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

impl Turn<'_> {
    pub(super) fn room(&self) -> &Room {
        &self.model.rooms[self.room]
    }

    /// The name of the user.
    pub(super) fn name(&self) -> &'static str {
        self.model.actors[self.user]
    }

    /// What the user's socket is called.
    pub(super) fn socket(&self) -> String {
        self.model.socket(self.user, self.room)
    }

    /// The user's socket, if it is open.
    pub(super) fn open_socket(&self) -> Option<String> {
        let seat = self.room().seats.get(&self.user)?;
        seat.connected.then(|| self.socket())
    }

    /// A text that occurs nowhere else.
    pub(super) fn text(&mut self) -> String {
        const WORDS: &[&str] = &["hello", "Grüße", "👩‍🚀 hi", "<b>no</b>", "שלום", "a 'quoted' word"];
        format!("{} {{unique}}", WORDS[self.rng.usize(..WORDS.len())])
    }

    /// Any message of the room, or the one that this round is about.
    pub(super) fn message(&mut self) -> Option<(Index, Message)> {
        let all: Vec<_> = (0..self.room().messages.len()).collect();
        let index = self.focus.or_else(|| self.choice(&all))?;
        Some((index, self.room().messages[index].clone()))
    }

    /// A message of the user's own, most often one that is not deleted.
    pub(super) fn own_message(&mut self) -> Option<(Index, Message)> {
        let late = self.chance(8);
        let own = |(_, message): &(usize, &Message)| {
            message.sender == self.user && (late || !message.deleted)
        };
        let messages = self.room().messages.iter().enumerate().filter(own);
        let own: Vec<_> = messages.map(|(index, _)| index).collect();
        let focus = self.focus.filter(|index| own.contains(index));
        let index = focus.or_else(|| self.choice(&own))?;
        Some((index, self.room().messages[index].clone()))
    }

    /// Once in so many times.
    pub(super) fn chance(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    /// A number below another.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.rng.usize(..bound)
    }

    pub(super) fn choice(&mut self, all: &[usize]) -> Option<usize> {
        self.rng.choice(all).copied()
    }
}
