//! Fixed results for tests and samples.

use hearback_checker::{
    AuthorizationMatrix, Cell, CellState, Finding, ObservedReading, Reason, State, Verdict,
    Verdicts,
};
use hearback_config::{Document, Excerpt};
use hearback_contract::overlay::{Change, Effect};
use hearback_contract::policy::{Action, Permission, Role, permission};
use hearback_contract::{Level, Operation, ReadingId, RequirementId};
use hearback_history::{
    ExpectationResult, History, MeasuredLag, Nanoseconds, Obstacle, RecordedExpectation,
    Repetitions, Reproduction, RunEnd, RunStart, TargetOptions, Unrepeated,
};
use hearback_results::{
    Authorization, ContractOverlay, FlakyFindings, Gate, Results, WaiverState, waiver,
};
use hearback_testkit::dsl;

mod files;
mod many;

pub(crate) use files::save;
pub(crate) use many::{MANY, many_findings};

/// Text of a hostile target: color codes, a window title, markup, and a directional override.
pub(crate) const HOSTILE: &str = "\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}txt\u{feff}\r\n\0]]></failure><script>`|*@all*\u{ffff}";

pub(crate) fn verdict(id: &str, state: State) -> Verdict {
    Verdict {
        requirement: id.parse().unwrap(),
        state,
        observations: match state {
            State::Held => 1_234,
            State::Broken => 12,
            State::NotExercised | State::Undecided => 0,
        },
        findings: Vec::new(),
        reason: match state {
            State::Held | State::Broken => None,
            State::NotExercised => Some(Reason::NothingObserved),
            State::Undecided => Some(Reason::DependsOn(RequirementId::MessageSend)),
        },
    }
}

fn history(end: Option<RunEnd>) -> History {
    let recorded = history_of(
        r#"
        alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
        bob@r1 open
        alice messages.send {"room": "$r1", "content": "hello"} => 201 @message {"id": "$m1"}
        bob@r1 -> {"type": "read_receipt", "message_id": "$m1"}
        "#,
    );
    History { end, ..recorded }
}

/// A complete run that contains `text`.
pub(crate) fn history_of(text: &str) -> History {
    let start = RunStart {
        run: "quiet-harbour".to_owned(),
        version: "0.1.0".to_owned(),
        specification: "1.0.0".to_owned(),
        target: "https://staging.example.com/api".to_owned(),
        socket: "wss://staging.example.com/ws".to_owned(),
        target_options: None,
        seed: 42,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        timeout_ms: 2_000,
        selection: Vec::new(),
        shard: None,
        depth: None,
        contract: None,
        host: Some("ci-1.example.com".to_owned()),
    };
    History {
        start: Some(start),
        end: Some(RunEnd::Completed),
        last: Nanoseconds::from_millis(4_200),
        ..dsl::parse(text).unwrap()
    }
}

fn verdicts(verdicts: impl IntoIterator<Item = Verdict>) -> Verdicts {
    let mut verdicts: Vec<_> = verdicts.into_iter().collect();
    verdicts.sort_by_key(|verdict| RequirementId::all().position(|id| id == verdict.requirement));
    verdicts.into_iter().collect()
}

/// A matrix of operations, written with the marks of the legend in the order of the roles.
pub(crate) fn authorization(rows: &[(&str, &str)]) -> Option<Authorization> {
    let cell = |action, role, mark| {
        let expected = permission(role, action);
        let (state, is_allowed) = match (mark, expected) {
            ('.', _) => (CellState::NotExercised, None),
            ('!', _) => (CellState::Broken, Some(expected == Permission::Deny)),
            ('+', Permission::Allow) => (CellState::Held, Some(true)),
            ('-', Permission::Deny) => (CellState::Held, Some(false)),
            ('~', Permission::Either) => (CellState::Held, Some(true)),
            _ => panic!("{role:?} {action:?}: {expected:?} cannot be `{mark}`"),
        };
        let [allowed, denied] = [true, false].map(|it| u64::from(is_allowed == Some(it)));
        Cell { role, action, expected, allowed, denied, state }
    };
    let row = |(operation, marks): &(&str, &str)| {
        let action = Action::Operation(operation.parse().unwrap());
        let cells = Role::all().zip(marks.chars());
        cells.map(|(role, mark)| cell(action, role, mark)).collect::<Vec<_>>()
    };
    Authorization::of(&AuthorizationMatrix { cells: rows.iter().flat_map(row).collect() })
}

