//! A recorded correct run: the places where an anomaly can be planted, and the edits that plant one.

use std::collections::HashSet;

use fastrand::Rng;
use hearback_checker::model::{Message, Model, Origin};
use hearback_contract::{MessageId, Operation};
use hearback_history::{
    Call, Connection, ConnectionId, Event, EventKind, Frame, History, Interval, Nanoseconds,
};
use serde_json::{Value, json};

use super::users::is_common;

/// A correct run with its history and model.
pub(crate) struct Run<'h> {
    pub(crate) events: &'h [Event],
    pub(crate) history: &'h History,
    pub(crate) model: Model<'h>,
    /// Messages that no request tried to change, and whose text is unique.
    untouched: HashSet<MessageId>,
}

/// A time before the start of the simulation.
pub(crate) const EARLY: &str = "2025-01-01T00:00:00Z";

/// Returns a message id that the run does not contain.
pub(crate) fn fresh_id() -> Value {
    json!(hearback_testkit::dsl::id("planted"))
}

pub(crate) fn choice<T>(rng: &mut Rng, mut spots: Vec<T>) -> Option<T> {
    let count = spots.len();
    (count > 0).then(|| spots.swap_remove(rng.usize(..count)))
}

pub(crate) fn edited(value: &Value, edit: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    edit(&mut value);
    value
}

/// Returns the event with another id and text, sent by a user who is not in the run.
pub(crate) fn foreign(event: &Value, text: &str) -> Value {
    edited(event, |event| {
        event["message"]["id"] = fresh_id();
        event["message"]["content"] = json!(text);
        event["message"]["sender"]["id"] = json!(6);
    })
}

pub(crate) fn mentions(event: &Event, id: &str) -> bool {
    let payload = match &event.kind {
        EventKind::Returned { body, .. } => body,
        EventKind::Received { frame, .. } => frame,
        _ => return false,
    };
    payload.as_text().is_some_and(|text| text.contains(id) && text.contains("created_at"))
}

/// A message as one socket received it.
pub(crate) type Reception<'r> = (&'r Connection, &'r Frame, &'r Message<'r>);

pub(crate) fn answers_after<'r>(
    questions: impl Iterator<Item = &'r Reception<'r>>,
    reply: &Reception<'r>,
) -> Vec<(Reception<'r>, Reception<'r>)> {
    questions.map(|question| (*question, *reply)).collect()
}

impl<'h> Run<'h> {
    pub(crate) fn of(events: &'h [Event], history: &'h History) -> Self {
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

    pub(crate) fn is_untouched(&self, message: &Message<'_>) -> bool {
        self.untouched.contains(&message.id)
    }

    /// Returns the receptions of untouched messages.
    pub(crate) fn received(&self) -> Vec<Reception<'_>> {
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

    /// Returns the pairs of messages that one socket received in succession.
    pub(crate) fn pairs(&self) -> Vec<(Reception<'_>, Reception<'_>)> {
        let all = self.received();
        let pairs = all.windows(2).filter(|pair| pair[0].0.id == pair[1].0.id);
        pairs.map(|pair| (pair[0], pair[1])).collect()
    }

    /// Returns those pairs whose second message was sent after the first was acknowledged, by REST.
    pub(crate) fn ordered(
        &self,
        fits: impl Fn(&Message<'_>, &Message<'_>) -> bool,
    ) -> Vec<(Reception<'_>, Reception<'_>)> {
        let is_ordered = |one: &Message<'_>, other: &Message<'_>| {
            matches!(one.origin, Origin::Rest(_)) && one.sent.precedes(other.sent)
        };
        let pairs = self.pairs().into_iter();
        pairs.filter(|(one, other)| is_ordered(one.2, other.2) && fits(one.2, other.2)).collect()
    }

    /// Returns the connections that were open at a time.
    pub(crate) fn open_at(&self, at: Nanoseconds) -> impl Iterator<Item = &Connection> {
        self.history.connections.iter().filter(move |connection| {
            connection.established().is_some_and(|frame| frame.at < at)
                && connection.closed_at() > at
        })
    }

    /// Returns the untouched messages in lists.
    pub(crate) fn listed(&self) -> Vec<(&Call, &Message<'_>)> {
        self.items().into_iter().filter(|(_, message)| self.is_untouched(message)).collect()
    }

    /// Returns the messages in lists.
    pub(crate) fn items(&self) -> Vec<(&Call, &Message<'_>)> {
        let lists = self.history.calls_of(Operation::MessagesList);
        let items =
            lists.flat_map(|call| call.items().into_iter().flatten().map(move |it| (call, it)));
        items
            .filter_map(|(call, item)| {
                Some((call, self.model.messages.get(item.get("id")?.as_str()?)?))
            })
            .collect()
    }

    /// Returns the messages that must be in complete lists.
    pub(crate) fn required_in_lists(&self) -> Vec<(&Call, &Message<'_>)> {
        let is_null = |call: &Call, link| call.response().is_some_and(|body| body[link].is_null());
        let all = self.listed().into_iter();
        all.filter(|(call, message)| {
            is_null(call, "next")
                && is_null(call, "previous")
                && call.query("page").is_none()
                && self.must_be_listed(call, message)
        })
        .collect()
    }

    pub(crate) fn must_be_listed(&self, call: &Call, message: &Message<'_>) -> bool {
        let room = self.model.rooms.get(&message.room);
        let viewer = self.model.user_id(&call.invocation.actor);
        let visible = Interval { invoked: message.sent.invoked, ..call.interval() };
        self.is_untouched(message)
            && call.is_authorized()
            && message.sent.precedes(call.interval())
            && room.zip(viewer).is_some_and(|(room, viewer)| room.surely_member(viewer, visible))
    }

    /// Returns the untouched messages that lists with these orderings show in succession.
    pub(crate) fn neighbours(&self, orderings: &[&str]) -> Vec<(&Call, [&str; 2])> {
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

    /// Returns whether no other message of the list has the time of either message.
    pub(crate) fn times_differ(&self, list: &Call, one: &str, other: &str) -> bool {
        let items = list.items().map_or(&[][..], Vec::as_slice);
        [one, other].iter().all(|id| {
            let time = items.iter().find(|item| item["id"] == **id).map(|item| &item["created_at"]);
            items.iter().filter(|item| Some(&item["created_at"]) == time).count() == 1
        })
    }

    pub(crate) fn refused_and_received(
        &self,
        rng: &mut Rng,
        statuses: &[u16],
    ) -> Option<Vec<Event>> {
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
            connection.room == room.id && frame.at > call.interval().returned
        });
        let (connection, frame, _) = choice(rng, later.collect())?;
        Some(self.with_frame(frame.seq, connection.id, &foreign(frame.json()?, text)))
    }

