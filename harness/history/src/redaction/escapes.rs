//! Texts without their escapes: percent-encoding, those of JSON and Rust, and entities of HTML.

use std::borrow::Cow;
use std::ops::Range;

/// Entities of HTML.
const ENTITIES: [(&[u8], u8); 7] = [
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&apos;", b'\''),
    (b"&#39;", b'\''),
    (b"&#x27;", b'\''),
];

/// A text, and where its bytes come from in the text from which escapes were removed.
pub(super) struct View<'t> {
    text: Cow<'t, [u8]>,
    /// The escapes that were removed, in order.
    removed: Vec<Removed>,
}

/// An escape that was removed.
struct Removed {
    /// End of what replaced it.
    end: u32,
    /// End of the escape.
    source_end: u32,
    /// Number of bytes that replaced it.
    count: u8,
    /// Number of bytes of the escape.
    length: u8,
}

impl<'t> View<'t> {
    /// A text as it is.
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self { text: Cow::Borrowed(text), removed: Vec::new() }
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The part of the text with escapes that a part of this text comes from.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        match range.end.checked_sub(1) {
            Some(last) => self.byte(range.start).start..self.byte(last).end,
            None => 0..0,
        }
    }

    /// Range of the source text that a byte was decoded from.
    fn byte(&self, at: usize) -> Range<usize> {
        let index = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let before = self.removed.partition_point(|it| index(it.end) <= at);
        if let Some(escape) = self.removed.get(before)
            && at + usize::from(escape.count) >= index(escape.end)
        {
            let end = index(escape.source_end);
            return end - usize::from(escape.length)..end;
        }
        let start = match before.checked_sub(1).map(|last| &self.removed[last]) {
            Some(escape) => index(escape.source_end) + at - index(escape.end),
            None => at,
        };
        start..start + 1
    }

    /// The text without one layer of escapes; `None` if it has none.
    pub(super) fn unescaped(&self) -> Option<View<'static>> {
        let text = self.text();
        let escapes = memchr::memchr3(b'%', b'\\', b'&', text);
        let first = escapes.into_iter().chain(memchr::memchr(0, text)).min()?;
        u32::try_from(text.len()).ok()?;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (mut plain, mut removed) = (Vec::new(), Vec::new());
        let (mut position, mut copied) = (first, 0);
        while let Some(start) = text[position..].iter().position(|byte| may_begin(*byte)) {
            position += start;
            let Some(unescaped) = escape(&text[position..]) else {
                position += 1;
                continue;
            };
            if plain.is_empty() {
                plain.reserve(text.len());
            }
            plain.extend_from_slice(&text[copied..position]);
            plain.extend_from_slice(unescaped.bytes());
            position += unescaped.length;
            copied = position;
            removed.push(Removed {
                end: offset(plain.len()),
                source_end: offset(position),
                count: unescaped.count as u8,
                length: unescaped.length as u8,
            });
        }
        if removed.is_empty() {
            return None;
        }
        plain.extend_from_slice(&text[copied..]);
        Some(View { text: Cow::Owned(plain), removed })
    }
}

/// Returns whether an escape may begin with a byte.
fn may_begin(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | 0)
}

/// The bytes of an escape, and its length.
struct Unescaped {
    buffer: [u8; 4],
    count: usize,
    length: usize,
}

impl Unescaped {
    fn byte(byte: u8, length: usize) -> Self {
        Self { buffer: [byte, 0, 0, 0], count: 1, length }
    }

    fn nothing(length: usize) -> Self {
        Self { buffer: [0; 4], count: 0, length }
    }

    fn letter(number: u32, length: usize) -> Option<Self> {
        let mut buffer = [0; 4];
        let count = char::from_u32(number)?.encode_utf8(&mut buffer).len();
        Some(Self { buffer, count, length })
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.count]
    }
}

/// The escape that a text begins with.
fn escape(text: &[u8]) -> Option<Unescaped> {
    match *text.first()? {
        b'%' => Some(Unescaped::byte(u8::try_from(hexadecimal(text.get(1..3)?)?).ok()?, 3)),
        b'\\' => backslash(text),
        b'&' => {
            let (entity, byte) = ENTITIES.iter().find(|(entity, _)| text.starts_with(entity))?;
            Some(Unescaped::byte(*byte, entity.len()))
        }
        // UTF-16 has one next to each byte of ASCII.
        0 => Some(Unescaped::nothing(1)),
        _ => None,
    }
}

fn backslash(text: &[u8]) -> Option<Unescaped> {
    let byte = |byte| Some(Unescaped::byte(byte, 2));
    match *text.get(1)? {
        escaped @ (b'"' | b'\\' | b'/' | b'\'') => byte(escaped),
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'b' => byte(8),
        b'f' => byte(12),
        b'x' => Some(Unescaped::byte(u8::try_from(hexadecimal(text.get(2..4)?)?).ok()?, 4)),
        b'u' if text.get(2) == Some(&b'{') => {
            let digits = text[3..].iter().take(7).position(|byte| *byte == b'}')?;
            Unescaped::letter(hexadecimal(&text[3..3 + digits])?, digits + 4)
        }
        b'u' => {
            let first = hexadecimal(text.get(2..6)?)?;
            let second = text.get(6..12).filter(|rest| rest.starts_with(b"\\u"));
            let second = second.and_then(|rest| hexadecimal(&rest[2..]));
            match (first, second) {
                (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                    Unescaped::letter(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12)
                }
                _ => Unescaped::letter(first, 6),
            }
        }
        _ => None,
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
