//! One anomaly planted in a correct run, where it is sure to be one: it is found, and named.

use std::collections::HashSet;

use fastrand::Rng;
use hearback_checker::model::{Message, Model, Origin};
use hearback_checker::{State, check_history};
use hearback_contract::Operation;
use hearback_history::{
    Call, Connection, ConnectionId, Event, EventKind, Frame, History, Interval, Nanoseconds,
};
use serde_json::{Value, json};

use super::users::{Plan, is_common, simulate};

/// A correct run, and what follows from it.
struct Run<'h> {
    events: &'h [Event],
    history: &'h History,
    model: Model<'h>,
    /// Messages that nobody tried to alter, and whose text nobody used again.
    untouched: HashSet<String>,
}

/// The requirement that is broken, and how: the altered events, if the run has a place for it.
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
        Some(run.with_item(list, &message.id, |item| item["content"] = content.clone()))
    }),
    ("delivery/acknowledged-is-kept", |run, rng| {
        let (list, message) = choice(rng, run.due())?;
        Some(run.with_answer(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            items.retain(|item| item["id"] != message.id.as_str());
            body["count"] = json!(items.len());
        }))
    }),
    ("delivery/acknowledged-is-kept", |run, rng| {
        let gets = run.history.calls_of(Operation::MessagesGet);
        let due = gets.filter(|call| {
            let message = call.subject().and_then(|id| run.model.messages.get(id));
            call.succeeded() && message.is_some_and(|message| run.is_due(call, message))
        });
        Some(run.with_answer(choice(rng, due.collect())?, |status, _| *status = 404))
    }),
    ("delivery/same-by-both-ways", |run, rng| {
        let live: HashSet<&str> =
            run.received().iter().map(|(_, _, message)| message.id.as_str()).collect();
        let listed = run.listed().into_iter();
        let (list, message) =
            choice(rng, listed.filter(|(_, it)| live.contains(it.id.as_str())).collect())?;
        Some(run.with_item(list, &message.id, |item| item["created_at"] = json!(EARLY)))
    }),
    ("delivery/not-before-joining", |run, rng| {
        let spots = run.received().into_iter().flat_map(|(_, frame, message)| {
            let late = run.history.connections.iter().filter(move |other| {
                other.room.as_str() == message.room && other.invoked > message.sent.returned
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
        let hears = |connection: &Connection, message: &Message<'_>| {
            all.iter().any(|(it, _, heard)| it.id == connection.id && heard.id == message.id)
        };
        let shared = run.pairs().into_iter().filter(|((one, _, first), (_, _, second))| {
            run.history
                .connections
                .iter()
                .any(|other| other.id != one.id && hears(other, first) && hears(other, second))
        });
        run.swapped(choice(rng, shared.collect())?)
    }),
    ("order/history-agrees", |run, rng| {
        let live = run.pairs();
        let is_heard = |one: &str, other: &str| {
            live.iter().any(|((_, _, first), (_, _, second))| {
                [one, other] == [first.id.as_str(), second.id.as_str()]
                    || [other, one] == [first.id.as_str(), second.id.as_str()]
            })
        };
        let neighbours = run.neighbours(&["created_at", "-created_at"]);
        let told = neighbours.iter().filter(|(list, [one, other])| {
            let again = neighbours.iter().any(|(another, pair)| {
                another.seq != list.seq
                    && another.query("ordering") == list.query("ordering")
                    && pair == &[*one, *other]
            });
            is_heard(one, other) && !again && run.times_differ(list, one, other)
        });
        let (list, [one, other]) = choice(rng, told.collect())?;
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
            run.events.iter().any(|event| mentions(event, &message.id))
                && sent.clone().any(|earlier| {
                    earlier.room == message.room
                        && matches!(earlier.origin, Origin::Rest(_))
                        && earlier.sent.precedes(message.sent)
                })
        });
        let message = choice(rng, later.collect())?;
        Some(run.with_every(&message.id, |shown| shown["created_at"] = json!(EARLY)))
    }),
    ("order/reply-after-question", |run, rng| {
        let all = run.received();
        let answers = all.iter().flat_map(|reply| {
            let answered = all.iter().filter(move |question| {
                question.0.id == reply.0.id && reply.2.reply_to == Some(question.2.id.as_str())
            });
            answers_after(answered, reply)
        });
        run.swapped(choice(rng, answers.collect())?)
    }),
    ("authorization/events-after-removal", |run, rng| {
        let late = run.model.socket_sends.iter().filter_map(|send| {
            let room = run.model.rooms.get(send.connection.room.as_str())?;
            let user = run.model.user_id(&send.connection.actor)?;
            // Before long after, so that no return can make it rightful.
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
        let told = edited(frame.json()?, |event| {
            event["message"]["id"] = fresh_id();
            event["message"]["content"] = json!(send.text);
            event["message"]["room_id"] = json!(other.room);
        });
        Some(run.with_frame(send.frame.seq, other.id, &told))
    }),
    ("authorization/no-existence-leak", |run, rng| {
        // Any other refusal of what does not exist tells it from what does.
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
            call.refused() && call.is_authorized() && hearback_history::synthetic_ids::is_uuid(id)
        });
        invented.next()?;
        Some(run.with_answer(outsider, |status, _| *status = 400))
    }),
];

