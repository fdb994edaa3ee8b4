//! Each fault and each reading changes a conversation that covers the whole API.

mod input;
mod messages;
mod pages;
mod participants;
mod questions;
mod rooms;
mod sockets;
mod tokens;
mod transcript;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use hearback_contract::ReadingId;
use hearback_mutants::readings::switches;
use hearback_mutants::{FAULTS, FaultSet, FaultSpec, ReadingSet, Switches};
use hearback_reference::Options;
use reqwest::Client;
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::transcript::Transcript;
use crate::support;

const SECRET: &str = "known to the test";
const UNKNOWN: &str = "550e8400-e29b-41d4-a716-446655440000";
/// Maximum number of concurrent conversations.
const CONCURRENCY: usize = 4;

/// A part of the conversation, with a server of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Auth,
    Room,
    Message,
    Page,
    Socket,
    Participant,
    Input,
    Questions,
}

const PARTS: [Part; 7] = [
    Part::Room,
    Part::Message,
    Part::Auth,
    Part::Page,
    Part::Socket,
    Part::Participant,
    Part::Input,
];

/// Maximum time of a conversation; only a missing response exceeds it.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_changes_the_conversation() {
    let client = Client::new();
    let mut clean = Vec::new();
    for part in PARTS {
        let talk = Talk { client: client.clone(), switches: Switches::default(), part };
        let lines = talk.clone().hold(Transcript::default()).await;
        assert_eq!(talk.differs(&lines).await, None, "{part:?} varies");
        clean.push((part, lines));
    }
    let clean = Arc::new(clean);
    // Faults that only sequences of commands reach have reproductions in the tests of the binary.
    let faults = FAULTS.iter().filter(|fault| !fault.in_sequences && !is_elsewhere(fault));
    let unnoticed: Vec<_> = stream::iter(faults)
        .map(async |fault| {
            let shown = tokio::spawn(shows(client.clone(), fault, Arc::clone(&clean)));
            (fault.id, shown.await.unwrap())
        })
        .buffer_unordered(CONCURRENCY)
        .filter_map(async |(id, shown)| (!shown).then_some(id))
        .collect()
        .await;
    assert!(unnoticed.is_empty(), "no effect: {unnoticed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reading_changes_the_conversation() {
    let client = Client::new();
    let mut clean = Vec::new();
    for part in
        [Part::Questions, Part::Room, Part::Message, Part::Auth, Part::Socket, Part::Participant]
    {
        let talk = Talk { client: client.clone(), switches: Switches::default(), part };
        let lines = talk.clone().hold(Transcript::default()).await;
        assert_eq!(talk.differs(&lines).await, None, "{part:?} varies");
        clean.push((part, lines));
    }
    let clean = Arc::new(clean);
    let immediate = switches().filter(|switch| !LATE_READINGS.contains(&switch.id));
    let unnoticed: Vec<_> = stream::iter(immediate)
        .map(async |switch| {
            let switches = Switches::from(ReadingSet::from(switch.id));
            let clean = Arc::clone(&clean);
            let shown = tokio::spawn(differs(client.clone(), switches, clean, Part::Questions));
            // A conversation that cannot go on differs, too.
            (switch.id, shown.await.unwrap_or(true))
        })
        .buffer_unordered(CONCURRENCY)
        .filter_map(async |(id, shown)| (!shown).then_some(id))
        .collect()
        .await;
    assert!(unnoticed.is_empty(), "no effect: {unnoticed:#?}");
}

/// Faults that show only after seconds, or when a token is used again.
const LATE: [&str; 5] = [
    "auth/refresh-works-once",
    "auth/socket-outlives-token",
    "participant/timed-mute-stays",
    "socket/typing-never-ends",
    "socket/typing-outlives-connection",
];

/// Readings that show only after seconds, or when a user logs in again.
const LATE_READINGS: [ReadingId; 2] = [ReadingId::IdleSocketsClosed, ReadingId::SessionsSingle];

