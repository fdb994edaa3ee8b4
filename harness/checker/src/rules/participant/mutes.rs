//! Successful mutes and unmutes of own notifications, and the reads that must show them.

use ahash::AHashMap;
use hearback_contract::{Operation, RoomRef, UserId};
use hearback_history::{Call, Interval, Nanoseconds};
use serde_json::Value;

use crate::model::{IntervalIndex, ParticipantObservation};
use crate::rule::RuleInput;
use crate::rule_context::RuleContext;
use crate::rules::answer::member;
use crate::violation::Violation;

/// Changes to the notifications of one participant.
#[derive(Default)]
pub(super) struct Mutes<'h> {
    /// Successful mutes and unmutes by the member, ordered by return.
    sure: Vec<&'h Call>,
    /// All changes that may have been made, by any user.
    possible: IntervalIndex,
}

fn mutes<'h>(input: RuleInput<'h>) -> AHashMap<(RoomRef<'h>, UserId), Mutes<'h>> {
    let mut calls: AHashMap<(RoomRef<'_>, UserId), Vec<&Call>> = AHashMap::new();
    for call in input.history.calls_of(Operation::ParticipantsMute).filter(|it| it.maybe_done()) {
        let subject = call.participant_in_path().and_then(|id| input.model.participant(id));
        if let Some((room, user)) = subject {
            calls.entry((room.id.borrowed(), user)).or_default().push(call);
        }
    }
    let of = |user: UserId, calls: Vec<&'h Call>| {
        let is_sure = |call: &&Call| {
            let is_own = input.model.user_id(&call.invocation.actor) == Some(user);
            call.succeeded() && call.is_authorized() && is_own && requested(call).is_some()
        };
        let mut sure: Vec<_> = calls.iter().copied().filter(is_sure).collect();
        sure.sort_by_key(|call| call.interval().returned);
        let settled = |call: &&Call| match call.succeeded() {
            true => call.interval(),
            false => Interval { returned: Nanoseconds::MAX, ..call.interval() },
        };
        Mutes { sure, possible: calls.iter().map(settled).collect() }
    };
    calls.into_iter().map(|(key, calls)| (key, of(key.1, calls))).collect()
}

/// Returns the requested `muted` and `muted_until`. `None` if the server may have read the body differently.
fn requested(call: &Call) -> Option<(bool, Option<&str>)> {
    let request = call.request.as_ref().filter(|_| call.has_documented_type())?;
    let until = match request.get("muted_until") {
        None | Some(Value::Null) => None,
        Some(until) => Some(until.as_str()?),
    };
    Some((request.get("muted")?.as_bool()?, until))
}

/// A read of an own participant, and the mute or unmute that it must show.
pub(super) struct Read<'h> {
    pub(super) observation: &'h ParticipantObservation<'h>,
    pub(super) call: &'h Call,
    pub(super) until: Option<&'h str>,
}

pub(super) fn reads(input: RuleInput<'_>, muted: bool) -> Vec<Read<'_>> {
    let mutes = mutes(input);
    let mut reads = Vec::new();
    for observation in input.model.participant_observations.iter().filter(|it| it.is_current()) {
        let ParticipantObservation { room, user, call: shown_in, .. } = *observation;
        let is_own = input.model.user_id(&shown_in.invocation.actor) == Some(user);
        let Some(mutes) = mutes.get(&(room, user)).filter(|_| is_own) else { continue };
        let at = shown_in.interval();
        let answered = mutes.sure.iter().find(|call| call.seq == shown_in.seq);
        let earlier = mutes.sure.partition_point(|call| call.interval().precedes(at));
        let before = earlier.checked_sub(1).map(|last| &mutes.sure[last]);
        let Some(call) = answered.or(before).copied() else { continue };
        // No other change may have been made since, and a member who came back may have started over.
        let span = Interval { invoked: call.invoked, returned: at.returned };
        let unread_bounds = input.model.room(room).and_then(|room| room.unread_bounds(user, at));
        let is_settled = mutes.possible.count_overlapping(span) == 1
            && unread_bounds.is_some_and(|unread_bounds| unread_bounds.joined < call.invoked);
        match requested(call) {
            Some((requested, until)) if requested == muted && is_settled => {
                reads.push(Read { observation, call, until });
            }
            _ => {}
        }
    }
    reads
}

pub(super) fn check_flag<'h>(read: &Read<'h>, muted: bool, context: &mut RuleContext<'h>) {
    let Some(flag) = member(read.observation.value, "is_muted", Value::as_bool, context) else {
        return;
    };
    context
        .check(flag == muted, || violation(read, "is_muted", muted.to_string(), flag.to_string()));
}

pub(super) fn violation<'h>(
    read: &Read<'h>,
    field: &str,
    expected: String,
    actual: String,
) -> Violation<'h> {
    let place = read.observation.call.operation().map_or("", Operation::id);
    let violation = Violation::new(
        format!("{place}: {field}"),
        format!("`{field}` is {expected}, as requested"),
        format!("it is {actual}"),
    );
    let violation = violation.evidence(read.call);
    if read.call.seq == read.observation.call.seq {
        violation
    } else {
        violation.evidence(read.observation.call)
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Mutes by bob, and reads of his participant.

    use crate::rules::participant::roster::testing::CREATED;

    pub(in super::super) fn mute(times: &str, request: &str, answer: &str) -> String {
        format!("{times} bob participants.mute 2 {request} => {answer}")
    }

    /// `who` reads bob's participant.
    pub(in super::super) fn read(who: &str, times: &str, fields: &str) -> String {
        format!(
            r#"{times} {who} participants.list ?room=$r1 => 200 {{"results": [@participant {{"id": 2, "user": {{"id": 2}}, "room": "$r1", {fields}}}]}}"#
        )
    }

    pub(in super::super) fn of(lines: &[&str]) -> String {
        format!("{CREATED}\n{}", lines.join("\n"))
    }
}