/// Before all that the simulation writes.
const EARLY: &str = "2025-01-01T00:00:00Z";

/// An id that nothing in the run has.
fn fresh_id() -> Value {
    json!(hearback_testkit::dsl::id("planted"))
}

fn choice<T>(rng: &mut Rng, mut spots: Vec<T>) -> Option<T> {
    let count = spots.len();
    (count > 0).then(|| spots.swap_remove(rng.usize(..count)))
}

fn edited(value: &Value, edit: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    edit(&mut value);
    value
}

/// The event with other words of somebody who takes no part.
fn foreign(event: &Value, text: &str) -> Value {
    edited(event, |event| {
        event["message"]["id"] = fresh_id();
        event["message"]["content"] = json!(text);
        event["message"]["sender"]["id"] = json!(6);
    })
}

fn mentions(event: &Event, id: &str) -> bool {
    let payload = match &event.kind {
        EventKind::Returned { body, .. } => body,
        EventKind::Received { frame, .. } => frame,
        _ => return false,
    };
    payload.as_text().is_some_and(|text| text.contains(id) && text.contains("created_at"))
}

/// A message where one socket received it.
type Heard<'r> = (&'r Connection, &'r Frame, &'r Message<'r>);

fn answers_after<'r>(
    questions: impl Iterator<Item = &'r Heard<'r>>,
    reply: &Heard<'r>,
) -> Vec<(Heard<'r>, Heard<'r>)> {
    questions.map(|question| (*question, *reply)).collect()
}

impl<'h> Run<'h> {
    fn of(events: &'h [Event], history: &'h History) -> Self {
        let model = Model::of(history);
        let alterations = history.calls.iter().filter(|call| {
            matches!(call.operation(), Some(Operation::MessagesEdit | Operation::MessagesDelete))
        });
        let altered: HashSet<&str> = alterations.filter_map(Call::subject).collect();
        let untouched = model.messages.values().filter(|message| {
            !altered.contains(message.id.as_str())
                && !model.is_ambiguous(message)
                && !is_common(message.versions[0].content)
        });
        let untouched = untouched.map(|message| message.id.clone()).collect();
        Self { events, history, model, untouched }
    }

    fn is_untouched(&self, message: &Message<'_>) -> bool {
        self.untouched.contains(&message.id)
    }

