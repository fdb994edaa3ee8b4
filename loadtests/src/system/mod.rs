//! Calls of the operating system that the standard library lacks.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use other::SilencedOutput;
#[cfg(not(unix))]
pub(crate) use other::{cpu, monotonic, raise_descriptors};
#[cfg(unix)]
pub use unix::SilencedOutput;
#[cfg(unix)]
pub(crate) use unix::{cpu, monotonic, raise_descriptors};
