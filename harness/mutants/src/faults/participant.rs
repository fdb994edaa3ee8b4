//! Faults of participants.

use std::time::Duration;

use hearback_contract::Operation::{ParticipantsAdd, ParticipantsList, ParticipantsMute, RoomsGet};
use hearback_contract::RequirementId;
use hearback_reference::App;
use hearback_reference::rules::Departure;
use hearback_reference::store::Window;
use hearback_reference::timestamp::Timestamp;
use serde_json::json;

use super::outsiders::former_participants;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::memory::Memory;
use crate::wire::{Change, Exchange, RequestChange, When};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "participant/adds-nobody",
        RequirementId::ParticipantAdd,
        "Adding a participant is acknowledged, but has no effect.",
        |fault| {
            fault.storage.add_participant = Some(|base, _, store, room, user, is_admin, now| {
                store.execute("SAVEPOINT addition", [])?;
                let added = base.add_participant(store, room, user, is_admin, now);
                store.execute("ROLLBACK TO addition", [])?;
                added
            });
        },
    ),
    row(
        "participant/adds-the-other-way",
        RequirementId::ParticipantAddAsAdmin,
        "`is_admin` of a new participant is the opposite of the request.",
        |fault| {
            fault.edit_responses(
                &[ParticipantsAdd],
                Edit::Map(&["/is_admin"], |is_admin| *is_admin = json!(is_admin == false)),
            )
        },
    ),
    row(
        "participant/accepts-unknown-users",
        RequirementId::ParticipantAddUnknownRefused,
        "Adding a user who does not exist is acknowledged.",
        |fault| {
            fault.validation.newcomer = Some(|_, _, _, id| Ok(id));
            fault.storage.add_participant = Some(|base, _, store, room, user, is_admin, now| {
                // The foreign key rejects unknown users.
                base.add_participant(store, room, user, is_admin, now).or_else(|_| {
                    Ok(store.participants(room, Window { offset: 0, limit: 1 })?.pop())
                })
            });
        },
    ),
    row(
        "participant/lists-twice",
        RequirementId::ParticipantListedOnce,
        "The list of participants repeats the first one.",
        |fault| {
            fault.edit_responses(
                &[ParticipantsList],
                Edit::Map(&[""], |page| {
                    if let Some(rows) = page["results"].as_array_mut() {
                        rows.extend(rows.first().cloned());
                        page["count"] = json!(page["count"].as_i64().unwrap_or(0) + 1);
                    }
                }),
            )
        },
    ),
    row(
        "participant/list-knows-no-admins",
        RequirementId::ParticipantListEqualsRoom,
        "The list of participants shows no admins.",
        |fault| {
            fault.edit_responses(&[ParticipantsList], Edit::Set(&["/results/*/is_admin"], "false"))
        },
    ),
    row(
        "participant/removed-stay-listed",
        RequirementId::ParticipantRemove,
        "The list of participants contains removed members.",
        |fault| {
            fault.listing.participants = Some(|base, _, store, room, window| {
                let (count, mut participants) = base.participants(store, room, window)?;
                participants.extend(former_participants(store, room)?);
                Ok((count, participants))
            });
        },
    ),
    row(
        "participant/removed-keep-listening",
        RequirementId::ParticipantRemovedStreamEnds,
        "Sockets of removed members still receive events.",
        |fault| {
            fault.delivery.end_streams = Some(|base, _, hub, room, user, departure| {
                if departure != Departure::Removed {
                    base.end_streams(hub, room, user, departure);
                }
            });
        },
    ),
    row(
        "participant/departed-keep-listening",
        RequirementId::ParticipantDepartedStreamEnds,
        "Sockets of members who left still receive events.",
        |fault| {
            fault.delivery.end_streams = Some(|base, _, hub, room, user, departure| {
                if departure != Departure::Left {
                    base.end_streams(hub, room, user, departure);
                }
            });
        },
    ),
    row(
        "participant/mute-does-not-show",
        RequirementId::ParticipantMute,
        "Participants never show as muted.",
        |fault| {
            fault.edit_responses(
                &[ParticipantsMute, RoomsGet, ParticipantsList],
                Edit::Map(
                    &["/is_muted", "/participants/*/is_muted", "/results/*/is_muted"],
                    |is_muted| *is_muted = json!(false),
                ),
            )
        },
    ),
    row(
        "participant/timed-mute-stays",
        RequirementId::ParticipantTimedMuteEnds,
        "A mute that would end within a day lasts for years.",
        |fault| {
            fault.rewrite_requests(&[ParticipantsMute], |request| {
                let until = Timestamp::parse(request.text("muted_until"));
                let tomorrow = Timestamp::now() + Duration::from_secs(24 * 60 * 60);
                if until.is_some_and(|until| until < tomorrow) {
                    request.body["muted_until"] = json!("2199-01-01T00:00:00Z");
                }
            });
        },
    ),
    row(
        "participant/mute-stays",
        RequirementId::ParticipantUnmute,
        "Participants always show as muted.",
        |fault| {
            fault.edit_responses(
                &[ParticipantsMute, RoomsGet, ParticipantsList],
                Edit::Map(
                    &["/is_muted", "/participants/*/is_muted", "/results/*/is_muted"],
                    |is_muted| *is_muted = json!(true),
                ),
            )
        },
    ),
    row(
        "participant/ignores-bad-muted-until",
        RequirementId::ParticipantBadMutedUntilRefused,
        "An invalid `muted_until` is ignored.",
        |fault| {
            let change = RequestChange::Rewrite(|request| {
                if Timestamp::parse(request.text("muted_until")).is_none() {
                    request.forget("muted_until");
                }
            });
            fault.change_requests(ParticipantsMute, change);
        },
    ),
    row(
        "participant/direct-takes-third",
        RequirementId::ParticipantThirdInDirectRefused,
        "A third user can be added to a direct room.",
        |fault| fault.validation.check_addition = Some(|_, _, _| Ok(())),
    ),
    row(
        "participant/joined-when-asked",
        RequirementId::ParticipantAddIgnoresOtherFields,
        "`joined_at` of a new participant can be set.",
        |fault| {
            fault.change_responses(&[ParticipantsAdd], When::Success, Change::Echo(&["joined_at"]))
        },
    ),
    row(
        "participant/mute-makes-admin",
        RequirementId::ParticipantMuteIgnoresOtherFields,
        "Muting notifications can set `is_admin`.",
        |fault| {
            fault.change_responses(&[ParticipantsMute], When::Success, Change::With(promote));
        },
    ),
];

/// Makes the participant an admin, if the request asked for it.
fn promote(app: &App, _: &Memory, exchange: &mut Exchange) {
    let participant = exchange.body["id"].as_i64();
    if exchange.request_json()["is_admin"] == true {
        let sql = "UPDATE participants SET is_admin = 1 WHERE id = ?";
        if app.chat().store.execute(sql, [participant]).is_ok() {
            exchange.body["is_admin"] = json!(true);
        }
    }
}
