//! Compressed data, in which no secret can be found.

/// First bytes of compressed data.
const SIGNATURES: [(&str, &[u8]); 8] = [
    ("gzip", b"\x1f\x8b"),
    ("zlib", b"\x78\x01"),
    ("zlib", b"\x78\x5e"),
    ("zlib", b"\x78\x9c"),
    ("zlib", b"\x78\xda"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ"),
];

/// The name of the format of compressed data; `None` for other data.
pub(super) fn format(bytes: &[u8]) -> Option<&'static str> {
    SIGNATURES.iter().find(|(_, signature)| bytes.starts_with(signature)).map(|(name, _)| *name)
}
