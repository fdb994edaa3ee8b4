//! Valid texts that servers often mishandle.

/// Samples, the most useful first. None is blank or has control characters other than line breaks and tabs,
/// since servers may reject those.
pub(crate) static SAMPLES: &[&str] = &[
    // One character.
    "x",
    // Four bytes.
    "\u{1F9FF}",
    // Emoji with joiners.
    "👩‍👩‍👧‍👦 👨🏿‍🚀 🏳️‍🌈",
    // Flags.
    "🇨🇭🇯🇵 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    // Combining marks.
    "e\u{301} a\u{308}\u{323} Z\u{351}\u{36B}\u{343}\u{36B}\u{343}",
    // Precomposed.
    "\u{E9} \u{1EA1}\u{308} \u{212B} \u{FB01}",
    // Right to left.
    "\u{202E}abc\u{202C} שלום مرحبا \u{2067}x\u{2069}",
    // Zero width.
    "a\u{200B}b\u{200C}c\u{200D}d\u{2060}e\u{FEFF}f",
    // Line separators.
    "one\u{2028}two\u{2029}three",
    // White space.
    " \t leading, trailing and\u{A0}no-break\u{3000}ideographic \n",
    // Line breaks.
    "a\nb\r\nc\rd\n\ne",
    // Markup.
    "<script>alert(\"x\")</script> &lt;&amp;amp; <!-- --> ]]>",
    // Quotes.
    "'single' \"double\" `tick` \\ \\\\ \\n \u{201C}curly\u{201D}",
    // Statements.
    "'; DROP TABLE messages; -- \" OR 1=1 %27 %_",
    // Formats.
    "%s %d %n {0} {{X}} ${X} $(x) #{X} {% x %}",
    // Percent.
    "100% %00 %2e%2e/ %zz +plus+ a&b=c;d",
    // Numbers.
    "007 1e309 NaN -0 0x1F 9007199254740993",
    // Words of JSON.
    "null true undefined [object Object] {\"a\": [1]}",
    // Han.
    "漢字かな交じり文 简体 繁體 \u{20BB7}\u{2A6A5}",
    // Hangul.
    "한글 \u{1112}\u{1161}\u{11AB}",
    // Indic.
    "क्षत्रिय தமிழ் ไทย",
    // Case.
    "İıŞşßẞ ΣσςΟΔΥΣΣΕΥΣ ǅ",
    // Mathematical.
    "𝕬𝖘𝖙𝖗𝖆𝖑 𝟘𝟙 ℌ",
    // Private use.
    "\u{E000}\u{F8FF}\u{10FFFD}",
    // Noncharacters.
    "\u{FFFE}\u{FFFF}\u{1FFFE}\u{FDD0}",
    // Replacement character.
    "\u{FFFD}\u{FFFC}",
    // Variation selectors.
    "\u{2764}\u{FE0E} \u{2764}\u{FE0F} 葛\u{E0100}",
    // Tags.
    "\u{E0001}\u{E0041}\u{E007F}x",
    // Soft hyphen.
    "soft\u{AD}hyphen \u{180E}",
    // Stacked marks.
    "H\u{489}\u{30D}\u{30D}\u{30D}\u{30D}\u{30D}\u{30D}\u{30D}\u{30D}\u{30D}",
    // Paths.
    "../../etc/passwd C:\\CON \\\\server\\share file:///x",
    // Links.
    "https://example.com/?a=1&b=2#c <https://x.test> javascript:alert(1)",
    // Mentions.
    "@everyone @[user] #room :smile: *bold* _it_ ~~x~~ > quote",
];

/// Lengths, in characters, around common limits of servers, the most useful first. The specification states
/// no maximum for content; 10,000 must be accepted (ambiguity `content-length`).
pub(crate) static LENGTHS: &[usize] =
    &[2, 255, 256, 500, 1_000, 1_001, 2_000, 4_096, 8_191, 10_000, 10_001, 65_536, 100_001];

/// Text of `length` characters, in which every part identifies its position.
pub(crate) fn of_length(length: usize) -> String {
    let mut text = String::with_capacity(length + 8);
    let mut count = 0_usize;
    while text.len() < length {
        text.push_str(&format!("{count}."));
        count += 1;
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_scenarios::template::placeholders;

    use super::*;

    #[test]
    fn samples_are_unique_printable_and_without_placeholders() {
        for text in SAMPLES {
            assert!(!text.trim().is_empty(), "{text}");
            assert_eq!(placeholders(text).next(), None, "{text}");
            let is_odd = |letter: char| letter.is_control() && !"\n\r\t".contains(letter);
            assert!(!text.contains(is_odd), "{text}");
        }
        assert_eq!(HashSet::<_>::from_iter(SAMPLES).len(), SAMPLES.len());
        assert_eq!(placeholders(&of_length(1_000)).count(), 0);
    }

    #[test]
    fn lengths_are_exact() {
        for length in LENGTHS {
            assert_eq!(of_length(*length).chars().count(), *length);
        }
    }
}
