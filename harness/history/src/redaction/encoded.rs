//! Decoding of base64, with either alphabet and at any alignment, and of hexadecimal digits.

use std::ops::Range;

use super::index::Index;

/// Minimum length of a run of digits that is decoded: fewer encode no secret.
const SHORTEST_RUN: usize = 8;

/// Value of a byte that is not a digit.
const NONE: u8 = u8::MAX;

/// Values of the digits of base64.
const BASE64: [u8; 256] = {
    let mut values = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < 64 {
        values[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Values of hexadecimal digits.
const HEXADECIMAL: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        values[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// An encoding with digits of `BITS` bits each.
struct Encoding<const BITS: usize> {
    values: &'static [u8; 256],
}

/// Calls `found` with what each long part of a text may encode, and a function from its ranges to those of `text`.
///
/// Parts in which no anchor of `index` is encoded are left out.
pub(super) fn decode(
    text: &[u8],
    index: &Index,
    mut found: impl FnMut(&[u8], &dyn Fn(Range<usize>) -> Range<usize>),
) {
    let mut decoded = Vec::new();
    Encoding::<6> { values: &BASE64 }.search(text, index, &mut decoded, &mut found);
    Encoding::<4> { values: &HEXADECIMAL }.search(text, index, &mut decoded, &mut found);
}

impl<const BITS: usize> Encoding<BITS> {
    /// Bytes begin at multiples of this number of bits.
    const STEP: usize = match 8_usize.is_multiple_of(BITS) {
        true => BITS,
        false => 2,
    };

    /// Number of digits after which digits and bytes begin together again.
    const PERIOD: usize = 8 / Self::STEP;

    fn search(
        &self,
        text: &[u8],
        index: &Index,
        decoded: &mut Vec<u8>,
        found: &mut impl FnMut(&[u8], &dyn Fn(Range<usize>) -> Range<usize>),
    ) {
        for run in self.runs(text) {
            if !index.has_short() && !self.has_anchor(&text[run.clone()], index) {
                continue;
            }
            for phase in 0..Self::PERIOD {
                let start = run.start + phase;
                self.decode(&text[start..run.end], decoded);
                let digits = |range: Range<usize>| {
                    let last = start + (8 * range.end).div_ceil(BITS);
                    start + 8 * range.start / BITS..last.min(run.end)
                };
                found(decoded, &digits);
            }
        }
    }

    fn is_digit(&self, byte: u8) -> bool {
        self.values[usize::from(byte)] != NONE
    }

    /// The longest parts of a text that consist of digits.
    fn runs<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Range<usize>> + 't {
        let mut position = 0;
        std::iter::from_fn(move || {
            loop {
                position += text.get(position..)?.iter().position(|byte| self.is_digit(*byte))?;
                let rest = text[position..].iter();
                let length = rest.take_while(|byte| self.is_digit(**byte)).count();
                position += length;
                if length >= SHORTEST_RUN {
                    return Some(position - length..position);
                }
            }
        })
    }

    /// Returns whether any bytes that digits encode, at any alignment, are an anchor.
    fn has_anchor(&self, digits: &[u8], index: &Index) -> bool {
        let mut bits = 0_u64;
        (1..).zip(digits).any(|(count, digit)| {
            bits = bits << BITS | u64::from(self.values[usize::from(*digit)]);
            (0..BITS)
                .step_by(Self::STEP)
                .any(|rest| index.may_end(bits >> rest) && self.ends(&digits[..count], rest, index))
        })
    }

    /// Returns whether an anchor ends before the last `rest` bits of digits.
    #[cold]
    fn ends(&self, digits: &[u8], rest: usize, index: &Index) -> bool {
        let last = digits.iter().rev().take(72_usize.div_ceil(BITS)).rev();
        let bits = last.fold(0_u128, |bits, digit| {
            bits << BITS | u128::from(self.values[usize::from(*digit)])
        });
        let length = (digits.len() * BITS).saturating_sub(rest) / 8;
        u64::try_from(bits >> rest & u128::from(u64::MAX))
            .is_ok_and(|window| index.ends_anchor(window, length))
    }

    fn decode(&self, digits: &[u8], decoded: &mut Vec<u8>) {
        decoded.clear();
        decoded.reserve(digits.len() * BITS / 8);
        let (mut bits, mut count) = (0_u32, 0);
        for digit in digits {
            bits = bits << BITS | u32::from(self.values[usize::from(*digit)]);
            count += BITS;
            if count >= 8 {
                count -= 8;
                decoded.push((bits >> count & 0xff) as u8);
            }
        }
    }
}
