//! Index of secrets: finds their occurrences and fragments in one pass.
//!
//! Every few bytes of a secret, some bytes are an anchor. Any long fragment contains one, from which it is extended
//! in both directions. A text is searched for anchors at every position outside of fragments found before.

use std::ops::Range;

use ahash::HashMap;

use super::secret::{self, Secret};

/// Number of bits of a filter.
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
}

/// Secrets and offsets in them, by the `SIZE` bytes at the offset.
#[derive(Debug)]
struct Anchors<const SIZE: usize> {
    places: HashMap<[u8; SIZE], Vec<(u32, u32)>>,
    /// A bit for each hash of an anchor, since most positions of a text begin with none.
    filter: Vec<u64>,
}

impl<const SIZE: usize> Default for Anchors<SIZE> {
    fn default() -> Self {
        Self { places: HashMap::default(), filter: vec![0; 1 << (FILTER_BITS - 6)] }
    }
}

impl<const SIZE: usize> Anchors<SIZE> {
    /// Adds the anchors of a secret at some offsets; those that many secrets share are skipped, except for one.
    fn add(&mut self, secret: usize, bytes: &[u8], offsets: impl Iterator<Item = usize>) {
        let anchor = |offset: usize| -> Option<[u8; SIZE]> {
            bytes.get(offset..offset + SIZE)?.try_into().ok()
        };
        let anchors: Vec<_> = offsets.map_while(|offset| Some((offset, anchor(offset)?))).collect();
        let places = |anchor: &[u8; SIZE]| self.places.get(anchor).map_or(0, Vec::len);
        let rarest = anchors.iter().map(|(_, anchor)| places(anchor)).min().unwrap_or(0);
        for (offset, anchor) in anchors {
            let places = self.places.entry(anchor).or_default();
            if places.len() < MOST_PLACES.max(rarest + 1)
                && let (Ok(secret), Ok(offset)) = (u32::try_from(secret), u32::try_from(offset))
            {
                places.push((secret, offset));
                let (word, bit) = Self::hash(&anchor);
                self.filter[word] |= bit;
            }
        }
    }

    fn at(&self, text: &[u8], position: usize) -> Option<&[(u32, u32)]> {
        let anchor: &[u8; SIZE] = text.get(position..position + SIZE)?.try_into().ok()?;
        let (word, bit) = Self::hash(anchor);
        if self.filter[word] & bit == 0 {
            return None;
        }
        self.places.get(anchor).map(|places| &places[..])
    }

    fn hash(anchor: &[u8; SIZE]) -> (usize, u64) {
        let number = anchor.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS);
        let hash = usize::try_from(hash).unwrap_or_default();
        (hash >> 6, 1 << (hash & 63))
    }
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
            _ if shortest >= 12 => self.large.add(number, bytes, offsets.step_by(shortest - 7)),
            _ => self.small.add(number, bytes, offsets.step_by(shortest - 3)),
        }
        self.secrets.push(secret);
    }

    /// Calls `found` with the range and the label of everything in `text` that is secret. Ranges may overlap.
    pub(super) fn find<'a>(&'a self, text: &[u8], mut found: impl FnMut(Range<usize>, &'a str)) {
        if self.is_empty() {
            return;
        }
        let folded = secret::folded(text);
        self.find_anchored(text, &folded, &self.large, &mut found);
        self.find_anchored(text, &folded, &self.small, &mut found);
        for number in &self.short {
            let secret = &self.secrets[*number];
            let length = secret.folded.len();
            for (start, window) in folded.windows(length).enumerate() {
                let range = start..start + length;
                if *window == *secret.folded && secret.is_exposed(text, &range, &(0..length)) {
                    found(range, &secret.label);
                }
            }
        }
    }

    fn find_anchored<'a, const SIZE: usize>(
        &'a self,
        text: &[u8],
        folded: &[u8],
        anchors: &Anchors<SIZE>,
        found: &mut impl FnMut(Range<usize>, &'a str),
    ) {
        if anchors.places.is_empty() {
            return;
        }
        let mut position = 0;
        // Nothing before it is part of a match: bounds the time for texts that almost repeat a secret.
        let mut floor = 0;
        while position + SIZE <= folded.len() {
            let Some(places) = anchors.at(folded, position) else {
                position += 1;
                continue;
            };
            let (mut longest, mut is_found) = (0, false);
            for (number, offset) in places {
                let secret = &self.secrets[*number as usize];
                let (bytes, offset) = (&secret.folded, *offset as usize);
                let before =
                    common(folded[floor..position].iter().rev(), bytes[..offset].iter().rev());
                let after = common(folded[position..].iter(), bytes[offset..].iter());
                let range = position - before..position + after;
                let part = offset - before..offset + after;
                longest = longest.max(after);
                if secret.is_exposed(text, &range, &part) {
                    found(range, &secret.label);
                    is_found = true;
                }
            }
            let skipped = longest.saturating_sub(OVERLAP).max(1);
            position += skipped;
            if skipped > 1 && !is_found {
                floor = position;
            }
        }
    }
}

fn common<'a>(text: impl Iterator<Item = &'a u8>, secret: impl Iterator<Item = &'a u8>) -> usize {
    text.zip(secret).take_while(|(one, other)| one == other).count()
}
