//! Matching messages whose text the target altered with the frames that sent them.
//!
//! The order of arrival identifies nothing, because any message may be late. A message is identified
//! by the marks in its text, then by its sender and by the message that it answers. A message
//! without marks is identified if it is the only one of its sender, and the sender has one frame
//! without a message. If two matchings are possible, both sides are ambiguous.

use ahash::{AHashMap, AHashSet};
use hearback_contract::{MessageRef, RoomRef, UserId};
use hearback_history::Nanoseconds;

use crate::model::text_mark::{distinctive_words, letters};

/// A text that was sent by socket.
#[derive(Clone, Copy)]
pub(super) struct Sent<'h> {
    pub(super) room: RoomRef<'h>,
    pub(super) sender: Option<UserId>,
    pub(super) reply_to: Option<MessageRef<'h>>,
    pub(super) at: Nanoseconds,
    pub(super) text: &'h str,
    /// True if a message with exactly this text was received.
    pub(super) is_known: bool,
}

/// A received message whose text was not sent.
#[derive(Clone, Copy)]
pub(super) struct Shown<'h> {
    pub(super) room: RoomRef<'h>,
    pub(super) sender: Option<UserId>,
    pub(super) reply_to: Option<MessageRef<'h>>,
    pub(super) at: Nanoseconds,
    pub(super) text: &'h str,
}

/// The message of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// No received message can be it.
    Missing,
    /// The position of the message among those with altered texts.
    Altered(usize),
    /// Several messages can be it, or its message can be that of another frame.
    Ambiguous,
}

/// The identity of each sent text, and whether each shown message may be one of them without being
/// identified.
pub(super) fn identities(sent: &[Sent<'_>], shown: &[Shown<'_>]) -> (Vec<Identity>, Vec<bool>) {
    let mut identities = vec![Identity::Missing; sent.len()];
    let mut is_ambiguous = vec![false; shown.len()];
    if shown.is_empty() {
        return (identities, is_ambiguous);
    }
    let (candidates, is_marked) = marked_candidates(sent, shown);
    let mut messages_of: AHashMap<usize, Vec<usize>> = AHashMap::new();
    for (message, candidates) in candidates.iter().enumerate() {
        for candidate in candidates {
            messages_of.entry(*candidate).or_default().push(message);
        }
    }
    for (frame, messages) in &messages_of {
        match messages[..] {
            [message] if candidates[message].len() == 1 => {
                identities[*frame] = Identity::Altered(message);
            }
            _ => {
                identities[*frame] = Identity::Ambiguous;
                messages.iter().for_each(|message| is_ambiguous[*message] = true);
            }
        }
    }
    // Messages without marks, by their sender.
    let mut groups: AHashMap<_, (Vec<usize>, Vec<usize>)> = AHashMap::new();
    for (frame, it) in sent.iter().enumerate() {
        if !it.is_known && identities[frame] == Identity::Missing {
            groups.entry((it.room, it.sender)).or_default().0.push(frame);
        }
    }
    for (message, it) in shown.iter().enumerate().filter(|(message, _)| !is_marked[*message]) {
        if let Some((_, messages)) = groups.get_mut(&(it.room, it.sender)) {
            messages.push(message);
        }
    }
    for (frames, messages) in groups.into_values() {
        let (Some(first), Some(last)) = (
            frames.iter().map(|frame| sent[*frame].at).min(),
            messages.iter().map(|message| shown[*message].at).max(),
        ) else {
            continue;
        };
        if let ([frame], [message]) = (&frames[..], &messages[..]) {
            if first < last {
                identities[*frame] = Identity::Altered(*message);
            }
            continue;
        }
        for frame in frames.into_iter().filter(|frame| sent[*frame].at < last) {
            identities[frame] = Identity::Ambiguous;
        }
        for message in messages.into_iter().filter(|message| first < shown[*message].at) {
            is_ambiguous[message] = true;
        }
    }
    (identities, is_ambiguous)
}