const HELD: [&str; 5] =
    ["room/create-group", "room/create-direct", "message/send", "message/sender", "socket/opens"];

/// A run in which every requirement is held.
pub(crate) fn held() -> Results {
    let list = HELD.map(|id| verdict(id, State::Held));
    let results = Results::new(&history(Some(RunEnd::Completed)), &verdicts(list), Level::Must);
    let grid = [("rooms.get", "---------+.+"), ("messages.send", "-.....--.+.+")];
    Results { authorization: authorization(&grid), ..results }
}

/// A run with a requirement of each state, hostile text, a stopped scenario and an orphaned room.
pub(crate) fn broken() -> Results {
    let archived = Finding {
        variant: "rooms.archive: is_active".to_owned(),
        expected: "is_active false".to_owned(),
        actual: "is_active true".to_owned(),
        count: 3,
        // The scenario of the history DSL, and the events of the message and the receipt.
        scenario: "test".into(),
        evidence: vec![5, 7],
        ..Finding::default()
    };
    let absent = Finding {
        variant: "rooms.get: archived_at".to_owned(),
        expected: "archived_at is a date-time".to_owned(),
        actual: HOSTILE.to_owned(),
        count: 1,
        scenario: "room/archive".into(),
        evidence: vec![17, 21],
        ..Finding::default()
    };
    let long = Finding {
        variant: "messages.list: missing".to_owned(),
        expected: "all 60 messages that existed before the first page".to_owned(),
        actual: format!("without {}", "550e8400-e29b-41d4-a716-446655440000, ".repeat(60)),
        count: 1_234,
        scenario: "page/walk".into(),
        evidence: vec![30],
        ..Finding::default()
    };
    let mut archive = verdict("schema/rooms.archive", State::Broken);
    archive.findings = vec![archived, absent];
    let mut walk = verdict("page/walk-while-writing", State::Broken);
    walk.findings = vec![long];
    let mut refused = verdict("message/attachment", State::NotExercised);
    refused.reason =
        Some(Reason::Scenario(format!("the target rejected the upload: 413 {HOSTILE}")));
    let others = [
        verdict("message/edit-flags", State::Undecided),
        verdict("message/edit-content", State::Undecided),
        verdict("page/default-size", State::NotExercised),
        verdict("page/maximum-size", State::NotExercised),
        archive,
        walk,
        refused,
    ];
    let list = HELD.map(|id| verdict(id, State::Held)).into_iter().chain(others);
    let mut history = history(Some(RunEnd::Completed));
    history.aborted_scenarios =
        vec![("message/attachment".into(), "the upload was rejected with 413".to_owned())];
    let accounts = "accounts.toml".to_owned();
    let target_options = TargetOptions::External {
        accounts,
        socket_url: None,
        jwt_secret_env: None,
        connection: Box::default(),
    };
    history.start.as_mut().unwrap().target_options = Some(target_options);
    let grid = [
        ("rooms.get", "------!--+.+"),
        ("rooms.archive", "-.....-..~.+"),
        ("messages.edit", "-...-.-..+--"),
    ];
    let waivers = Document::new(
        "waivers.toml",
        r#"
        [[waiver]]
        requirement = "page/walk-while-writing"
        reason = "new messages shift the offsets of pages"
        link = "https://bugs.example.com/17"
        expires = 2025-12-31
        [[waiver]]
        requirement = "message/send"
        reason = "responses are slow"
        "#,
        Excerpt::Full,
    );
    let waivers = waiver::parse(&waivers);
    history.reproductions = vec![Reproduction {
        requirement: "page/walk-while-writing".parse().unwrap(),
        variant: "messages.list: missing".to_owned(),
        scenario: "page/walk".into(),
        file: Some("hearback-runs/quiet-harbour/page-walk-while-writing.yaml".to_owned()),
        steps: 6,
        reproduced: 5,
        repetitions: 5,
        attempts: 31,
        is_minimal: true,
        expected: Some("all 4 messages that existed before the first page".to_owned()),
        actual: Some("3 messages".to_owned()),
        commands: vec!["curl -i -X GET https://staging.example.com/api/chat/messages/".to_owned()],
    }];
    let gate = Gate { waivers: waivers.unwrap(), ..Level::Must.into() };
    let mut results = Results::new(&history, &verdicts(list), gate);
    let requirements = results.families.iter_mut().flat_map(|family| &mut family.requirements);
    for finding in requirements.flat_map(|requirement| &mut requirement.findings) {
        finding.reproduce = match finding.variant.as_str() {
            "rooms.archive: is_active" => vec![
                "curl -X POST https://staging.example.com/api/chat/rooms/550e8400-e29b-41d4-a716-446655440000/archive/ \
                 -H \"Authorization: Bearer $ALICE_TOKEN\""
                    .to_owned(),
            ],
            "rooms.get: archived_at" => vec![
                "websocat 'wss://staging.example.com/ws/chat/550e8400/?token='\"$BOB_TOKEN\""
                    .to_owned(),
                format!("  # received: {HOSTILE}"),
            ],
            _ => continue,
        };
    }
    Results { authorization: authorization(&grid), ..results }
}

