//! Index of secrets: finds their occurrences and fragments in one pass.
//!
//! Every few bytes of a secret, some bytes are an anchor. Any long fragment contains one, from which it is extended
//! in both directions. A text is searched for anchors at every position outside of fragments found before.

use std::ops::Range;

use ahash::HashMap;

use super::secret::Secret;

/// Number of bits of the filter, as a power of two.
const FILTER_BITS: u32 = 17;

/// Maximum number of places of an anchor that are kept.
const MOST_PLACES: usize = 4;

/// Number of bytes at the end of a match from which other matches are searched.
const OVERLAP: usize = 32;

/// Secrets by their anchors.
#[derive(Debug, Default)]
pub(super) struct Index {
    secrets: Vec<Secret>,
    /// Secrets that are shorter than an anchor.
    short: Vec<usize>,
    small: Anchors<4>,
    large: Anchors<8>,
    filter: Filter,
}

/// Secrets and offsets in them, by the `SIZE` bytes at the offset.
#[derive(Debug, Default)]
struct Anchors<const SIZE: usize>(HashMap<u64, Vec<(u32, u32)>>);

/// A bit for each hash of the last four bytes of an anchor, since most positions of a text end none.
#[derive(Debug)]
struct Filter(Box<[u64; 1 << (FILTER_BITS - 6)]>);

impl Default for Filter {
    fn default() -> Self {
        Self(Box::new([0; 1 << (FILTER_BITS - 6)]))
    }
}

impl Filter {
    fn add(&mut self, anchor: u64) {
        let (word, bit) = Self::hash(anchor);
        self.0[word] |= bit;
    }

    /// Returns whether an anchor may end with the last four bytes of `window`, in any case.
    #[inline]
    fn contains(&self, window: u64) -> bool {
        let (word, bit) = Self::hash(window);
        self.0[word] & bit != 0
    }

    fn hash(window: u64) -> (usize, u64) {
        // Makes letters lower case; that others change as well does not matter to a filter.
        let last = (window & u64::from(u32::MAX)) as u32 | 0x2020_2020;
        let hash = (last.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS)) as usize;
        (hash >> 6, 1 << (hash & 63))
    }
}

impl<const SIZE: usize> Anchors<SIZE> {
    /// Adds the anchors of a secret at some offsets; those that many secrets share are skipped, except for one.
    fn add(
        &mut self,
        secret: usize,
        bytes: &[u8],
        offsets: impl Iterator<Item = usize>,
        filter: &mut Filter,
    ) {
        let anchor = |offset| Some((offset, number(bytes.get(offset..offset + SIZE)?)));
        let anchors: Vec<(usize, u64)> = offsets.map_while(anchor).collect();
        let places = |anchor: &u64| self.0.get(anchor).map_or(0, Vec::len);
        let rarest = anchors.iter().map(|(_, anchor)| places(anchor)).min().unwrap_or(0);
        for (offset, anchor) in anchors {
            let places = self.0.entry(anchor).or_default();
            if places.len() < MOST_PLACES.max(rarest + 1)
                && let (Ok(secret), Ok(offset)) = (u32::try_from(secret), u32::try_from(offset))
            {
                places.push((secret, offset));
                filter.add(anchor);
            }
        }
    }

    /// The secrets with an anchor that ends with the last bytes of `window`, which are `length` bytes of a text.
    fn ending(&self, window: u64, length: usize) -> &[(u32, u32)] {
        let anchor = window & (u64::MAX >> (64 - 8 * SIZE));
        let places = (length >= SIZE).then(|| self.0.get(&anchor)).flatten();
        places.map_or(&[], |places| &places[..])
    }
}

/// Bytes as a number, with the first one as its highest byte.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Eight bytes in lower case, all at once.
fn folded(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = bytes & (0x7f * EACH);
    // The highest bit of a byte that is at least "A", and of one that is greater than "Z".
    let (from_a, past_z) = (low + 0x3f * EACH, low + 0x25 * EACH);
    bytes | (from_a & !past_z & !bytes & (0x80 * EACH)) >> 2
}

