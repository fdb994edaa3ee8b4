//! Random values that depend on the seed only, independently of each other.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::schema::ValueSchema;
use crate::valid;

/// Generates `count` random valid values; different `stream` names give independent values.
pub(crate) fn values(schema: &ValueSchema, stream: &str, seed: u64, count: usize) -> Vec<Value> {
    let strategy = valid::strategy(schema);
    let cases = 0..u64::try_from(count).unwrap_or(u64::MAX);
    cases
        .filter_map(|case| {
            let tree = strategy.new_tree(&mut runner(stream, seed, case)).ok()?;
            Some(tree.current())
        })
        .collect()
}

/// A runner whose values depend on the arguments only.
fn runner(stream: &str, seed: u64, case: u64) -> TestRunner {
    let name = stream.bytes().fold(seed, |n, byte| n.wrapping_mul(131).wrapping_add(byte.into()));
    let mut bytes = [0; 32];
    for (index, part) in [seed, case, name, case ^ name].into_iter().enumerate() {
        bytes[index * 8..][..8].copy_from_slice(&part.to_be_bytes());
    }
    // The relevant settings are explicit: the defaults depend on the environment.
    let config = Config { cases: 1, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
