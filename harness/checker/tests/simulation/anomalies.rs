//! Plants one anomaly in a correct run, at a place where it certainly is one, and checks that its
//! requirement is broken.

use std::collections::HashSet;

use fastrand::Rng;
use hearback_checker::model::{Message, Origin};
use hearback_checker::{State, check_history};
use hearback_contract::Operation;
use hearback_history::{Connection, Event, History, Interval, synthetic_ids};
use serde_json::json;

use super::run::{EARLY, Run, answers_after, choice, edited, foreign, fresh_id, mentions};
use super::users::{Plan, is_common, simulate};

/// The requirement that an anomaly breaks, and the function that plants it. `None` if the run has no place
/// for it.
type Anomaly = (&'static str, fn(&Run<'_>, &mut Rng) -> Option<Vec<Event>>);

static ANOMALIES: &[Anomaly] = &[
    ("delivery/no-duplicate", |run, rng| {
        let (connection, frame, _) = choice(rng, run.received())?;
        Some(run.with_frame(frame.seq, connection.id, frame.json()?))
    }),
    ("delivery/no-duplicate", |run, rng| {
        let (connection, frame, _) = choice(rng, run.received())?;
        let renamed = edited(frame.json()?, |event| event["message"]["id"] = fresh_id());
        Some(run.with_frame(frame.seq, connection.id, &renamed))
    }),
    ("delivery/no-phantom", |run, rng| {
        let (connection, frame, _) = choice(rng, run.received())?;
        Some(run.with_frame(frame.seq, connection.id, &foreign(frame.json()?, "from nowhere")))
    }),
    ("delivery/no-leak", |run, rng| {
        let (connection, frame, _) = choice(rng, run.received())?;
        let elsewhere = run.open_at(frame.at).filter(|other| other.room != connection.room);
        let elsewhere = choice(rng, elsewhere.collect())?;
        Some(run.with_frame(frame.seq, elsewhere.id, frame.json()?))
    }),
    ("delivery/refused-is-not-sent", |run, rng| run.refused_and_received(rng, &[400, 403, 404])),
    ("authorization/no-side-effect", |run, rng| run.refused_and_received(rng, &[401, 403, 404])),
    ("authorization/no-side-effect", |run, rng| {
        let edits = run.history.calls_of(Operation::MessagesEdit);
        let refused = edits.filter(|call| matches!(call.status(), Some(401 | 403 | 404)));
        let spots = refused.flat_map(|edit| {
            let later = run.items().into_iter().filter(move |(list, message)| {
                Some(message.id.as_str()) == edit.subject()
                    && edit
                        .request
                        .as_ref()
                        .is_some_and(|it| it["content"].as_str().is_some_and(|it| !is_common(it)))
                    && !run.model.is_ambiguous(message)
                    && edit.interval().precedes(list.interval())
            });
            later.map(move |(list, message)| (edit, list, message))
        });
        let (edit, list, message) = choice(rng, spots.collect())?;
        let content = edit.request.as_ref()?.get("content")?.clone();
        Some(run.with_item(list, message.id.as_str(), |item| item["content"] = content.clone()))
    }),
    ("delivery/acknowledged-is-kept", |run, rng| {
        let (list, message) = choice(rng, run.required_in_lists())?;
        Some(run.with_response(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            items.retain(|item| item["id"] != message.id.as_str());
            body["count"] = json!(items.len());
        }))
    }),
    ("delivery/acknowledged-is-kept", |run, rng| {
        let gets = run.history.calls_of(Operation::MessagesGet);
        let required = gets.filter(|call| {
            let message = call.subject().and_then(|id| run.model.messages.get(id));
            call.succeeded() && message.is_some_and(|message| run.must_be_listed(call, message))
        });
        Some(run.with_response(choice(rng, required.collect())?, |status, _| *status = 404))
    }),
    ("delivery/same-by-both-ways", |run, rng| {
        let live: HashSet<&str> =
            run.received().iter().map(|(_, _, message)| message.id.as_str()).collect();
        let listed = run.listed().into_iter();
        let (list, message) =
            choice(rng, listed.filter(|(_, it)| live.contains(it.id.as_str())).collect())?;
        Some(run.with_item(list, message.id.as_str(), |item| item["created_at"] = json!(EARLY)))
    }),
    ("delivery/not-before-joining", |run, rng| {
        let spots = run.received().into_iter().flat_map(|(_, frame, message)| {
            let late = run.history.connections.iter().filter(move |other| {
                other.room == message.room && other.invoked > message.sent.returned
            });
            late.filter_map(|other| Some((other, other.established()?.seq)))
                .map(move |(other, established)| (other, established, frame))
        });
        let (connection, established, frame) = choice(rng, spots.collect())?;
        Some(run.with_frame(established, connection.id, frame.json()?))
    }),
    ("order/per-sender", |run, rng| {
        let pairs = run.ordered(|one, other| one.sender == other.sender);
        run.swapped(choice(rng, pairs)?)
    }),
    ("order/real-time", |run, rng| {
        let pairs = run.ordered(|one, other| one.sender != other.sender);
        run.swapped(choice(rng, pairs)?)
    }),
    ("order/common", |run, rng| {
        let all = run.received();
        let receives = |connection: &Connection, message: &Message<'_>| {
            all.iter().any(|(it, _, received)| it.id == connection.id && received.id == message.id)
        };
        let shared = run.pairs().into_iter().filter(|((one, _, first), (_, _, second))| {
            run.history.connections.iter().any(|other| {
                other.id != one.id && receives(other, first) && receives(other, second)
            })
        });
        run.swapped(choice(rng, shared.collect())?)
    }),
    ("order/history-agrees", |run, rng| {
        let live = run.pairs();
        let is_received = |one: &str, other: &str| {
            live.iter().any(|((_, _, first), (_, _, second))| {
                [one, other] == [first.id.as_str(), second.id.as_str()]
                    || [other, one] == [first.id.as_str(), second.id.as_str()]
            })
        };
        let neighbours = run.neighbours(&["created_at", "-created_at"]);
        let comparable = neighbours.iter().filter(|(list, [one, other])| {
            let again = neighbours.iter().any(|(another, pair)| {
                another.seq != list.seq
                    && another.query("ordering") == list.query("ordering")
                    && pair == &[*one, *other]
            });
            is_received(one, other) && !again && run.times_differ(list, one, other)
        });
        let (list, [one, other]) = choice(rng, comparable.collect())?;
        Some(run.with_items_swapped(list, one, other))
    }),
    ("order/list-is-stable", |run, rng| {
        let neighbours = run.neighbours(&["created_at", "-created_at"]);
        let again = neighbours.iter().filter(|(list, pair)| {
            neighbours.iter().any(|(another, its)| {
                another.seq != list.seq
                    && another.query("room") == list.query("room")
                    && another.query("ordering") == list.query("ordering")
                    && its == pair
            })
        });
        let (list, [one, other]) = choice(rng, again.collect())?;
        Some(run.with_items_swapped(list, one, other))
    }),
    ("order/created-at", |run, rng| {
        let sent = run.model.messages.values().filter(|message| run.is_untouched(message));
        let later = sent.clone().filter(|message| {
            run.events.iter().any(|event| mentions(event, message.id.as_str()))
                && sent.clone().any(|earlier| {
                    earlier.room == message.room
                        && matches!(earlier.origin, Origin::Rest(_))
                        && earlier.sent.precedes(message.sent)
                })
        });
        let message = choice(rng, later.collect())?;
        Some(run.with_every(message.id.as_str(), |shown| shown["created_at"] = json!(EARLY)))
    }),
    ("order/reply-after-question", |run, rng| {
        let all = run.received();
        let answers = all.iter().flat_map(|reply| {
            let answered = all.iter().filter(move |question| {
                question.0.id == reply.0.id && reply.2.reply_to == Some(question.2.id.borrowed())
            });
            answers_after(answered, reply)
        });
        run.swapped(choice(rng, answers.collect())?)
    }),
    ("authorization/events-after-removal", |run, rng| {
        let late = run.model.socket_sends.iter().filter_map(|send| {
            let room = run.model.rooms.get(send.connection.room.as_str())?;
            let user = run.model.user_id(&send.connection.actor)?;
            // The user must stay outside for the whole timeout, so that no return makes the event valid.
            let returned = send.frame.at + run.history.timeout();
            let at = Interval { invoked: send.frame.at, returned };
            (room.surely_outside(user, at) && !is_common(send.text)).then_some(send)
        });
        let spots = late.flat_map(|send| {
            let others = run.open_at(send.frame.at).filter(|other| {
                other.room == send.connection.room && other.actor != send.connection.actor
            });
            others.map(move |other| (send, other))
        });
        let (send, other) = choice(rng, spots.collect())?;
        let (_, frame, _) = *run.received().first()?;
        let event = edited(frame.json()?, |event| {
            event["message"]["id"] = fresh_id();
            event["message"]["content"] = json!(send.text);
            event["message"]["room_id"] = json!(other.room);
        });
        Some(run.with_frame(send.frame.seq, other.id, &event))
    }),
    ("authorization/no-existence-leak", |run, rng| {
        // Any other status reveals that the room exists.
        let outsiders = run.history.calls_of(Operation::RoomsGet).filter(|call| {
            let room = call.subject().and_then(|id| run.model.rooms.get(id));
            let user = run.model.user_id(&call.invocation.actor);
            call.refused()
                && call.is_authorized()
                && room.zip(user).is_some_and(|(room, user)| {
                    room.creation.interval().precedes(call.interval())
                        && !room.members.contains_key(&user)
                })
        });
        let outsider = choice(rng, outsiders.collect())?;
        let mut invented = run.history.calls_of(Operation::RoomsGet).filter(|call| {
            let id = call.subject().unwrap_or_default();
            call.refused() && call.is_authorized() && synthetic_ids::is_uuid(id)
        });
        invented.next()?;
        Some(run.with_response(outsider, |status, _| *status = 400))
    }),
];

