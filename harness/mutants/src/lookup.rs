//! Finds rows of the fault tables by id.

use std::str::FromStr;

use hearback_contract::UnknownId;

use crate::fault::FaultSpec;
use crate::fault_id::FaultId;
use crate::faults::{ALL, FAULTS};

/// The [`FaultId`](crate::FaultId) of a literal, checked at compile time.
#[macro_export]
macro_rules! fault_id {
    ($id:literal) => {
        const { $crate::FaultId::known($id) }
    };
}

impl FaultId {
    /// The fault with this id, for [`fault_id!`](crate::fault_id!).
    ///
    /// # Panics
    ///
    /// If no fault has this id; in a constant, that is a compile error.
    pub const fn known(id: &str) -> Self {
        let mut index = 0;
        while index < ALL.len() {
            if equal(ALL[index].id.as_str().as_bytes(), id.as_bytes()) {
                return ALL[index].id;
            }
            index += 1;
        }
        panic!("no fault has this id")
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

impl FromStr for FaultId {
    type Err = UnknownId;

    fn from_str(id: &str) -> Result<Self, UnknownId> {
        let fault = FAULTS.iter().find(|fault| fault.id.as_str() == id);
        fault.map(|fault| fault.id).ok_or_else(|| {
            UnknownId::new("fault", id, FAULTS.iter().map(|fault| fault.id.as_str()))
        })
    }
}

impl FaultSpec {
    /// The row with this id.
    pub fn of(id: FaultId) -> &'static Self {
        let mut rows = FAULTS.iter();
        rows.find(|row| row.id == id).unwrap_or_else(|| unreachable!("ids are ids of rows"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_ids_suggest_similar_ones() {
        let unknown = "auth/accepts-any-passwrd".parse::<FaultId>().unwrap_err();
        assert_eq!(unknown.suggestions.names()[0], "auth/accepts-any-password");
        assert!(unknown.to_string().starts_with("unknown fault `auth/accepts-any-passwrd`"));
    }

    #[test]
    fn literals_are_checked_at_compile_time() {
        let id = fault_id!("auth/accepts-any-password");
        assert_eq!(id.to_string().parse::<FaultId>().unwrap(), id);
    }
}
