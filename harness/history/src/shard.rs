//! Shards: parts of a run whose scenarios are executed separately.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of the scenarios of a run, such as `2/5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// The number of the part, from 1.
    pub index: u32,
    /// The number of parts.
    pub count: u32,
}

/// A text is not a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected INDEX/COUNT with 1 <= INDEX <= COUNT, for example 2/5")]
pub struct ShardError;

impl Shard {
    /// Returns whether the scenario at a position belongs to the shard. Neighbors belong to different shards, since
    /// scenarios of one family take similar time.
    pub fn contains(self, position: usize) -> bool {
        position % self.count as usize + 1 == self.index as usize
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| ShardError);
        let shard = Self { index: number(index)?, count: number(count)? };
        let is_valid = (1..=shard.count).contains(&shard.index);
        is_valid.then_some(shard).ok_or(ShardError)
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_belongs_to_one_shard() {
        let shards = ["1/3", "2/3", "3/3"].map(|text| text.parse::<Shard>().unwrap());
        for position in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.contains(position)).count(), 1);
        }
        assert_eq!(shards[1].to_string(), "2 of 3");
        for text in ["", "1", "0/3", "4/3", "a/b", "-1/2", "1/0"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
    }
}
