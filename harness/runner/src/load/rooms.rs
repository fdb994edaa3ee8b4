//! Creates the rooms of a load run.

use futures_util::future::join_all;
use hearback_client::{Actor, CreatedRoom, Creation, Request, RoomRegistry};
use hearback_contract::{Operation, UserId};
use hearback_history::ScenarioName;
use hearback_loadtests::shared_rooms::{ByRoom, Exchange, RoomOfOther};
use hearback_loadtests::{Plan, PlannedRoom};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;

/// Rooms created at the same time.
const CONCURRENCY: usize = 8;

/// Longest response in an error, in characters.
const LONGEST_RESPONSE: usize = 200;

/// The scenario under which the traffic of a room is recorded.
pub(super) fn scenario(number: usize) -> ScenarioName {
    ScenarioName::from(format!("load-{number}"))
}

/// The rooms of a plan, to be created at a target.
pub(super) struct Rooms<'r> {
    pub(super) plan: &'r Plan,
    /// An actor for each account of the plan.
    pub(super) actors: &'r [Actor],
    /// Name of the run, which is part of the names of its rooms.
    pub(super) run: &'r str,
    pub(super) registry: &'r RoomRegistry,
    /// The other workers, if there are any.
    pub(super) exchange: Option<&'r Exchange>,
    pub(super) context: &'r Context,
}

impl Rooms<'_> {
    /// Creates every room of the plan, in its order, except for those that other workers create.
    ///
    /// Ends early, with fewer rooms, if the run is cancelled.
    ///
    /// # Errors
    /// At the first room that cannot be created. The registry has those created until then.
    pub(super) async fn create(&self) -> Result<Vec<CreatedRoom>, RunError> {
        // The creators of shared rooms wait for this.
        self.report_users().await?;
        let (own, of_others): (Vec<_>, Vec<_>) =
            self.plan.rooms.iter().partition(|room| room.share.part == 0);
        let mut created = Vec::with_capacity(self.plan.rooms.len());
        for chunk in own.chunks(CONCURRENCY) {
            if self.context.is_cancelled() {
                return Ok(Vec::new());
            }
            for attempt in join_all(chunk.iter().map(|room| self.create_one(room))).await {
                created.push(attempt?);
            }
            self.context.emit(Event::CreatingRooms { done: created.len(), all: own.len() });
        }
        self.report_rooms(&own, &created).await?;
        let mut created: Vec<_> = own.into_iter().map(|room| room.number).zip(created).collect();
        for room in of_others {
            created.push((room.number, self.room_of_other(room).await?));
        }
        created.sort_by_key(|(number, _)| *number);
        Ok(created.into_iter().map(|(_, room)| room).collect())
    }

    async fn create_one(&self, room: &PlannedRoom) -> Result<CreatedRoom, RunError> {
        let creator = self.creator(room);
        let mut ids = self.users(room, Some(creator));
        if let Some(exchange) = self.exchange.filter(|_| room.share.is_partial()) {
            ids.extend(exchange.users(room).await.map_err(RunError::OtherWorker)?);
        }
        ids.sort_unstable();
        ids.dedup();
        let members = ids.len() + 1;
        let mut body = self.request(room);
        body["participant_ids"] = json!(ids);
        let scenario = scenario(room.number);
        let request = Request::new(Operation::RoomsCreate).json(body);
        let creation = self.registry.create(creator, &scenario, request).await;
        let Creation { response, room: created } = creation;
        let response = match created {
            Ok(Some(created)) => return Ok(created),
            Ok(None) => response.describe_redacted(LONGEST_RESPONSE, creator.client().recorder()),
            Err(reason) => reason.to_string(),
        };
        let rooms = &self.plan.rooms;
        // Rooms of other workers are not counted.
        let number = rooms.iter().take_while(|it| it.number <= room.number).count();
        Err(RunError::RoomNotCreated { number, all: rooms.len(), members, response })
    }

    /// A member if one may create rooms, otherwise an account from outside of the room.
    fn creator(&self, room: &PlannedRoom) -> &Actor {
        let creates = |actor: &&Actor| actor.account().creates_rooms;
        let member = self.members(room).find(creates);
        let creators: Vec<&Actor> = self.actors.iter().filter(creates).collect();
        member.unwrap_or_else(|| creators[room.number % creators.len()])
    }

    fn members(&self, room: &PlannedRoom) -> impl Iterator<Item = &Actor> {
        self.plan.members[room.members.clone()].iter().map(|member| &self.actors[member.account])
    }

    /// The user ids of the members of this process.
    fn users(&self, room: &PlannedRoom, except: Option<&Actor>) -> Vec<UserId> {
        self.members(room)
            .filter(|actor| except.is_none_or(|except| actor.name() != except.name()))
            .filter_map(Actor::user_id)
            .collect()
    }

    /// The request that creates a room, without its participants.
    fn request(&self, room: &PlannedRoom) -> Value {
        let name = format!("hearback {} load {}", self.run, room.number);
        json!({"room_type": "group", "name": name})
    }

    /// Reports the users of shared rooms to the workers that create them.
    async fn report_users(&self) -> Result<(), RunError> {
        let Some(exchange) = self.exchange else { return Ok(()) };
        let of_others = self.plan.rooms.iter().filter(|room| room.share.part > 0);
        let users: ByRoom<_> =
            of_others.map(|room| (room.number, self.users(room, None))).collect();
        exchange.put_users(&users).await.map_err(RunError::OtherWorker)
    }

    /// Reports the shared rooms that this worker created.
    async fn report_rooms(
        &self,
        planned: &[&PlannedRoom],
        created: &[CreatedRoom],
    ) -> Result<(), RunError> {
        let Some(exchange) = self.exchange else { return Ok(()) };
        let shared = planned.iter().zip(created).filter(|(room, _)| room.share.is_partial());
        let rooms: ByRoom<_> = shared
            .map(|(room, created)| {
                let creator = &created.creator;
                let name = creator.username().unwrap_or_else(|| creator.name().to_string());
                (room.number, RoomOfOther { id: created.id.clone(), creator: name })
            })
            .collect();
        exchange.put_rooms(&rooms).await.map_err(RunError::OtherWorker)
    }

    /// A shared room that another worker creates, once the target shows that it is the requested one.
    async fn room_of_other(&self, room: &PlannedRoom) -> Result<CreatedRoom, RunError> {
        let failed = |reason: String| RunError::SharedRoom { number: room.number + 1, reason };
        let (Some(exchange), Some(member)) = (self.exchange, self.members(room).next()) else {
            return Err(failed("the run has only one worker".to_owned()));
        };
        let created = exchange.room(room).await.map_err(RunError::OtherWorker)?;
        let scenario = scenario(room.number);
        let request = Request::new(Operation::RoomsGet).path(created.id.as_str());
        let response = member.call(&scenario, request).await;
        let client = member.client();
        let shown = response.json.as_ref().filter(|_| response.is_success()).map(|json| {
            let (creator, request) = (&*created.creator, self.request(room));
            client.adopt_of_other_process(member, creator, &scenario, &request, json)
        });
        match shown {
            Some(Ok(Some(room))) if room.id == created.id => Ok(room),
            Some(Err(reason)) => Err(failed(reason.to_string())),
            _ => Err(failed(response.describe_redacted(LONGEST_RESPONSE, client.recorder()))),
        }
    }
}
