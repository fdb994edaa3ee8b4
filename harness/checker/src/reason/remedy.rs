//! Reasons that the user chose, and the remedies of the others.

use super::Reason;

impl Reason {
    /// The order in which reasons of one requirement explain: a missing fixture, without which nothing exercises it, then
    /// conditions at the target before choices of the user, and a cause before its effects.
    pub(crate) fn precedence(&self) -> impl Ord + use<> {
        let needs_fixture = matches!(self, Self::MissingFixture(_));
        (!needs_fixture, self.is_chosen(), self.is_symptom())
    }

    /// Returns whether the user chose it: by the command line, the configuration, or a reading of the
    /// specification under which the requirement does not apply to the target.
    ///
    /// A *must* that is untested for any other reason makes a run incomplete.
    pub fn is_chosen(&self) -> bool {
        matches!(
            self,
            Self::MissingFixture(_)
                | Self::MissingSecret(_)
                | Self::LoginBudget
                | Self::TimeBudget
                | Self::FailureLimit
                | Self::WaitBudget
                | Self::NotPlanned
                | Self::PermittedRejection(_)
                | Self::Unspecified
        )
    }

    /// The remedy, after which the requirement is tested; `None` if the reason says it.
    pub fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::DependsOn(requirement) | Self::Violates(requirement) => {
                format!("correct {requirement} first")
            }
            Self::TooFewAccounts(_) => "add accounts".to_owned(),
            Self::NoRoomCreator => "add an account that can create rooms".to_owned(),
            Self::UnknownUserId(_) => "set `id` in the accounts file".to_owned(),
            Self::MissingFixture(fixture) => {
                format!("set `{fixture}` under [fixtures] in the accounts file")
            }
            Self::SharedRoom => "add accounts that do not share a direct room".to_owned(),
            Self::LoginBudget => "raise --failed-logins-per-hour".to_owned(),
            Self::TimeBudget => "raise --max-duration".to_owned(),
            Self::FailureLimit => "raise --max-failures".to_owned(),
            Self::WaitBudget => {
                "select a longer wait with --depth standard or --depth deep".to_owned()
            }
            Self::NotPlanned => "select more generated input with --depth or --cases".to_owned(),
            Self::Unanswered(operation) => {
                format!("make {operation} respond, or raise --timeout")
            }
            Self::HandshakeUnanswered => {
                "make sockets open with `connection_established`, or raise --timeout".to_owned()
            }
            Self::NotDelivered => {
                "make sockets receive `chat_message`, or raise --timeout".to_owned()
            }
            Self::SocketClosed(_) | Self::SocketLost => {
                "keep sockets open until the client closes them".to_owned()
            }
            Self::Throttled => "raise the limits of the target, or add accounts".to_owned(),
            Self::TargetUnavailable | Self::HandshakePending => {
                "repeat the run when the target is available".to_owned()
            }
            Self::NotReproduced(_) => {
                "see its finding; repeat it with `hearback replay`, or accept it with --flaky warn"
                    .to_owned()
            }
            Self::TokenExpired | Self::SessionEnded => {
                "let access tokens last as long as the run".to_owned()
            }
            Self::Stalled => "repeat the run on a machine with a free processor".to_owned(),
            Self::LateReads => "repeat the run; hearback measures the lag anew".to_owned(),
            Self::ForeignMessages => "use accounts that no other client uses".to_owned(),
            Self::ConcurrentWrites
            | Self::MembershipUncertain
            | Self::CountUncertain
            | Self::ObservedTooBriefly
            | Self::NothingFollowed
            | Self::Indistinguishable
            | Self::IncompleteFile
            | Self::MuteExpired => "repeat the run".to_owned(),
            Self::LinkNotFollowed => {
                "make the links of pages lead to the path of the request, also behind a gateway"
                    .to_owned()
            }
            Self::FilesElsewhere(_) => {
                "if the target serves the files itself, make the gateway pass on host, port and scheme of requests"
                    .to_owned()
            }
            Self::Unauthorized => "correct the authentication first".to_owned(),
            Self::SchemaBroken(_) | Self::UnreadableBody => "correct the response first".to_owned(),
            Self::UnknownUser(_)
            | Self::TruncatedBody
            | Self::IncompleteList
            | Self::UnknownReference
            | Self::UnknownTarget
            | Self::PermittedRejection(_)
            | Self::Unspecified
            | Self::MissingSecret(_)
            | Self::ForeignRoom
            | Self::Scenario(_)
            | Self::NothingObserved => return None,
        })
    }

    /// Returns whether it is the effect of something else that a scenario may have reported.
    pub(crate) fn is_symptom(&self) -> bool {
        matches!(
            self,
            Self::ConcurrentWrites
                | Self::IncompleteList
                | Self::MembershipUncertain
                | Self::CountUncertain
                | Self::ObservedTooBriefly
                | Self::NothingFollowed
                | Self::HandshakePending
                | Self::NothingObserved
                | Self::Scenario(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use hearback_contract::Operation;
    use hearback_history::Fixture;

    use super::*;

    #[test]
    fn configuration_and_readings_are_chosen_and_the_behavior_of_the_target_is_not() {
        let chosen = [
            Reason::MissingFixture(Fixture::Task),
            Reason::NotPlanned,
            Reason::PermittedRejection("400".to_owned()),
        ];
        let not_chosen = [
            Reason::TooFewAccounts(2),
            Reason::Unanswered(Operation::MessagesDelete),
            Reason::Throttled,
            Reason::SocketClosed(1000),
            Reason::ConcurrentWrites,
            Reason::NothingObserved,
        ];
        assert!(chosen.iter().all(Reason::is_chosen));
        assert!(!not_chosen.iter().any(Reason::is_chosen));
    }
}
