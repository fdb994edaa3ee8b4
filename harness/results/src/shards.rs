//! Shards: the parts of a run that results are made from.

use hearback_history::{History, Shard};
use serde::{Deserialize, Serialize};

/// The parts of a run that results are made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shards {
    /// Number of parts of the run.
    pub count: u32,
    /// The parts, in their order.
    pub included: Vec<ShardRun>,
}

/// One part of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRun {
    /// The number of the part, from 1.
    pub index: u32,
    /// The name of its run.
    pub run: String,
}

impl Shards {
    /// The part that a history is of, if it is of one.
    pub(crate) fn of(history: &History) -> Option<Self> {
        let start = history.start.as_ref()?;
        let Shard { index, count } = start.shard?;
        Some(Self { count, included: vec![ShardRun { index, run: start.run.clone() }] })
    }

    /// Returns whether other parts test the rest.
    pub fn is_partial(&self) -> bool {
        self.included.len() < self.count as usize
    }

    /// Numbers of the parts that are missing.
    pub(crate) fn missing(&self) -> Vec<u32> {
        (1..=self.count).filter(|it| self.included.iter().all(|part| part.index != *it)).collect()
    }
}
