//! Support for the tests of other crates. Never a dependency of released code.

pub mod dsl;
pub mod lab;
pub mod lines;
pub mod load;
pub mod servers;
