//! The range of a capacity search.

use hearback_loadtests::{Profile, machine};

use super::Quantity;

/// Maximum distance of the search from the profile's own value, as a factor.
const RANGE: f64 = 64.0;

/// Where a search starts, and its bounds.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The profile's own value.
    pub start: f64,
    /// Lowest value to try.
    pub lowest: f64,
    /// Highest value to try.
    pub highest: f64,
}

impl Range {
    /// The range for a profile, as far as accounts and descriptors allow.
    pub fn of(profile: &Profile, of: Quantity, accounts: usize) -> Self {
        let start = match of {
            Quantity::Rate => profile.peak_rate(),
            Quantity::Members => profile.members(),
        };
        let highest = match of {
            Quantity::Rate => start * RANGE,
            Quantity::Members => {
                let sockets =
                    machine::raise_descriptors().saturating_sub(machine::SPARE_DESCRIPTORS);
                let largest = profile.rooms.iter().map(|group| group.members.largest()).max();
                let growth = match profile.shared_accounts {
                    true => RANGE,
                    false => accounts as f64 / largest.unwrap_or(1) as f64,
                };
                (start * growth.min(RANGE)).min(sockets as f64)
            }
        };
        let lowest = start / RANGE;
        Self { start, lowest, highest: highest.max(lowest) }
    }
}
