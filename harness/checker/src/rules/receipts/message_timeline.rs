//! message_timeline

use ahash::AHashMap;
use hearback_history::Interval;

use super::readers::{Readers, readers, sights};
use crate::model::{Message, MessageObservation, Room};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::member;

/// A message as it was shown with its readers.
#[derive(Debug)]
pub(super) struct Sight<'h> {
    pub(super) observation: &'h MessageObservation<'h>,
    pub(super) readers: Readers<'h>,
}

/// Sights of one message.
pub(super) struct Album<'h> {
    pub(super) message: &'h Message<'h>,
    pub(super) room: &'h Room<'h>,
    /// By invocation.
    pub(super) sights: Vec<Sight<'h>>,
    /// Positions in `sights`, by return.
    pub(super) by_return: Vec<usize>,
}

impl<'h> Album<'h> {
    pub(super) fn returned(&self, position: usize) -> u64 {
        self.sights[self.by_return[position]].observation.at.returned
    }

    /// The last sight that surely came before `interval`.
    pub(super) fn before(&self, interval: Interval) -> Option<&Sight<'h>> {
        let earlier = self
            .by_return
            .partition_point(|index| self.sights[*index].observation.at.precedes(interval));
        Some(&self.sights[self.by_return[earlier.checked_sub(1)?]])
    }

    /// The first sight that surely came after `interval`.
    pub(super) fn after(&self, interval: Interval) -> Option<&Sight<'h>> {
        let from = self.sights.partition_point(|sight| !interval.precedes(sight.observation.at));
        self.sights.get(from)
    }
}

pub(super) fn albums<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) -> Vec<Album<'h>> {
    let mut albums: Vec<Album<'h>> = Vec::new();
    let mut of_message: AHashMap<&str, usize> = AHashMap::new();
    for (observation, message) in sights(input) {
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let Some(readers) = member(observation.value, "read_by", readers, context) else {
            continue;
        };
        let index = *of_message.entry(&message.id).or_insert_with(|| {
            albums.push(Album { message, room, sights: Vec::new(), by_return: Vec::new() });
            albums.len() - 1
        });
        albums[index].sights.push(Sight { observation, readers });
    }
    for album in &mut albums {
        album.sights.sort_by_key(|sight| sight.observation.at.invoked);
        album.by_return = (0..album.sights.len()).collect();
        album.by_return.sort_by_key(|index| album.sights[*index].observation.at.returned);
    }
    albums
}
