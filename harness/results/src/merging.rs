//! Merging the results of the shards of a run.

use hearback_history::RunEnd;

use crate::results::Results;

impl Results {
    /// The results of several parts of one run, each with its results; `None` if there are none. If a part is missing,
    /// the run did not finish.
    pub fn of_shards(parts: Vec<Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next()?;
        for part in parts {
            // Each part has cleaned up its own rooms.
            let rooms = std::mem::take(&mut whole.orphaned_rooms);
            let ended = whole.end.take();
            let shards = part.shards.clone();
            whole.merge(part);
            whole.orphaned_rooms.extend(rooms);
            if ended != Some(RunEnd::Completed) {
                whole.end = ended;
            }
            if let (Some(known), Some(added)) = (&mut whole.shards, shards) {
                known.included.extend(added.included);
            }
        }
        // Each part of the run has a name of its own.
        whole.run = None;
        if let Some(shards) = &mut whole.shards {
            shards.included.sort_by_key(|part| part.index);
            let missing = shards.missing();
            if !missing.is_empty() {
                let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
                let reason = format!("missing shards of {}: {}", shards.count, missing.join(", "));
                whole.end = Some(RunEnd::Aborted { reason });
            }
        }
        whole.decide();
        Some(whole)
    }
}