    /// Returns the events with another frame after the event at `position`.
    pub(crate) fn with_frame(
        &self,
        position: u64,
        connection: ConnectionId,
        event: &Value,
    ) -> Vec<Event> {
        let mut events = self.events.to_vec();
        let position = usize::try_from(position).expect("a position");
        let kind = EventKind::Received { connection, frame: event.to_string().into() };
        let at = events[position].at;
        events.insert(position + 1, Event { seq: 0, at, kind });
        events.iter_mut().zip(0..).for_each(|(event, seq)| event.seq = seq);
        events
    }

    /// Returns the events with two frames swapped.
    pub(crate) fn swapped(
        &self,
        (one, other): (Reception<'_>, Reception<'_>),
    ) -> Option<Vec<Event>> {
        let mut events = self.events.to_vec();
        let [one, other] =
            [one.1.seq, other.1.seq].map(|seq| usize::try_from(seq).expect("a position"));
        let (first, second) = (events[one].kind.clone(), events[other].kind.clone());
        (events[one].kind, events[other].kind) = (second, first);
        Some(events)
    }

    /// Returns the events with another response to a call.
    pub(crate) fn with_response(
        &self,
        of: &Call,
        edit: impl FnOnce(&mut u16, &mut Value),
    ) -> Vec<Event> {
        let mut events = self.events.to_vec();
        let response = events.iter_mut().find_map(|event| match &mut event.kind {
            EventKind::Returned { call, status, body, .. } if *call == of.id() => {
                Some((status, body))
            }
            _ => None,
        });
        let (status, body) = response.expect("a response");
        let mut json = body.to_json().expect("JSON");
        edit(status, &mut json);
        *body = json.to_string().into();
        events
    }

    pub(crate) fn with_item(&self, list: &Call, id: &str, edit: impl Fn(&mut Value)) -> Vec<Event> {
        self.with_response(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            items.iter_mut().filter(|item| item["id"] == id).for_each(edit);
        })
    }

    pub(crate) fn with_items_swapped(&self, list: &Call, one: &str, other: &str) -> Vec<Event> {
        self.with_response(list, |_, body| {
            let items = body["results"].as_array_mut().expect("items");
            let position = |id: &str| items.iter().position(|item| item["id"] == id);
            let (one, other) = (position(one).expect("one"), position(other).expect("the other"));
            items.swap(one, other);
        })
    }

    /// Returns the events with every read of a message edited.
    pub(crate) fn with_every(&self, id: &str, edit: impl Fn(&mut Value)) -> Vec<Event> {
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
