//! Building the model of a history.

mod altered_texts;
mod ambiguity;
mod calls;
mod invalid_frames;
mod participants;
mod reads;
mod rejected;
mod sends;
mod socket_sends;
mod streams;
mod unidentified;
mod writes;

use std::thread;

use hearback_history::History;

use self::calls::joined;
use super::Model;

impl<'h> Model<'h> {
    /// Builds the model of a history.
    pub fn of(history: &'h History) -> Self {
        let mut model = calls::assemble(history);
        rejected::mark_rooms(&mut model, history);
        model.ambiguous = ambiguity::ambiguous_ids(&model, history);
        model.invalid_frames = invalid_frames::invalid_frames(&model);
        // None of these needs another one.
        let (recognized, streams, marks) = thread::scope(|scope| {
            let streams = scope.spawn(|| streams::streams(&model, history));
            let marks = scope.spawn(|| reads::find(&model, history));
            (recognized(&model), joined(streams), joined(marks))
        });
        (model.recognized, model.streams) = (recognized, streams);
        reads::assign(&mut model, marks);
        sends::count(&mut model, history);
        model
    }
}

/// The positions of observations of known, unambiguous messages, each with the position of the message.
fn recognized(model: &Model<'_>) -> Vec<(usize, usize)> {
    let is_ambiguous: Vec<bool> =
        model.messages.keys().map(|id| model.ambiguous.contains(id)).collect();
    let recognized = model.identities.iter().enumerate();
    recognized
        .filter_map(|(position, message)| Some((position, (*message)?)))
        .filter(|(_, message)| !is_ambiguous[*message])
        .collect()
}
