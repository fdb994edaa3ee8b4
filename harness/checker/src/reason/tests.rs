//! Tests of how reasons are stored.

use serde_json::json;

use super::*;

#[test]
fn a_reason_is_stored_with_its_id_and_its_text() {
    let reasons = [
        (
            Reason::DependsOn(RequirementId::MessageSend),
            json!({"id": "depends_on", "about": "message/send",
                "text": "depends on message/send, which does not hold"}),
        ),
        (
            Reason::SchemaBroken("count".into()),
            json!({"id": "schema_broken", "about": "count",
                "text": "`count` violates the schema"}),
        ),
        (
            Reason::ConcurrentWrites,
            json!({"id": "concurrent_writes",
                "text": "other writes overlapped the observation"}),
        ),
    ];
    for (reason, stored) in reasons {
        assert_eq!(serde_json::to_value(&reason).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Reason>(stored).unwrap(), reason);
    }
}

#[test]
fn every_id_is_the_one_that_is_read() {
    let unit = [
        Reason::Unauthorized,
        Reason::UnreadableBody,
        Reason::TruncatedBody,
        Reason::ConcurrentWrites,
        Reason::MembershipUncertain,
        Reason::CountUncertain,
        Reason::ForeignMessages,
        Reason::IncompleteList,
        Reason::LinkNotFollowed,
        Reason::ObservedTooBriefly,
        Reason::NothingFollowed,
        Reason::UnknownReference,
        Reason::UnknownTarget,
        Reason::HandshakePending,
        Reason::Throttled,
        Reason::TargetUnavailable,
        Reason::Unspecified,
        Reason::Indistinguishable,
        Reason::IncompleteFile,
        Reason::Stalled,
        Reason::LateReads,
        Reason::MuteExpired,
        Reason::SharedRoom,
        Reason::ForeignRoom,
        Reason::LoginBudget,
        Reason::WaitBudget,
        Reason::TimeBudget,
        Reason::FailureLimit,
        Reason::NoRoomCreator,
        Reason::HandshakeUnanswered,
        Reason::NotDelivered,
        Reason::SocketLost,
        Reason::NotPlanned,
        Reason::NothingObserved,
    ];
    let text = || "x".to_owned();
    let carrying = [
        Reason::DependsOn(RequirementId::MessageSend),
        Reason::Violates(RequirementId::MessageSend),
        Reason::SchemaBroken("x".into()),
        Reason::UnknownUser(text()),
        Reason::UnknownUserId(text()),
        Reason::PermittedRejection(text()),
        Reason::FilesElsewhere(text()),
        Reason::Scenario(text()),
        Reason::TooFewAccounts(2),
        Reason::MissingFixture(Fixture::Task),
        Reason::MissingSecret(text()),
        Reason::Unanswered(Operation::MessagesDelete),
        Reason::SocketClosed(1011),
    ];
    for reason in unit.into_iter().chain(carrying) {
        let stored = serde_json::to_value(&reason).unwrap();
        assert_eq!(serde_json::from_value::<Reason>(stored).unwrap(), reason);
    }
}
