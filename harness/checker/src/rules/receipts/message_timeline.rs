//! The readers of one message as successive reads showed them.

use ahash::AHashMap;
use hearback_contract::MessageRef;
use hearback_history::{Interval, Nanoseconds};

use super::readers::{Readers, readers, reads};
use crate::model::{Message, MessageObservation, Room};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::member;

/// One read of a message with its readers.
#[derive(Debug)]
pub(super) struct Read<'h> {
    pub(super) observation: &'h MessageObservation<'h>,
    pub(super) readers: Readers<'h>,
}

/// The reads of one message.
pub(super) struct Timeline<'h> {
    pub(super) message: &'h Message<'h>,
    pub(super) room: &'h Room<'h>,
    /// Ordered by invocation.
    pub(super) reads: Vec<Read<'h>>,
    /// Positions in `reads`, ordered by return.
    pub(super) by_return: Vec<usize>,
}

impl<'h> Timeline<'h> {
    pub(super) fn returned(&self, position: usize) -> Nanoseconds {
        self.reads[self.by_return[position]].observation.at.returned
    }

    /// Returns the last read that certainly returned before `interval`.
    pub(super) fn before(&self, interval: Interval) -> Option<&Read<'h>> {
        let earlier = self
            .by_return
            .partition_point(|index| self.reads[*index].observation.at.precedes(interval));
        Some(&self.reads[self.by_return[earlier.checked_sub(1)?]])
    }

    /// Returns the first read that certainly began after `interval`.
    pub(super) fn after(&self, interval: Interval) -> Option<&Read<'h>> {
        let from = self.reads.partition_point(|read| !interval.precedes(read.observation.at));
        self.reads.get(from)
    }
}

pub(super) fn timelines<'h>(
    input: RuleInput<'h>,
    context: &mut RuleContext<'h>,
) -> Vec<Timeline<'h>> {
    let mut timelines: Vec<Timeline<'h>> = Vec::new();
    let mut of_message: AHashMap<MessageRef<'_>, usize> = AHashMap::new();
    for (observation, message) in reads(input) {
        let Some(room) = input.model.rooms.get(&message.room) else { continue };
        let Some(readers) = member(observation.value, "read_by", readers, context) else {
            continue;
        };
        let index = *of_message.entry(message.id.borrowed()).or_insert_with(|| {
            timelines.push(Timeline { message, room, reads: Vec::new(), by_return: Vec::new() });
            timelines.len() - 1
        });
        timelines[index].reads.push(Read { observation, readers });
    }
    for timeline in &mut timelines {
        timeline.reads.sort_by_key(|read| read.observation.at.invoked);
        timeline.by_return = (0..timeline.reads.len()).collect();
        timeline.by_return.sort_by_key(|index| timeline.reads[*index].observation.at.returned);
    }
    timelines
}
