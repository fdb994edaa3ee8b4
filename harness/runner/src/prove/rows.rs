//! Rows of a matrix that an interruption may cut short.

/// The rows of finished runs, and the runs that are missing.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// Results of the finished runs, in the planned order.
    pub finished: Vec<T>,
    /// Names of the runs that an interruption ended or kept from starting.
    pub missing: Vec<String>,
}

impl<T> Rows<T> {
    /// Returns whether every run finished.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}
