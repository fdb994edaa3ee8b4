//! Bodies in encodings that no request accepts.

use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::behavior::Change::Encoded;
use super::behavior::On::{Logins, Operations};
use super::behavior::{Behavior, row};

/// Size of the bomb when it is decoded, in bytes.
const BOMB: usize = 64 << 20;

pub(super) const ALL: &[Behavior] = &[
    row("encoding: gzip", Operations, Encoded("gzip", gzip)),
    row("encoding: damaged gzip", Operations, Encoded("gzip", damaged)),
    row("encoding: gzip bomb", Operations, Encoded("gzip", |_| BOMB_BODY.clone())),
    row("encoding: gzip bomb at login", Logins, Encoded("gzip", |_| BOMB_BODY.clone())),
    // The bodies are not encoded, whatever the header claims.
    row("encoding: br, zstd, x", Operations, Encoded("br, zstd, x", <[u8]>::to_vec)),
    row("encoding: UTF-8", Operations, Encoded("UTF-8", <[u8]>::to_vec)),
];

static BOMB_BODY: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b'['; BOMB]));

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

fn damaged(body: &[u8]) -> Vec<u8> {
    let mut encoded = gzip(body);
    encoded.truncate(encoded.len() / 2);
    encoded
}
