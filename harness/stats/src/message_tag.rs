//! Message tags: the identity and intended send time of a message, embedded in its text.

use std::fmt;

use hearback_history::Nanoseconds;
use memchr::memmem::Finder;

/// Prefix of a tag. JSON encoders do not escape it, and people do not type it.
const PREFIX: &str = "hb~";
/// Number of hexadecimal digits of each field: run, room, sender, sequence, intended time, checksum.
const DIGITS: [usize; 6] = [8, 8, 8, 8, 16, 4];

/// Identity and intended send time of a message: [`MessageTag::LENGTH`] bytes of ASCII in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageTag {
    /// Random number of the run, which distinguishes its messages from those of earlier runs.
    pub run: u32,
    /// Index of the room in the run.
    pub room: u32,
    /// Index of the sender in the room.
    pub sender: u32,
    /// Sequence number of the message in the room.
    pub sequence: u32,
    /// Intended send time, on the clock of the run; in a room that several workers share, since their common start.
    pub intended: Nanoseconds,
}

/// The result of a search for a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagMatch {
    /// An intact tag.
    Valid(MessageTag),
    /// A truncated or altered tag.
    Damaged,
    /// No tag.
    Absent,
}

/// Finds tags in frames. Created once, since it precomputes a substring search.
#[derive(Debug)]
pub struct TagFinder {
    finder: Finder<'static>,
}

impl MessageTag {
    /// Length of a tag, in bytes.
    pub const LENGTH: usize = 3 + 8 + 8 + 8 + 8 + 16 + 4 + 1;

    /// Parses a tag at the start of `bytes`.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(PREFIX.as_bytes())?;
        let mut fields = [0_u64; 6];
        for (field, digits) in fields.iter_mut().zip(DIGITS) {
            let (number, following) = rest.split_at_checked(digits)?;
            for digit in number {
                *field = *field << 4 | u64::from(value(*digit)?);
            }
            rest = following;
        }
        let [run, room, sender, sequence, intended, checksum] = fields;
        // No number has more digits than its type can hold.
        let tag = Self {
            run: run as u32,
            room: room as u32,
            sender: sender as u32,
            sequence: sequence as u32,
            intended: Nanoseconds::new(intended),
        };
        (rest.first() == Some(&b'~') && checksum == u64::from(tag.checksum())).then_some(tag)
    }

    /// Sixteen bits of the FNV-1a hash of the other fields, which reveal an altered tag.
    fn checksum(&self) -> u16 {
        let fields = [self.run, self.room, self.sender, self.sequence];
        let bytes = fields.into_iter().flat_map(u32::to_le_bytes);
        let hash = bytes
            .chain(self.intended.get().to_le_bytes())
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (hash ^ hash >> 16) as u16
    }
}

impl fmt::Display for MessageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, room, sender, sequence, intended } = self;
        let intended = intended.get();
        let checksum = self.checksum();
        write!(
            formatter,
            "{PREFIX}{run:08x}{room:08x}{sender:08x}{sequence:08x}{intended:016x}{checksum:04x}~"
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
        Self { finder: Finder::new(PREFIX) }
    }
}

impl TagFinder {
    /// Finds the first tag in a frame.
    pub fn find(&self, frame: &[u8]) -> TagMatch {
        let Some(at) = self.finder.find(frame) else { return TagMatch::Absent };
        MessageTag::parse(&frame[at..]).map_or(TagMatch::Damaged, TagMatch::Valid)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAG: MessageTag = MessageTag {
        run: 0xdead_beef,
        room: 7,
        sender: 3,
        sequence: 41,
        intended: Nanoseconds::new(1_234_567_890_123),
    };

    fn find(text: &str) -> TagMatch {
        TagFinder::default().find(text.as_bytes())
    }

    #[test]
    fn intact_tags_are_found_anywhere() {
        let text = TAG.to_string();
        assert_eq!(text.len(), MessageTag::LENGTH);
        assert_eq!(find(&format!("{{\"content\":\"{text} and words\"}}")), TagMatch::Valid(TAG));
        assert_eq!(find(&text), TagMatch::Valid(TAG));
        assert_eq!(find("{\"content\":\"nothing\"}"), TagMatch::Absent);
    }

    #[test]
    fn truncated_and_altered_tags_are_damaged() {
        let text = TAG.to_string();
        for at in PREFIX.len()..text.len() {
            assert_eq!(find(&text[..at]), TagMatch::Damaged, "cut at {at}");
            let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
            let altered = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(find(&altered), TagMatch::Damaged, "altered at {at}");
        }
    }

    proptest! {
        #[test]
        fn every_tag_survives_formatting(
            run: u32, room: u32, sender: u32, sequence: u32, intended: u64, before in "[^~]*", after: String
        ) {
            let tag = MessageTag { run, room, sender, sequence, intended: Nanoseconds::new(intended) };
            prop_assert_eq!(find(&format!("{before}{tag}{after}")), TagMatch::Valid(tag));
        }

        #[test]
        fn arbitrary_bytes_contain_only_the_tags_that_are_spelled_out(
            before: Vec<u8>, rest in "[0-9a-f~]{0,60}"
        ) {
            let frame = [&*before, PREFIX.as_bytes(), rest.as_bytes()].concat();
            match TagFinder::default().find(&frame) {
                TagMatch::Valid(tag) => {
                    prop_assert!(memchr::memmem::find(&frame, tag.to_string().as_bytes()).is_some());
                }
                found => prop_assert_eq!(found, TagMatch::Damaged),
            }
        }
    }
}
