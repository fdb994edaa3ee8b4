//! The turn of one user: the random choices that commands make.

use fastrand::Rng;

use super::model::{Device, Index, Message, Model, Room, User};

/// One user who acts in one room.
pub(super) struct Turn<'p> {
    pub(super) model: &'p mut Model,
    pub(super) rng: &'p mut Rng,
    pub(super) user: User,
    pub(super) room: usize,
    /// The message that the round is about, if any.
    pub(super) focus: Option<Index>,
}

impl Turn<'_> {
    pub(super) fn room(&self) -> &Room {
        &self.model.rooms[self.room]
    }

    /// The name of the user.
    pub(super) fn name(&self) -> &'static str {
        self.model.actors[self.user]
    }

    /// The name of the socket of a device of the user.
    pub(super) fn socket(&self, device: Device) -> String {
        self.model.socket(self.user, self.room, device)
    }

    /// A device of the user whose socket is open, and the name of the socket.
    pub(super) fn open_socket(&mut self) -> Option<(Device, String)> {
        let devices = self.room().devices(self.user);
        let device = self.choice(&devices)?;
        Some((device, self.socket(device)))
    }

    /// A unique text.
    pub(super) fn text(&mut self) -> String {
        const WORDS: &[&str] = &[
            "hello",
            "Grüße",
            "👩‍🚀 hi",
            "<b>no</b>",
            "שלום",
            "a 'quoted' word",
            // Longer than previews, in characters of several code points.
            "{characters.family.210}",
            "e{characters.combining.301}",
        ];
        format!("{} {{unique}}", WORDS[self.rng.usize(..WORDS.len())])
    }

    /// A message of the room: the one that the round is about, or any.
    pub(super) fn message(&mut self) -> Option<(Index, Message)> {
        let all: Vec<_> = (0..self.room().messages.len()).collect();
        let index = self.focus.or_else(|| self.choice(&all))?;
        Some((index, self.room().messages[index].clone()))
    }

    /// A message of the user, rarely a deleted one.
    pub(super) fn own_message(&mut self) -> Option<(Index, Message)> {
        let is_deleted_allowed = self.chance(8);
        let own = |(_, message): &(usize, &Message)| {
            message.sender == self.user && (is_deleted_allowed || !message.deleted)
        };
        let messages = self.room().messages.iter().enumerate().filter(own);
        let own: Vec<_> = messages.map(|(index, _)| index).collect();
        let focus = self.focus.filter(|index| own.contains(index));
        let index = focus.or_else(|| self.choice(&own))?;
        Some((index, self.room().messages[index].clone()))
    }

    /// True with a probability of one in `times`.
    pub(super) fn chance(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    /// A random number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.rng.usize(..bound)
    }

    pub(super) fn choice(&mut self, all: &[usize]) -> Option<usize> {
        self.rng.choice(all).copied()
    }
}
