//! Tests against the example record of the test kit, which cannot be unit tests: the test kit depends on this crate.

mod calibration;
mod comparison;
mod metrics;
mod record;
mod runs;
