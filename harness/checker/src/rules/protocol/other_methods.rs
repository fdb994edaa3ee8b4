//! Requests for the paths of operations with other methods.

use hearback_contract::operation::OPERATIONS;
use hearback_history::Call;

use crate::rule::RuleInput;

/// The requests with one of these methods that the target answered, and the status.
pub(super) fn answered<'h>(
    input: RuleInput<'h>,
    methods: &'static [&'static str],
) -> impl Iterator<Item = (&'h Call, u16)> {
    let calls = input.history.calls.iter().filter(move |call| {
        let method = call.invocation.method.as_str();
        call.operation().is_none() && methods.contains(&method)
    });
    calls.filter_map(|call| Some((call, call.status()?)))
}

/// The documented methods of the path of a request.
pub(super) fn documented(call: &Call) -> Vec<&'static str> {
    let parameters: Vec<_> = call.invocation.path_parameters.iter().map(String::as_str).collect();
    let rows = OPERATIONS.iter().filter(|row| row.path_with(&parameters) == call.invocation.path);
    rows.map(|row| row.method.as_str()).collect()
}

#[cfg(test)]
pub(super) mod testing {
    //! Requests with other methods than the documented ones.

    pub(in super::super) fn request(method: &str, answer: &str) -> String {
        format!("alice rooms.mark_read $r1 method:{method} => {answer}")
    }
}
