//! Lists and their pages.

use hearback_contract::{AmbiguityId, Operation, ReadingId};
use hearback_history::Call;
use serde_json::Value;

use super::observation::ReadingObservations;
use super::observer::{Observer, row};
use super::status::{MEMBERS, calls_by};
use crate::rule::RuleInput;

pub(super) const ROWS: &[Observer] = &[
    row(AmbiguityId::RoomsPaging, rooms_paging),
    row(AmbiguityId::DefaultOrdering, default_ordering),
    row(AmbiguityId::PageOutOfRange, page_out_of_range),
    row(AmbiguityId::PageSizeOutOfRange, page_size_out_of_range),
    row(AmbiguityId::UnknownOrdering, unknown_ordering),
];

/// Largest documented size of a page.
const MAXIMUM_SIZE: i64 = 100;

fn count(call: &Call) -> Option<u64> {
    call.success()?.get("count")?.as_u64()
}

fn number(call: &Call, name: &str) -> Option<i64> {
    call.query(name)?.parse().ok()
}

fn rooms_paging(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    for call in input.history.calls_of(Operation::RoomsList) {
        let size = number(call, "page_size").filter(|size| (1..=MAXIMUM_SIZE).contains(size));
        let Some((size, items)) = size.zip(call.items()) else { continue };
        let Ok(size) = usize::try_from(size) else { continue };
        if items.len() > size {
            observations.takes(ReadingId::RoomsPagingLinks, call);
        } else if items.len() == size && count(call) > u64::try_from(size).ok() {
            observations.takes(ReadingId::RoomsPagingParameters, call);
        }
    }
}

fn default_ordering(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let calls = calls_by(input, Operation::MessagesList, MEMBERS);
    for call in calls.filter(|call| call.query("ordering").is_none()) {
        let Some(items) = call.items() else { continue };
        let time = |item: Option<&Value>| -> Option<jiff::Timestamp> {
            item?.get("created_at")?.as_str()?.parse().ok()
        };
        let Some((first, last)) = time(items.first()).zip(time(items.last())) else { continue };
        let reading = match first.cmp(&last) {
            std::cmp::Ordering::Less => ReadingId::DefaultOrderingOldestFirst,
            std::cmp::Ordering::Greater => ReadingId::DefaultOrderingNewestFirst,
            std::cmp::Ordering::Equal => continue,
        };
        observations.takes(reading, call);
    }
}

fn unknown_ordering(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let is_unknown = |call: &&Call| {
        let known = ["created_at", "-created_at"];
        let names = call.invocation.query.iter().map(|(name, _)| name.as_str());
        call.query("ordering").is_some_and(|ordering| !known.contains(&ordering))
            && names.filter(|name| !["room", "ordering"].contains(name)).count() == 0
    };
    observations.take_by_status(
        calls_by(input, Operation::MessagesList, MEMBERS).filter(is_unknown),
        &[(200, ReadingId::UnknownOrderingIgnored), (400, ReadingId::UnknownOrdering400)],
    );
}

/// Calls of messages.list by members with no other parameter than `room` and `name`.
fn with_parameter<'h>(
    input: RuleInput<'h>,
    name: &'static str,
) -> impl Iterator<Item = (&'h Call, &'h str)> {
    calls_by(input, Operation::MessagesList, MEMBERS).filter_map(move |call| {
        let mut names = call.invocation.query.iter().map(|(name, _)| name.as_str());
        let is_alone = names.all(|own| own == "room" || own == name || own == "page_size");
        Some((call, call.query(name).filter(|_| is_alone)?))
    })
}

fn page_out_of_range(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let page = |is_wanted: fn(Option<i64>) -> bool| {
        with_parameter(input, "page")
            .filter(|(call, _)| number(call, "page_size").is_none_or(|size| size > 0))
            .filter(|(_, page)| is_wanted(page.parse().ok()))
            .find_map(|(call, _)| Some((call, call.status()?)))
    };
    // A page that far is beyond the last one of every room.
    let beyond = page(|page| page.is_some_and(|page| page > 1_000_000));
    let invalid = page(|page| page.is_none_or(|page| page < 1));
    let reading = match (beyond.map(|it| it.1), invalid.map(|it| it.1)) {
        (Some(404), Some(400)) => ReadingId::PageOutOfRange404Or400,
        (Some(404), Some(404)) => ReadingId::PageOutOfRange404,
        (Some(400), Some(400)) => ReadingId::PageOutOfRange400,
        (Some(200), _) => ReadingId::PageOutOfRangeEmpty,
        _ => return,
    };
    if let Some((call, _)) = beyond {
        observations.takes(reading, call);
    }
}

fn page_size_out_of_range(input: RuleInput<'_>, observations: &mut ReadingObservations) {
    let sizes = |is_wanted: fn(i64) -> bool| {
        with_parameter(input, "page_size").filter(move |(call, size)| {
            call.query("page").is_none() && size.parse().is_ok_and(is_wanted)
        })
    };
    let large =
        sizes(|size| size > MAXIMUM_SIZE).find_map(|(call, _)| Some((call, call.status()?)));
    let small = sizes(|size| size < 1).find_map(|(call, _)| {
        let reading = match call.status()? {
            400 => ReadingId::PageSizeOutOfRangeClampedAbove,
            // A list with more than one message shows which size applies.
            200 if count(call)? > 1 && call.items()?.len() == 1 => {
                ReadingId::PageSizeOutOfRangeClamped
            }
            200 if call.items()?.len() > 1 => ReadingId::PageSizeOutOfRangeDefault,
            _ => return None,
        };
        Some((call, reading))
    });
    match (large, small) {
        (Some((call, 400)), _) => observations.takes(ReadingId::PageSizeOutOfRange400, call),
        (Some((_, 200)), Some((call, reading))) => observations.takes(reading, call),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::readings::testing::{ROOM, observed};

    #[test]
    fn pages_out_of_range_are_told_apart_by_two_requests() {
        let of = |beyond: &str, zero: &str| {
            let lines = format!(
                "{ROOM}
                bob messages.list ?room=$r1&page=999999999 => {beyond}
                bob messages.list ?room=$r1&page=0 => {zero}"
            );
            observed("page-out-of-range", &lines)
        };
        let (bad, missing) = ("400 @error", "404 @error");
        assert_eq!(of(missing, bad), ["404-or-400"]);
        assert_eq!(of(missing, missing), ["404"]);
        assert_eq!(of(bad, bad), ["400"]);
        assert_eq!(of(r#"200 {"count": 0, "results": []}"#, bad), ["empty"]);
        assert!(of(bad, missing).is_empty());
    }

    #[test]
    fn the_default_ordering_shows_in_the_times() {
        let of = |first: u8, last: u8| {
            let item =
                |second| format!(r#"@message {{"created_at": "2026-01-01T00:00:0{second}Z"}}"#);
            let lines = format!(
                r#"{ROOM}
                bob messages.list ?room=$r1 => 200 {{"results": [{}, {}]}}"#,
                item(first),
                item(last)
            );
            observed("default-ordering", &lines)
        };
        assert_eq!(of(1, 2), ["oldest-first"]);
        assert_eq!(of(2, 1), ["newest-first"]);
        assert!(of(1, 1).is_empty());
    }
}
