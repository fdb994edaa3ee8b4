//! Ids of faults.

use std::fmt;
use std::str::FromStr;

use hearback_contract::UnknownId;

use crate::faults::{ALL, FAULTS};

/// Id of a row of [`FAULTS`], `family/what-is-wrong`.
///
/// In code, [`fault_id!`](crate::fault_id!) creates an id from a literal, and an id that no fault has does not compile:
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

/// The [`FaultId`](crate::FaultId) of a literal, checked at compile time.
#[macro_export]
macro_rules! fault_id {
    ($id:literal) => {
        const { $crate::FaultId::known($id) }
    };
}

impl FaultId {
    /// The id of a row.
    pub(crate) const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The fault with this id, for [`fault_id!`](crate::fault_id!).
    ///
    /// # Panics
    ///
    /// If no fault has this id; in a constant, that is a compile error.
    pub const fn known(id: &str) -> Self {
        let mut index = 0;
        while index < ALL.len() {
            if equal(ALL[index].id.0.as_bytes(), id.as_bytes()) {
                return ALL[index].id;
            }
            index += 1;
        }
        panic!("no fault has this id")
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

const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
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

impl FromStr for FaultId {
    type Err = UnknownId;

    fn from_str(id: &str) -> Result<Self, UnknownId> {
        let fault = FAULTS.iter().find(|fault| fault.id.0 == id);
        fault
            .map(|fault| fault.id)
            .ok_or_else(|| UnknownId::new("fault", id, FAULTS.iter().map(|fault| fault.id.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_ids_suggest_the_nearest() {
        let unknown = "auth/accepts-any-passwrd".parse::<FaultId>().unwrap_err();
        assert_eq!(unknown.suggestions.0[0], "auth/accepts-any-password");
        assert!(unknown.to_string().starts_with("unknown fault `auth/accepts-any-passwrd`"));
    }

    #[test]
    fn literals_are_checked_at_compile_time() {
        let id = fault_id!("auth/accepts-any-password");
        assert_eq!(id.to_string().parse::<FaultId>().unwrap(), id);
    }
}
