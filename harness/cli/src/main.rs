//! The `hearback` binary.
fn main() {}
