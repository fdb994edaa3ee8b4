//! Support for tests of the other crates; never a dependency of shipped code.

pub mod dsl;
