//! The actors of a run: logged in, and with their user ids known.

use std::sync::Arc;

use anyhow::anyhow;
use hearback_client::{
    Accounts, Actor, Client, FailureKind, Request, preflight, socket_preflight, stated_user_id,
};
use hearback_contract::{Operation, UserId};
use hearback_history::ScenarioName;
use hearback_scenarios::Actors;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::target::TargetUnderTest;
use crate::exit::Failure;

const SCENARIO: &str = "preflight";

/// Logs everybody in, once, and finds out who they are.
///
/// The target is looked at first: whether it is there, is this API, and, if that is needed, opens sockets.
/// Who interrupts it waits for no log-in; a room that is being made is put away first.
pub(crate) async fn assemble(
    client: &Arc<Client>,
    target: &TargetUnderTest,
    run: &str,
    needs_sockets: bool,
    mut interrupted: watch::Receiver<bool>,
) -> Result<Actors, Failure> {
    let scenario = ScenarioName::from(SCENARIO);
    let actors: Vec<Actor> =
        target.accounts().iter().map(|account| client.actor(account.clone())).collect();
    let first = actors.iter().find(|actor| actor.account().creates_rooms).unwrap_or(&actors[0]);
    let looked_at = tokio::select! {
        looked_at = preflight(client, first) => looked_at,
        stopped = stopped(&mut interrupted) => return Err(stopped),
    };
    looked_at.map_err(Failure::unreachable)?;
    // Side by side: a log-in is slow on purpose at most targets.
    let mut log_ins: JoinSet<_> = actors
        .iter()
        .cloned()
        .map(|actor| async move { actor.log_in(&SCENARIO.into()).await })
        .collect();
    while let Some(logged_in) = tokio::select! {
        logged_in = log_ins.join_next() => logged_in,
        stopped = stopped(&mut interrupted) => return Err(stopped),
    } {
        let logged_in = logged_in.map_err(|error| Failure::unfinished(error.into()))?;
        logged_in.map_err(|error| Failure::unfinished(error.into()))?;
    }
    for actor in actors.iter().filter(|actor| actor.account().creates_rooms) {
        let is_first = actor.name() == first.name();
        let is_sure = actor.user_id().is_some() && target.accounts_file().is_none();
        if is_sure && !is_first {
            continue;
        }
        let stated = probe(actor, &scenario, run, is_first && needs_sockets).await?;
        if *interrupted.borrow() {
            return Err(stopped(&mut interrupted).await);
        }
        // With a wrong id the actor is taken for somebody else, and the target for guilty of it.
        if let (Some(path), Some(stated)) = (target.accounts_file(), stated)
            && actor.account().id.is_some_and(|id| id != stated)
        {
            return Err(Failure::file(Accounts::another_id(path, actor.account(), stated)));
        }
    }
    let fixtures = target.fixtures();
    Ok(Actors { actors, task: fixtures.task, property: fixtures.property })
}

/// Comes back when somebody has stopped the run.
async fn stopped(interrupted: &mut watch::Receiver<bool>) -> Failure {
    if interrupted.wait_for(|interrupted| *interrupted).await.is_err() {
        // Nobody can any more.
        std::future::pending::<()>().await;
    }
    Failure::unfinished(anyhow!("the run was stopped before its first scenario"))
}

/// Has an actor make a room: it says who the actor is, and a socket can be tried. Gives the id that it has by
/// all that the room says.
async fn probe(
    actor: &Actor,
    scenario: &ScenarioName,
    run: &str,
    tries_socket: bool,
) -> Result<Option<UserId>, Failure> {
    let name = format!("hearback {run} {SCENARIO}");
    let body = json!({"room_type": "group", "name": name, "participant_ids": []});
    let response = actor.call(scenario, Request::new(Operation::RoomsCreate).json(body)).await;
    let Some(room) = response.text_at("/id").filter(|_| response.is_success()) else {
        // What is wrong with making rooms is for the scenarios to show.
        return Ok(None);
    };
    if let Some(id) = response.integer_at("/created_by/id") {
        let is_same_person = response
            .text_at("/created_by/username")
            .is_none_or(|name| name == actor.name().as_str());
        if actor.user_id().is_none() && is_same_person {
            actor.learn_user_id(UserId::new(id));
        }
    }
    let opened = match tries_socket {
        true => socket_preflight(actor, &room.into()).await,
        false => Ok(()),
    };
    actor.call(scenario, Request::new(Operation::RoomsArchive).path(room)).await;
    opened.map_err(Failure::unreachable)?;
    Ok(stated_user_id(&response, actor.name()))
}

/// Why the target cannot be asked any more, if it cannot.
pub(crate) async fn is_gone(actor: &Actor) -> Option<String> {
    let response = actor.call(&SCENARIO.into(), Request::new(Operation::RoomsList)).await;
    response.failure.map(|failure| match failure.kind {
        FailureKind::Throttled => failure.text,
        _ => format!("the target is gone: {failure}"),
    })
}