/// A run that was aborted.
pub(crate) fn aborted() -> Results {
    let end = RunEnd::Aborted { reason: format!("no account can log in: {HOSTILE}") };
    let list = [
        verdict("room/create-group", State::Held),
        verdict("message/edit-content", State::Undecided),
        verdict("page/default-size", State::NotExercised),
    ];
    let results = Results::new(&history(Some(end)), &verdicts(list), Level::Must);
    Results { authorization: None, ..results }
}

/// A complete run that exercised nothing.
pub(crate) fn nothing_exercised() -> Results {
    let list = HELD.map(|id| verdict(id, State::NotExercised));
    Results::new(&history(Some(RunEnd::Completed)), &verdicts(list), Level::Must)
}

/// A run that left requirements untested, and whose scenarios stopped, for several reasons.
pub(crate) fn incomplete() -> Results {
    let untested = [
        ("message/edit-content", Reason::TooFewAccounts(3)),
        ("room/leave", Reason::DependsOn(RequirementId::MessageEditContent)),
        ("message/unique-id", Reason::Unanswered(Operation::MessagesDelete)),
        ("message/reply", Reason::SocketClosed(1011)),
        ("message/no-reply", Reason::Scenario(format!("step 3: {HOSTILE}"))),
    ];
    let untested = untested
        .map(|(id, reason)| Verdict { reason: Some(reason), ..verdict(id, State::NotExercised) });
    let list = HELD.map(|id| verdict(id, State::Held)).into_iter().chain(untested);
    let history = History {
        aborted_scenarios: vec![("delivery/a".into(), "step 2: socket `bob` is not open".into())],
        impediments: vec![("delivery/a".into(), Obstacle::SocketClosed(Some(1011)))],
        lag: Some(MeasuredLag {
            reads: Nanoseconds::from_millis(40),
            searches: Nanoseconds::from_millis(1_500),
        }),
        ..history(Some(RunEnd::Completed))
    };
    Results::new(&history, &verdicts(list), Level::Must)
}