/// For each shown message, the frames whose text has the same marks, and whether there are any,
/// including frames whose message is known.
fn marked_candidates(sent: &[Sent<'_>], shown: &[Shown<'_>]) -> (Vec<Vec<usize>>, Vec<bool>) {
    let rooms: AHashSet<_> = shown.iter().map(|it| it.room).collect();
    let mut by_word: AHashMap<(RoomRef<'_>, String), Vec<usize>> = AHashMap::new();
    let mut by_letters: AHashMap<(RoomRef<'_>, String), Vec<usize>> = AHashMap::new();
    for (frame, it) in sent.iter().enumerate().filter(|(_, it)| rooms.contains(&it.room)) {
        for word in distinctive_words(it.text) {
            by_word.entry((it.room, word)).or_default().push(frame);
        }
        let letters = letters(it.text);
        if !letters.is_empty() {
            by_letters.entry((it.room, letters)).or_default().push(frame);
        }
    }
    let mut is_marked = Vec::with_capacity(shown.len());
    let candidates = shown.iter().map(|it| {
        let words = distinctive_words(it.text);
        let mut frames: Vec<usize> =
            words.filter_map(|word| by_word.get(&(it.room, word))).flatten().copied().collect();
        if frames.is_empty() {
            frames = by_letters.get(&(it.room, letters(it.text))).cloned().unwrap_or_default();
        }
        frames.sort_unstable();
        frames.dedup();
        is_marked.push(!frames.is_empty());
        frames.retain(|frame| !sent[*frame].is_known && sent[*frame].at < it.at);
        narrow(&mut frames, |frame| sent[frame].sender == it.sender);
        narrow(&mut frames, |frame| sent[frame].reply_to == it.reply_to);
        frames
    });
    let candidates = candidates.collect();
    (candidates, is_marked)
}

/// Retains the frames that fit, if there are any among several.
fn narrow(frames: &mut Vec<usize>, fits: impl Fn(usize) -> bool) {
    if frames.len() > 1 && frames.iter().any(|frame| fits(*frame)) {
        frames.retain(|frame| fits(*frame));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use hearback_contract::{MessageId, RoomId};

    use super::Identity::{Altered, Ambiguous, Missing};
    use super::*;

    static ROOM: LazyLock<RoomId> = LazyLock::new(|| "r1".to_owned().into());

    static MESSAGES: LazyLock<[MessageId; 2]> =
        LazyLock::new(|| ["m1", "m2"].map(|id| id.to_owned().into()));

    fn sent(sender: i64, at: u64, text: &'static str) -> Sent<'static> {
        Sent {
            room: ROOM.borrowed(),
            sender: Some(sender.into()),
            reply_to: None,
            at: Nanoseconds::from_millis(at),
            text,
            is_known: false,
        }
    }

    fn shown(sender: i64, at: u64, text: &'static str) -> Shown<'static> {
        let Sent { room, sender, reply_to, at, text, .. } = sent(sender, at, text);
        Shown { room, sender, reply_to, at, text }
    }

    #[test]
    fn marks_identify_messages_in_any_order() {
        let frames = [sent(1, 10, "<a> u7f3a9c01"), sent(1, 20, "<b> u7f3a9c02")];
        let late = [shown(1, 50, "&lt;b&gt; U7F3A9C02"), shown(1, 60, "&lt;a&gt; U7F3A9C01")];
        assert_eq!(identities(&frames, &late), (vec![Altered(1), Altered(0)], vec![false; 2]));
        // One of them never arrives.
        assert_eq!(identities(&frames, &late[..1]).0, [Missing, Altered(0)]);
        // The letters are enough if no word is distinctive, and the sender if the letters are not.
        let frames = [sent(1, 10, " One "), sent(2, 20, "one"), sent(1, 30, "two")];
        let trimmed = [shown(2, 50, "ONE"), shown(1, 60, "TWO"), shown(1, 70, "ONE")];
        assert_eq!(identities(&frames, &trimmed).0, [Altered(2), Altered(0), Altered(1)]);
    }

    #[test]
    fn replies_are_identified_by_what_they_answer() {
        let [first, second] = [0, 1].map(|index: usize| Some(MESSAGES[index].borrowed()));
        let frame = |at, reply_to| Sent { reply_to, ..sent(1, at, "yes") };
        let message = |at, reply_to| Shown { reply_to, ..shown(1, at, "YES") };
        let messages = [message(50, second), message(60, first)];
        let (identities, _) = identities(&[frame(10, first), frame(20, second)], &messages);
        assert_eq!(identities, [Altered(1), Altered(0)]);
    }

    #[test]
    fn two_possible_matchings_identify_nothing() {
        let frames = [sent(1, 10, "yes"), sent(1, 20, "yes ")];
        let messages = [shown(1, 50, "YES"), shown(1, 60, "YES")];
        assert_eq!(identities(&frames, &messages), (vec![Ambiguous; 2], vec![true; 2]));
        assert_eq!(identities(&frames, &messages[..1]), (vec![Ambiguous; 2], vec![true]));
        // Without marks, the only message of a sender is identified.
        let replaced = [shown(1, 50, "***"), shown(1, 60, "***"), shown(2, 70, "***")];
        assert_eq!(identities(&frames, &replaced), (vec![Ambiguous; 2], vec![true, true, false]));
        assert_eq!(identities(&frames[..1], &replaced[..1]).0, [Altered(0)]);
        assert_eq!(identities(&frames[..1], &replaced[2..]).0, [Missing]);
        // A message cannot arrive before it was sent.
        assert_eq!(identities(&frames[1..], &[shown(1, 15, "***")]).0, [Missing]);
    }

    #[test]
    fn a_known_frame_has_no_second_message() {
        let frames = [Sent { is_known: true, ..sent(1, 10, "a u7f3a9c01") }, sent(1, 20, "b")];
        let copies = [shown(1, 50, "A U7F3A9C01")];
        assert_eq!(identities(&frames, &copies), (vec![Missing; 2], vec![false]));
    }
}
