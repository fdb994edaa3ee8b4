//! Ids of faults.

use std::fmt;

/// Id of a row of [`FAULTS`](crate::FAULTS), `family/what-is-wrong`.
///
/// In code, [`fault_id!`](crate::fault_id!) creates an id from a literal, and an id that no fault
/// has does not compile:
///
/// ```
/// assert_eq!(hearback_mutants::fault_id!("auth/accepts-any-password").family(), "auth");
/// ```
///
/// ```compile_fail
/// hearback_mutants::fault_id!("auth/accepts-any-passwrd");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaultId(&'static str);

impl FaultId {
    /// The id of a row.
    pub(crate) const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The part before the slash.
    pub fn family(self) -> &'static str {
        self.0.split_once('/').map_or(self.0, |(family, _)| family)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0)
    }
}

impl fmt::Debug for FaultId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, formatter)
    }
}
