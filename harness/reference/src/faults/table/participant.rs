//! Faults of participants.

use hearback_contract::Operation::{ParticipantsAdd, ParticipantsList, ParticipantsMute, RoomsGet};
use serde_json::json;

use super::{Edit, FaultSpec, behaviour, changed, edited, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::response::{Change, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "participant/adds-nobody",
        "participant/add",
        "Adding a participant is acknowledged, but nobody is added.",
        behaviour(Behaviour::AddsNobody),
    ),
    row(
        "participant/adds-the-other-way",
        "participant/add-as-admin",
        "`is_admin` of a participant just added is the opposite of what was asked for.",
        edited(
            &[ParticipantsAdd],
            Edit::Map(&["/is_admin"], |is_admin| *is_admin = json!(is_admin == false)),
        ),
    ),
    row(
        "participant/accepts-unknown-users",
        "participant/add-unknown-refused",
        "Adding a user who does not exist is acknowledged.",
        behaviour(Behaviour::AcceptsUnknownUsers),
    ),
    row(
        "participant/lists-twice",
        "participant/listed-once",
        "The first participant of a room is listed twice.",
        edited(
            &[ParticipantsList],
            Edit::Map(&[""], |page| {
                if let Some(rows) = page["results"].as_array_mut() {
                    rows.extend(rows.first().cloned());
                    page["count"] = json!(page["count"].as_i64().unwrap_or(0) + 1);
                }
            }),
        ),
    ),
    row(
        "participant/list-knows-no-admins",
        "participant/list-equals-room",
        "Nobody is an admin in the list of participants.",
        edited(&[ParticipantsList], Edit::Set(&["/results/*/is_admin"], "false")),
    ),
    row(
        "participant/removed-stay-listed",
        "participant/remove",
        "Who was removed is still in the list of participants.",
        behaviour(Behaviour::RemovedStayListed),
    ),
    row(
        "participant/removed-keep-listening",
        "participant/removed-stream-ends",
        "The socket of a removed member still receives everything.",
        behaviour(Behaviour::RemovedKeepListening),
    ),
    row(
        "participant/departed-keep-listening",
        "participant/departed-stream-ends",
        "The socket of a member who left still receives everything.",
        behaviour(Behaviour::DepartedKeepListening),
    ),
    row(
        "participant/mute-does-not-show",
        "participant/mute",
        "Participants never show as muted.",
        edited(
            &[ParticipantsMute, RoomsGet, ParticipantsList],
            Edit::Map(
                &["/is_muted", "/participants/*/is_muted", "/results/*/is_muted"],
                |is_muted| *is_muted = json!(false),
            ),
        ),
    ),
    row(
        "participant/mute-stays",
        "participant/unmute",
        "Participants always show as muted.",
        edited(
            &[ParticipantsMute, RoomsGet, ParticipantsList],
            Edit::Map(
                &["/is_muted", "/participants/*/is_muted", "/results/*/is_muted"],
                |is_muted| *is_muted = json!(true),
            ),
        ),
    ),
    row(
        "participant/ignores-bad-muted-until",
        "participant/bad-muted-until-refused",
        "A `muted_until` that is no date-time is ignored.",
        behaviour(Behaviour::IgnoresBadMutedUntil),
    ),
    row(
        "participant/direct-takes-third",
        "participant/third-in-direct-refused",
        "A third can be added to a direct room.",
        behaviour(Behaviour::DirectTakesThird),
    ),
    row(
        "participant/joined-when-asked",
        "participant/add-ignores-other-fields",
        "Who adds a participant can say when they joined.",
        changed(&[ParticipantsAdd], When::Success, Change::Echo(&["joined_at"])),
    ),
    row(
        "participant/mute-makes-admin",
        "participant/mute-ignores-other-fields",
        "Who mutes notifications can make themselves an admin.",
        behaviour(Behaviour::MutingPromotes),
    ),
];
