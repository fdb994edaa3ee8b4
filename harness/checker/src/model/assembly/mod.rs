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

use hearback_history::History;

use super::Model;

impl<'h> Model<'h> {
    /// Builds the model of a history.
    pub fn of(history: &'h History) -> Self {
        let mut model = calls::assemble(history);
        rejected::mark_rooms(&mut model, history);
        model.ambiguous = ambiguity::ambiguous_ids(&model, history);
        model.invalid_frames = invalid_frames::invalid_frames(&model);
        let is_ambiguous: Vec<bool> =
            model.messages.keys().map(|id| model.ambiguous.contains(id)).collect();
        let recognized = model.identities.iter().enumerate();
        model.recognized = recognized
            .filter_map(|(position, message)| Some((position, (*message)?)))
            .filter(|(_, message)| !is_ambiguous[*message])
            .collect();
        model.streams = streams::streams(&model, history);
        reads::assign(&mut model, history);
        sends::count(&mut model, history);
        model
    }
}