    /// Untouched messages where sockets received them.
    fn received(&self) -> Vec<Heard<'_>> {
        let connections = self.history.connections.iter();
        let frames = connections.flat_map(|it| it.frames.iter().map(move |frame| (it, frame)));
        frames
            .filter(|(_, frame)| !frame.is_sent())
            .filter_map(|(connection, frame)| {
                let id = frame.json()?.pointer("/message/id")?.as_str()?;
                let message = self.model.messages.get(id)?;
                self.is_untouched(message).then_some((connection, frame, message))
            })
            .collect()
    }

    /// Messages that one socket received one right after the other.
    fn pairs(&self) -> Vec<(Heard<'_>, Heard<'_>)> {
        let all = self.received();
        let pairs = all.windows(2).filter(|pair| pair[0].0.id == pair[1].0.id);
        pairs.map(|pair| (pair[0], pair[1])).collect()
    }

    /// Those of which the second was sent after the first was acknowledged, by REST.
    fn ordered(
        &self,
        fits: impl Fn(&Message<'_>, &Message<'_>) -> bool,
    ) -> Vec<(Heard<'_>, Heard<'_>)> {
        let is_ordered = |one: &Message<'_>, other: &Message<'_>| {
            matches!(one.origin, Origin::Rest(_)) && one.sent.precedes(other.sent)
        };
        let pairs = self.pairs().into_iter();
        pairs.filter(|(one, other)| is_ordered(one.2, other.2) && fits(one.2, other.2)).collect()
    }

    /// Connections that were open at a moment and for some time after.
    fn open_at(&self, at: Nanoseconds) -> impl Iterator<Item = &Connection> {
        self.history.connections.iter().filter(move |connection| {
            connection.established().is_some_and(|frame| frame.at < at)
                && connection.closed_at() > at
        })
    }

    /// Untouched messages in lists.
    fn listed(&self) -> Vec<(&Call, &Message<'_>)> {
        self.items().into_iter().filter(|(_, message)| self.is_untouched(message)).collect()
    }

    /// Messages in lists.
    fn items(&self) -> Vec<(&Call, &Message<'_>)> {
        let lists = self.history.calls_of(Operation::MessagesList);
        let items =
            lists.flat_map(|call| call.items().into_iter().flatten().map(move |it| (call, it)));
        items
            .filter_map(|(call, item)| {
                Some((call, self.model.messages.get(item.get("id")?.as_str()?)?))
            })
            .collect()
    }

    /// Messages that must be in complete lists.
    fn due(&self) -> Vec<(&Call, &Message<'_>)> {
        let is_null = |call: &Call, link| call.response().is_some_and(|body| body[link].is_null());
        let all = self.listed().into_iter();
        all.filter(|(call, message)| {
            is_null(call, "next")
                && is_null(call, "previous")
                && call.query("page").is_none()
                && self.is_due(call, message)
        })
        .collect()
    }

    fn is_due(&self, call: &Call, message: &Message<'_>) -> bool {
        let room = self.model.rooms.get(&message.room);
        let viewer = self.model.user_id(&call.invocation.actor);
        let sight = Interval { invoked: message.sent.invoked, ..call.interval() };
        self.is_untouched(message)
            && call.is_authorized()
            && message.sent.precedes(call.interval())
            && room.zip(viewer).is_some_and(|(room, viewer)| room.surely_member(viewer, sight))
    }

    /// Untouched messages that lists with such an ordering show one right after the other.
    fn neighbours(&self, orderings: &[&str]) -> Vec<(&Call, [&str; 2])> {
        let untouched: HashSet<&str> =
            self.listed().iter().map(|(_, message)| message.id.as_str()).collect();
        let lists = self.history.calls_of(Operation::MessagesList).filter(|call| {
            call.query("ordering").is_some_and(|ordering| orderings.contains(&ordering))
        });
        lists
            .flat_map(|call| {
                let items = call.items().map_or(&[][..], Vec::as_slice);
                items.windows(2).map(move |pair| (call, pair))
            })
            .filter_map(|(call, pair)| {
                let [one, other] = [pair[0]["id"].as_str()?, pair[1]["id"].as_str()?];
                (untouched.contains(one) && untouched.contains(other))
                    .then_some((call, [one, other]))
            })
            .collect()
    }

    /// Whether no message of the list shares its time with either of two, even when they are swapped.
    fn times_differ(&self, list: &Call, one: &str, other: &str) -> bool {
        let items = list.items().map_or(&[][..], Vec::as_slice);
        [one, other].iter().all(|id| {
            let time = items.iter().find(|item| item["id"] == **id).map(|item| &item["created_at"]);
            items.iter().filter(|item| Some(&item["created_at"]) == time).count() == 1
        })
    }

    fn refused_and_received(&self, rng: &mut Rng, statuses: &[u16]) -> Option<Vec<Event>> {
        let sends = self.history.calls_of(Operation::MessagesSend).filter(|call| {
            let room = self.model.room_of(call);
            let content = call.request.as_ref().map(|body| &body["content"]);
            room.is_some()
                && content.and_then(Value::as_str).is_some_and(|it| !is_common(it))
                && call.status().is_some_and(|status| statuses.contains(&status))
        });
        let call = choice(rng, sends.collect())?;
        let text = call.request.as_ref()?.get("content")?.as_str()?;
        let room = self.model.room_of(call)?;
        let later = self.received().into_iter().filter(|(connection, frame, _)| {
            connection.room.as_str() == room.id && frame.at > call.interval().returned
        });
        let (connection, frame, _) = choice(rng, later.collect())?;
        Some(self.with_frame(frame.seq, connection.id, &foreign(frame.json()?, text)))
    }

    /// With one frame more, right after the event at `position`.
    fn with_frame(&self, position: u64, connection: ConnectionId, event: &Value) -> Vec<Event> {
        let mut events = self.events.to_vec();
        let position = usize::try_from(position).expect("a position");
        let kind = EventKind::Received { connection, frame: event.to_string().into() };
        let at = events[position].at;
        events.insert(position + 1, Event { seq: 0, at, kind });
        events.iter_mut().zip(0..).for_each(|(event, seq)| event.seq = seq);
        events
    }

    /// With the two frames in each other's place.
    fn swapped(&self, (one, other): (Heard<'_>, Heard<'_>)) -> Option<Vec<Event>> {
        let mut events = self.events.to_vec();
        let [one, other] =
            [one.1.seq, other.1.seq].map(|seq| usize::try_from(seq).expect("a position"));
        let (first, second) = (events[one].kind.clone(), events[other].kind.clone());
        (events[one].kind, events[other].kind) = (second, first);
        Some(events)
    }

    /// With another answer to a call.
    fn with_answer(&self, of: &Call, edit: impl FnOnce(&mut u16, &mut Value)) -> Vec<Event> {
        let mut events = self.events.to_vec();
        let answer = events.iter_mut().find_map(|event| match &mut event.kind {
            EventKind::Returned { call, status, body, .. } if *call == of.id() => {
                Some((status, body))
            }
            _ => None,
        });
        let (status, body) = answer.expect("an answer");
        let mut json = body.to_json().expect("JSON");
        edit(status, &mut json);
        *body = json.to_string().into();
        events
    }

    fn with_item(&self, list: &Call, id: &str, edit: impl Fn(&mut Value)) -> Vec<Event> {
        self.with_answer(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            items.iter_mut().filter(|item| item["id"] == id).for_each(edit);
        })
    }

    fn with_items_swapped(&self, list: &Call, one: &str, other: &str) -> Vec<Event> {
        self.with_answer(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            let position = |id: &str| items.iter().position(|item| item["id"] == id);
            let (one, other) = (position(one).expect("one"), position(other).expect("the other"));
            items.swap(one, other);
        })
    }

    /// With every sight of a message edited.
    fn with_every(&self, id: &str, edit: impl Fn(&mut Value)) -> Vec<Event> {
        let mut events = self.events.to_vec();
        for event in events.iter_mut().filter(|event| mentions(event, id)) {
            let payload = match &mut event.kind {
                EventKind::Returned { body, .. } => body,
                EventKind::Received { frame, .. } => frame,
                _ => continue,
            };
            let Some(mut json) = payload.to_json() else { continue };
            if json["id"] == id {
                edit(&mut json);
            }
            if json["message"]["id"] == id {
                edit(&mut json["message"]);
            }
            let items = json.get_mut("results").and_then(Value::as_array_mut).into_iter().flatten();
            items.filter(|item| item["id"] == id).for_each(&edit);
            *payload = json.to_string().into();
        }
        events
    }
}

/// How often each anomaly is planted.
const ENOUGH: usize = 3;
/// Runs in which there may be no place for an anomaly.
const MOST_RUNS: u64 = 60;

#[test]
fn planted_anomalies_are_found_and_named() {
    let mut rng = Rng::with_seed(7);
    let mut planted = vec![0; ANOMALIES.len()];
    let mut missed = Vec::new();
    for seed in 0..MOST_RUNS {
        if planted.iter().all(|planted| *planted >= ENOUGH) {
            break;
        }
        let events = simulate(Plan { seed, steps: 400 });
        let history = History::from_events(events.iter().cloned());
        let run = Run::of(&events, &history);
        for ((requirement, plant), planted) in ANOMALIES.iter().zip(&mut planted) {
            if *planted >= ENOUGH {
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
        assert!(planted >= ENOUGH, "{requirement}: planted {planted} times");
    }
}
