//! Responses of REST operations.

use super::examination::Examination;
use super::finding::Finding;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let Some((response, _)) = &examination.first else {
        return Finding::skipped("no response");
    };
    let status = response.status.unwrap_or_default();
    let found = format!("a list of rooms without a token is answered {status}");
    match (status, response.json.is_some()) {
        (401, true) => Finding::passed(found),
        (401, false) => Finding::warning(
            format!("{found}, not as JSON"),
            "if a gateway answers in place of the API, exempt the API",
        ),
        _ => Finding::warning(
            format!("{found}; the specification documents 401"),
            "nothing; `check` reports it as a finding",
        ),
    }
}