/// Faults of texts, files, sizes and simultaneous requests, which need more than the conversation sends.
const UNUSUAL: [&str; 32] = [
    "deletion/deletes-again",
    "deletion/keeps-files",
    "deletion/simultaneous-edit-restores",
    "delivery/archiving-loses-messages",
    "delivery/large-messages-close-the-room",
    "delivery/stores-what-fails",
    "message/composes-characters",
    "message/counts-bytes",
    "message/counts-utf16-units",
    "message/files-are-sniffed",
    "message/files-for-all-users",
    "message/files-for-former-members",
    "message/files-need-no-token",
    "message/keeps-paths-of-files",
    "message/pages-are-displayed",
    "message/refuses-large-files",
    "message/replaces-letters-in-file-names",
    "message/search-keeps-first-of-two-edits",
    "message/searches-ascii",
    "message/searches-first-texts",
    "message/searches-minimum-of-bytes",
    "message/searches-patterns",
    "message/searches-unedited",
    "page/counts-then-selects",
    "participant/simultaneous-changes-hide",
    "participant/simultaneous-leaving-demotes",
    "room/archives-again",
    "room/composes-names",
    "room/creates-two-at-once",
    "room/preview-cuts-bytes",
    "room/preview-cuts-characters",
    "socket/fails-on-malformed-rooms",
];

/// True for faults that the conversation does not reach: those of time, of several sockets, of unusual requests, and below
/// the API. The kill matrix runs scenarios against each of them.
fn is_elsewhere(fault: &FaultSpec) -> bool {
    let id = fault.id.as_str();
    matches!(fault.id.family(), "device" | "protocol")
        || LATE.contains(&id)
        || UNUSUAL.contains(&id)
}

/// True if any part of the conversation differs. The part of the fault's family is tried first.
async fn shows(
    client: Client,
    fault: &'static FaultSpec,
    clean: Arc<Vec<(Part, Vec<String>)>>,
) -> bool {
    let first = match fault.id.family() {
        "auth" => Part::Auth,
        "input" => Part::Input,
        "message" | "deletion" | "delivery" | "receipts" | "unread" => Part::Message,
        "page" => Part::Page,
        "socket" | "order" => Part::Socket,
        "participant" | "authorization" => Part::Participant,
        _ => Part::Room,
    };
    differs(client, Switches::from(FaultSet::from(fault.id)), clean, first).await
}

/// True if any part of the conversation differs; `first` is tried first.
async fn differs(
    client: Client,
    switches: Switches,
    clean: Arc<Vec<(Part, Vec<String>)>>,
    first: Part,
) -> bool {
    let mut parts: Vec<_> = clean.iter().collect();
    parts.sort_by_key(|(part, _)| *part != first);
    for (part, lines) in parts {
        let talk = Talk { client: client.clone(), switches: switches.clone(), part: *part };
        // A conversation that does not end differs, too.
        if timeout(TIMEOUT, talk.differs(lines)).await.map_or(true, |line| line.is_some()) {
            return true;
        }
    }
    false
}

/// One part of the conversation.
#[derive(Clone)]
struct Talk {
    client: Client,
    switches: Switches,
    part: Part,
}

impl Talk {
    /// The first line that differs; the conversation ends there.
    async fn differs(self, expected: &[String]) -> Option<String> {
        let (report, mut reported) = mpsc::unbounded_channel();
        let expected = Some((expected.to_vec(), report));
        tokio::select! {
            biased;
            difference = reported.recv() => difference,
            // The last line may differ.
            _ = self.hold(Transcript { expected, ..Transcript::default() }) => {
                reported.try_recv().ok()
            }
        }
    }

    async fn hold(self, mut transcript: Transcript) -> Vec<String> {
        let jwt_secret = Some(SECRET.to_owned());
        let options = Options { seams: self.switches.seams(), jwt_secret, ..Options::default() };
        let lab = support::lab(self.client, options).await;
        let actors = lab.actors(["alice", "bob", "carol", "dave"]).await;
        let room = actors[0].group(&[&actors[1], &actors[2]]).await;
        match self.part {
            Part::Auth => tokens::tokens(&mut transcript, &lab, &actors).await,
            Part::Room => rooms::rooms(&mut transcript, &actors).await,
            Part::Message => messages::messages(&mut transcript, &lab, &actors, &room).await,
            Part::Page => pages::pages(&mut transcript, &actors[0]).await,
            Part::Socket => sockets::sockets(&mut transcript, &actors, &room).await,
            Part::Participant => participants::participants(&mut transcript, &actors, &room).await,
            Part::Questions => questions::questions(&mut transcript, &actors, &room).await,
            Part::Input => input::input(&mut transcript, &actors, &room).await,
        }
        transcript.lines
    }
}
