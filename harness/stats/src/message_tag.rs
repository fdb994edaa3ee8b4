//! The mark in a message's text that says which message it is, and when it was meant to be sent.

use std::fmt;

use memchr::memmem::Finder;

use crate::Nanoseconds;

/// What a stamp begins with: no JSON encoder escapes it, and nobody types it.
const MARK: &str = "hb~";
/// Hexadecimal digits of the members: run, room, sender, sequence, intended time, check.
const DIGITS: [usize; 6] = [8, 8, 8, 8, 16, 4];

/// Identity and intended time of a message, [`MessageTag::LENGTH`] bytes of ASCII in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageTag {
    /// The run, so that what an earlier one left behind is not taken for ours.
    pub run: u32,
    /// Number of the room in the run.
    pub room: u32,
    /// The sender's number in the room.
    pub sender: u32,
    /// Number of the message in the room.
    pub sequence: u32,
    /// When the message was due, on the clock of the run.
    pub intended: Nanoseconds,
}

/// What a frame shows of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagMatch {
    /// A stamp as it was made.
    Valid(MessageTag),
    /// Something that begins like a stamp and is none: cut, or altered.
    Damaged,
    /// None.
    Absent,
}

/// Finds tags in frames; made once, used for every frame.
#[derive(Debug)]
pub struct TagFinder {
    finder: Finder<'static>,
}

impl MessageTag {
    /// Length of a tag in bytes.
    pub const LENGTH: usize = 3 + 8 + 8 + 8 + 8 + 16 + 4 + 1;

    /// Reads a stamp at the beginning of `bytes`.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MARK.as_bytes())?;
        let mut members = [0_u64; 6];
        for (member, digits) in members.iter_mut().zip(DIGITS) {
            let (number, following) = rest.split_at_checked(digits)?;
            for digit in number {
                *member = *member << 4 | u64::from(value(*digit)?);
            }
            rest = following;
        }
        let [run, room, sender, sequence, intended, check] = members;
        // Each number has as many digits as its type holds.
        let tag = Self {
            run: run as u32,
            room: room as u32,
            sender: sender as u32,
            sequence: sequence as u32,
            intended,
        };
        (rest.first() == Some(&b'~') && check == u64::from(tag.check())).then_some(tag)
    }

    /// Sixteen bits of the other members' FNV-1a hash: an altered stamp is recognised as such.
    fn check(&self) -> u16 {
        let members = [self.run, self.room, self.sender, self.sequence];
        let bytes = members.into_iter().flat_map(u32::to_le_bytes);
        let hash = bytes
            .chain(self.intended.to_le_bytes())
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (hash ^ hash >> 16) as u16
    }
}

/// The stamp's text.
impl fmt::Display for MessageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, room, sender, sequence, intended } = self;
        let check = self.check();
        write!(
            formatter,
            "{MARK}{run:08x}{room:08x}{sender:08x}{sequence:08x}{intended:016x}{check:04x}~"
        )
    }
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Default for TagFinder {
    fn default() -> Self {
        Self { finder: Finder::new(MARK) }
    }
}

impl TagFinder {
    /// The first tag in a frame.
    pub fn find(&self, frame: &[u8]) -> TagMatch {
        let Some(at) = self.finder.find(frame) else { return TagMatch::Absent };
        MessageTag::read(&frame[at..]).map_or(TagMatch::Damaged, TagMatch::Valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: MessageTag = MessageTag {
        run: 0xdead_beef,
        room: 7,
        sender: 3,
        sequence: 41,
        intended: 1_234_567_890_123,
    };

    fn find(text: &str) -> TagMatch {
        TagFinder::default().find(text.as_bytes())
    }

    #[test]
    fn a_stamp_is_found_as_it_was_made_wherever_it_stands() {
        let text = TAG.to_string();
        assert_eq!(text.len(), MessageTag::LENGTH);
        assert_eq!(find(&format!("{{\"content\":\"{text} and words\"}}")), TagMatch::Valid(TAG));
        assert_eq!(find(&text), TagMatch::Valid(TAG));
        assert_eq!(find("{\"content\":\"nothing\"}"), TagMatch::Absent);
    }

    #[test]
    fn a_stamp_cut_or_altered_anywhere_is_damaged() {
        let text = TAG.to_string();
        for at in MARK.len()..text.len() {
            assert_eq!(find(&text[..at]), TagMatch::Damaged, "cut at {at}");
            let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
            let altered = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(find(&altered), TagMatch::Damaged, "altered at {at}");
        }
    }
}