/// Number of times to plant each anomaly.
const PLANTED: usize = 3;
/// Maximum number of runs to try, because a run may have no place for an anomaly.
const MAX_RUNS: u64 = 60;

#[test]
fn planted_anomalies_break_their_requirements() {
    let mut rng = Rng::with_seed(7);
    let mut planted = vec![0; ANOMALIES.len()];
    let mut missed = Vec::new();
    for seed in 0..MAX_RUNS {
        if planted.iter().all(|planted| *planted >= PLANTED) {
            break;
        }
        let events = simulate(Plan { seed, steps: 400 });
        let history = History::from_events(events.iter().cloned());
        let run = Run::of(&events, &history);
        for ((requirement, plant), planted) in ANOMALIES.iter().zip(&mut planted) {
            if *planted >= PLANTED {
                continue;
            }
            let Some(altered) = plant(&run, &mut rng) else { continue };
            *planted += 1;
            let history = History::from_events(altered);
            let verdicts = check_history(&history, |it| it.as_str() == *requirement);
            if verdicts.in_state(State::Broken).count() == 0 {
                missed.push(format!("{requirement}, seed {seed}: {verdicts:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}\nof {planted:?}");
    for ((requirement, _), planted) in ANOMALIES.iter().zip(planted) {
        assert!(planted >= PLANTED, "{requirement}: planted {planted} times");
    }
}
