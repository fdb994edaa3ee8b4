//! Requests at the edge of what is valid.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use hearback_history::Call;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::plain_calls;
use crate::rule::RuleInput;
use crate::rules::room::creations::{creations, known_users};

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::LenientValues, lenient_values),
    row(AmbiguityId::MissingFields, missing_fields),
    row(AmbiguityId::HugeRequests, huge_requests),
    row(AmbiguityId::UnsupportedContentType, unsupported_content_type),
];

/// Length of an address, in bytes, beyond which servers differ.
const LONG_ADDRESS: usize = 4 << 10;

fn lenient_values(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let known = known_users(input.history);
    let needs_no_name = creations(input.history).any(|creation| {
        creation.room_type() == Some("group")
            && creation.call.status() == Some(201)
            && !creation.request.contains_key("name")
    });
    for creation in creations(input.history).filter(|it| it.participants_exist(&known)) {
        let name = match creation.request.get("name") {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(truth)) => truth.to_string(),
            _ => continue,
        };
        let is_group = creation.room_type() == Some("group")
            && creation.others().map(|it| it.len()) == creation.requested.as_ref().map(Vec::len)
            && creation
                .request
                .keys()
                .all(|it| ["name", "room_type", "participant_ids"].contains(&it.as_str()));
        if !is_group {
            continue;
        }
        let call = creation.call;
        let shown = call.success().and_then(|room| room.get("name"));
        match (call.status(), shown) {
            // Where a group needs a name, an absent one is rejected as well.
            (Some(400), _) if needs_no_name => {
                observations.takes(ReadingId::LenientValues400, call)
            }
            (Some(201), Some(Value::String(shown))) if shown.eq_ignore_ascii_case(&name) => {
                observations.takes(ReadingId::LenientValuesConverted, call);
            }
            (Some(201), Some(shown)) if shown.is_null() || shown == "" => {
                observations.takes(ReadingId::LenientValuesAbsent, call);
            }
            _ => {}
        }
    }
}

fn missing_fields(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let known = known_users(input.history);
    let without_type =
        creations(input.history).filter(|creation| creation.is_untyped_ordinary(&known));
    let without_muted =
        plain_calls(input, Operation::ParticipantsMute, &["muted_until"]).filter(|call| {
            let until = call.request.as_ref().and_then(|body| body.get("muted_until"));
            until.is_none_or(Value::is_null)
        });
    observations.take_by_status(
        without_type.map(|creation| creation.call).chain(without_muted),
        &[
            (200, ReadingId::MissingFieldsDefault),
            (201, ReadingId::MissingFieldsDefault),
            (400, ReadingId::MissingFields400),
        ],
    );
}

fn huge_requests(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let length = |call: &Call| {
        let query = call.invocation.query.iter().map(|(name, value)| name.len() + value.len() + 2);
        call.invocation.path.len() + query.sum::<usize>()
    };
    let calls = input.history.calls.iter().filter(|call| {
        call.operation().is_some() && call.is_authorized() && length(call) > LONG_ADDRESS
    });
    observations.take_by_status(
        calls,
        &[
            (200, ReadingId::HugeRequestsAccepted),
            (400, ReadingId::HugeRequests400),
            (414, ReadingId::HugeRequests413),
            (431, ReadingId::HugeRequests431),
        ],
    );
}

fn unsupported_content_type(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = input.history.calls.iter().filter(|call| {
        call.operation().is_some() && call.is_authorized() && !call.has_documented_type()
    });
    observations.take_by_status(
        calls,
        &[
            (400, ReadingId::UnsupportedContentType400And405),
            (415, ReadingId::UnsupportedContentType415And405),
        ],
    );
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::observed;

    #[test]
    fn a_number_as_a_name_is_refused_converted_or_ignored() {
        let of = |response: &str| {
            let lines = format!(
                r#"alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"name": null}}
                alice rooms.create {{"room_type": "group", "name": 5, "participant_ids": [2]}} => {response}"#
            );
            observed("lenient-values", &lines)
        };
        assert_eq!(of("400 @error"), ["400"]);
        assert_eq!(of(r#"201 @room {"name": "5"}"#), ["converted"]);
        assert_eq!(of(r#"201 @room {"name": null}"#), ["absent"]);
        assert!(of(r#"201 @room {"name": "six"}"#).is_empty());
    }

    #[test]
    fn a_long_address_is_accepted_or_refused() {
        let of = |status: &str| {
            let text = "a".repeat(5000);
            observed("huge-requests", &format!("alice messages.search ?q={text} => {status}"))
        };
        assert_eq!(of("200 []"), ["accepted"]);
        assert_eq!(of("414 @error"), ["413"]);
        assert_eq!(of("431 @error"), ["431"]);
    }
}