/// A run in which an expectation of a scenario failed.
pub(crate) fn unexpected() -> Results {
    let expectation = |holds, actual: Option<&str>, seq| RecordedExpectation {
        result: ExpectationResult {
            scenario: "mine/first".into(),
            actor: "alice".into(),
            step: "2".to_owned(),
            location: "mine.yaml:7".to_owned(),
            requirement: None,
            subject: "alice rooms.get status".to_owned(),
            expected: "200".to_owned(),
            actual: actual.map(str::to_owned),
            holds,
        },
        at: Nanoseconds::from_millis(3),
        seq,
    };
    let history = History {
        expectations: vec![
            expectation(true, Some("200"), 20),
            expectation(false, Some(HOSTILE), 21),
            expectation(false, None, 22),
        ],
        ..history(Some(RunEnd::Completed))
    };
    let list = HELD.map(|id| verdict(id, State::Held));
    Results::new(&history, &verdicts(list), Level::Must)
}

/// A run with findings of every certainty.
pub(crate) fn uncertain(flaky: FlakyFindings) -> Results {
    let repeated = [
        ("unread/detail", Some((3, 3, None))),
        ("unread/list", Some((1, 5, None))),
        ("unread/stats", Some((0, 5, None))),
        ("socket/opens", Some((0, 0, Some(Unrepeated::TimeBudget)))),
        ("schema/rooms.get", None),
    ];
    let mut history = history(Some(RunEnd::Completed));
    let mut list = vec![verdict("message/send", State::Held)];
    for (id, repetitions) in repeated {
        let mut broken = verdict(id, State::Broken);
        broken.findings = vec![Finding {
            variant: "rooms.get".to_owned(),
            expected: "1".to_owned(),
            actual: "2".to_owned(),
            count: 1,
            scenario: "unread/counting".into(),
            evidence: Vec::new(),
            ..Finding::default()
        }];
        let repetitions = repetitions.map(|(reproduced, repetitions, obstacle)| Repetitions {
            requirement: broken.requirement,
            variant: "rooms.get".to_owned(),
            scenario: "unread/counting".into(),
            reproduced,
            repetitions,
            obstacle,
        });
        history.repetitions.extend(repetitions);
        list.push(broken);
    }
    Results::new(&history, &verdicts(list), Gate { flaky, ..Level::Must.into() })
}

/// A run in which every finding is flaky, or was not reproduced.
pub(crate) fn intermittent(flaky: FlakyFindings) -> Results {
    let mut results = uncertain(flaky);
    for family in &mut results.families {
        family
            .requirements
            .retain(|requirement| requirement.state != State::Broken || requirement.is_flaky());
    }
    results.families.retain(|family| !family.requirements.is_empty());
    results.merge(Results::new(&history(Some(RunEnd::Completed)), &verdicts([]), Level::Must));
    results
}

/// A run in which the target takes another reading than a pinned one, and shows a second pinned one not at all.
pub(crate) fn pinned() -> Results {
    let history = history_of(r"bob messages.search ?q=abc => 200 []");
    let observed = |reading, observations| ObservedReading {
        reading,
        observations,
        evidence: history.calls[0].seq,
    };
    let mut verdicts = verdicts(HELD.map(|id| verdict(id, State::Held)));
    verdicts.readings = vec![
        observed(ReadingId::EditDeleted400, 2),
        observed(ReadingId::EditDeleted404, 1),
        observed(ReadingId::SearchShapeArray, 3),
    ];
    let pinned = vec![ReadingId::DeleteTwice404, ReadingId::SearchShapeEnvelope];
    Results::new(&history, &verdicts, Gate { pinned, needs_pinned: true, ..Level::Must.into() })
}

/// A run that does not show a pinned reading.
pub(crate) fn unseen_pin() -> Results {
    let history = history_of("bob messages.search ?q=abc => 200 []");
    let verdicts = verdicts(HELD.map(|id| verdict(id, State::Held)));
    let pinned = vec![ReadingId::DeleteTwice404];
    Results::new(&history, &verdicts, Gate { pinned, needs_pinned: true, ..Level::Must.into() })
}

