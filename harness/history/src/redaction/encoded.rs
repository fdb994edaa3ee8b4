//! Decoding of base64, with either alphabet and at any alignment, and of hexadecimal digits.

use std::ops::Range;

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

/// An encoding with digits of some bits each.
struct Encoding {
    values: &'static [u8; 256],
    bits: usize,
    /// Number of digits after which digits and bytes begin together again.
    period: usize,
}

const ENCODINGS: [Encoding; 2] = [
    Encoding { values: &BASE64, bits: 6, period: 4 },
    Encoding { values: &HEXADECIMAL, bits: 4, period: 2 },
];

/// Calls `found` with everything that a part of `text` may encode, and a function from its ranges to those of `text`.
pub(super) fn decode(
    text: &[u8],
    mut found: impl FnMut(&[u8], &dyn Fn(Range<usize>) -> Range<usize>),
) {
    let mut decoded = Vec::new();
    for encoding in &ENCODINGS {
        for run in runs(text, encoding) {
            for phase in 0..encoding.period {
                let start = run.start + phase;
                encoding.decode(&text[start..run.end], &mut decoded);
                let digits = |range: Range<usize>| {
                    let (bits, end) = (encoding.bits, run.end);
                    let last = start + (8 * range.end).div_ceil(bits);
                    start + 8 * range.start / bits..last.min(end)
                };
                found(&decoded, &digits);
            }
        }
    }
}

/// The longest parts of a text that consist of digits.
fn runs<'t>(text: &'t [u8], encoding: &'t Encoding) -> impl Iterator<Item = Range<usize>> + 't {
    let mut position = 0;
    std::iter::from_fn(move || {
        loop {
            let is_digit = |byte: &u8| encoding.values[usize::from(*byte)] != NONE;
            position += text.get(position..)?.iter().position(is_digit)?;
            let length = text[position..].iter().take_while(|byte| is_digit(byte)).count();
            position += length;
            if length >= SHORTEST_RUN {
                return Some(position - length..position);
            }
        }
    })
}

impl Encoding {
    fn decode(&self, digits: &[u8], decoded: &mut Vec<u8>) {
        decoded.clear();
        let (mut bits, mut count) = (0_u32, 0);
        for digit in digits {
            bits = bits << self.bits | u32::from(self.values[usize::from(*digit)]);
            count += self.bits;
            if count >= 8 {
                count -= 8;
                decoded.push((bits >> count & 0xff) as u8);
            }
        }
    }
}