impl Index {
    pub(super) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Adds a form of a secret.
    pub(super) fn add(&mut self, form: &[u8], label: &str) {
        let number = self.secrets.len();
        let secret = Secret::new(form, label);
        let bytes = &secret.folded;
        let shortest = secret.shortest_fragment();
        // A whole secret contains the first anchor.
        let offsets = match secret.has_fragments() {
            true => 0..bytes.len(),
            false => 0..1,
        };
        match bytes.len() {
            ..4 => self.short.push(number),
            _ if shortest >= 12 => {
                self.large.add(number, bytes, offsets.step_by(shortest - 7), &mut self.filter)
            }
            _ => self.small.add(number, bytes, offsets.step_by(shortest - 3), &mut self.filter),
        }
        self.secrets.push(secret);
    }

    /// Returns whether an anchor may end with the last four bytes of `window`.
    #[inline]
    pub(super) fn may_end(&self, window: u64) -> bool {
        self.filter.contains(window)
    }

    /// Returns whether an anchor ends with the last bytes of `window`, which are `length` bytes of a text.
    pub(super) fn ends_anchor(&self, window: u64, length: usize) -> bool {
        let window = folded(window);
        !(self.small.ending(window, length).is_empty()
            && self.large.ending(window, length).is_empty())
    }

    /// Returns whether there are secrets that have no anchors.
    pub(super) fn has_short(&self) -> bool {
        !self.short.is_empty()
    }

    /// Calls `found` with the range and the label of everything in `text` that is secret. Ranges may overlap.
    pub(super) fn find<'a>(&'a self, text: &[u8], mut found: impl FnMut(Range<usize>, &'a str)) {
        if self.is_empty() {
            return;
        }
        let (mut large, mut small) = (Search::default(), Search::default());
        let mut window = 0;
        for (end, byte) in (1..).zip(text) {
            window = window << 8 | u64::from(byte.to_ascii_lowercase());
            if self.filter.contains(window) {
                let places = self.large.ending(window, end);
                self.extend(text, end.saturating_sub(8), places, &mut large, &mut found);
                let places = self.small.ending(window, end);
                self.extend(text, end.saturating_sub(4), places, &mut small, &mut found);
            }
        }
        for number in &self.short {
            let secret = &self.secrets[*number];
            let length = secret.folded.len();
            for (start, window) in text.windows(length).enumerate() {
                let range = start..start + length;
                if window.eq_ignore_ascii_case(&secret.folded)
                    && secret.is_exposed(text, &range, &(0..length))
                {
                    found(range, &secret.label);
                }
            }
        }
    }

    /// Extends an anchor at a position of a text in both directions.
    fn extend<'a>(
        &'a self,
        text: &[u8],
        position: usize,
        places: &[(u32, u32)],
        search: &mut Search,
        found: &mut impl FnMut(Range<usize>, &'a str),
    ) {
        if places.is_empty() || position < search.next {
            return;
        }
        let (mut longest, mut is_found) = (0, false);
        for (number, offset) in places {
            let secret = &self.secrets[*number as usize];
            let (bytes, offset) = (&secret.folded, *offset as usize);
            let text_before = text[search.floor..position].iter().rev();
            let before = common(text_before, bytes[..offset].iter().rev());
            let after = common(text[position..].iter(), bytes[offset..].iter());
            let range = position - before..position + after;
            let part = offset - before..offset + after;
            longest = longest.max(after);
            if secret.is_exposed(text, &range, &part) {
                found(range, &secret.label);
                is_found = true;
            }
        }
        let skipped = longest.saturating_sub(OVERLAP).max(1);
        search.next = position + skipped;
        if skipped > 1 && !is_found {
            search.floor = search.next;
        }
    }
}

/// State of a search for anchors of one size.
#[derive(Debug, Default)]
struct Search {
    /// Position from which anchors are extended.
    next: usize,
    /// Nothing before it is part of a match: bounds the time for texts that almost repeat a secret.
    floor: usize,
}

/// Number of first bytes of a text that equal those of a secret.
fn common<'a>(text: impl Iterator<Item = &'a u8>, secret: impl Iterator<Item = &'a u8>) -> usize {
    text.zip(secret).take_while(|(one, other)| one.to_ascii_lowercase() == **other).count()
}