/// A run whose violations are waived or below the level of the gate.
pub(crate) fn waived() -> Results {
    let mut results = broken();
    for waiver in &mut results.waivers {
        waiver.state = match waiver.requirement.as_str() {
            "page/walk-while-writing" => WaiverState::Applied,
            _ => WaiverState::NotExercised,
        };
    }
    results.families.retain(|family| family.id == "page");
    let mut requirements = results.families.iter_mut().flat_map(|family| &mut family.requirements);
    let walk = requirements.find(|it| it.id == "page/walk-while-writing").expect("a requirement");
    walk.waived = true;
    walk.findings.iter_mut().for_each(|finding| finding.waived = true);
    results.stopped_scenarios.clear();
    results.merge(Results::new(&history(Some(RunEnd::Completed)), &verdicts([]), Level::Must));
    results
}

/// A run that was checked with an overlay of the contract.
pub(crate) fn overlaid() -> Results {
    let change = |subject: &str, effect, text: &str| Change {
        subject: subject.to_owned(),
        effect,
        text: text.to_owned(),
    };
    let changes = vec![
        change("models/error.json /error", Effect::Breaking, "is not required any more"),
        change("room/archive", Effect::Breaking, "is not checked: rooms are deleted"),
        change("models/chat_message.json /reactions", Effect::Compatible, "is new"),
    ];
    let contract = Some(ContractOverlay { name: "Acme 1.1".to_owned(), changes });
    Results { contract, ..held() }
}

/// A run with more gateway errors than the gate permits.
pub(crate) fn too_many_gateway_errors() -> Results {
    let mut results = held();
    results.traffic.gateway_errors = 3;
    results.max_gateway_errors = Some(2);
    results.merge(Results::new(&history(Some(RunEnd::Completed)), &verdicts([]), Level::Must));
    results
}

/// A run without events.
pub(crate) fn empty() -> Results {
    Results::new(&History::default(), &verdicts([]), Level::Note)
}

/// Results of each kind.
pub(crate) fn all() -> Vec<Results> {
    let intermittent = [FlakyFindings::Fail, FlakyFindings::Warn].map(intermittent);
    [held(), broken(), aborted(), incomplete(), unexpected(), nothing_exercised(), empty()]
        .into_iter()
        .chain([uncertain(FlakyFindings::Fail), pinned(), unseen_pin(), waived()])
        .chain([too_many_gateway_errors(), overlaid()])
        .chain(intermittent)
        .collect()
}

/// Results in which every text that hearback did not write is hostile.
pub(crate) fn hostile() -> Results {
    let mut results = broken();
    let text = || HOSTILE.to_owned();
    results.hearback_version = text();
    results.specification_version = text();
    results.run = Some(text());
    results.target = Some(text());
    results.started_at = Some(text());
    results.end = Some(RunEnd::Aborted { reason: text() });
    for requirement in results.families.iter_mut().flat_map(|family| &mut family.requirements) {
        requirement.reason = requirement.reason.as_ref().map(|_| Reason::Scenario(text()));
        for finding in &mut requirement.findings {
            finding.finding.variant = text();
            finding.finding.expected = text();
            finding.finding.actual = text();
            finding.finding.scenario = text().into();
            finding.reproduce = vec![text()];
            if let Some(sequence) = &mut finding.sequence {
                sequence.actors.iter_mut().for_each(|actor| *actor = text());
                let audited = sequence.audit.iter_mut();
                let exchanges = sequence.exchanges.iter_mut().chain(audited);
                exchanges.for_each(|exchange| exchange.text = text());
            }
        }
    }
    for group in &mut results.groups {
        group.title = text();
        group.evidence.variant = text();
    }
    let change = Change { subject: text(), effect: Effect::Breaking, text: text() };
    results.contract = Some(ContractOverlay { name: text(), changes: vec![change] });
    for waiver in &mut results.waivers {
        waiver.reason = text();
        waiver.link = waiver.link.as_ref().map(|_| text());
    }
    for stopped in &mut results.stopped_scenarios {
        stopped.scenario = text().into();
        stopped.reason = text();
    }
    results.expectations = unexpected().expectations;
    for group in &mut results.coverage.untested {
        group.reason = Reason::Scenario(text());
    }
    for room in &mut results.orphaned_rooms {
        room.id = Some(text().into());
        room.name = Some(text());
        room.creator = text().into();
    }
    results
}
