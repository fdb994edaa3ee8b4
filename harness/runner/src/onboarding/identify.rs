//! Learning which users the accounts are.

use std::collections::HashMap;

use futures_util::future::join_all;
use hearback_client::{Accounts, Actor, Identity, UnknownUser};
use hearback_contract::UserId;

use super::inquiry::{Answers, Inquiry};
use super::options::{CONCURRENCY, Onboarding, RoomTests};
use crate::error::RunError;

/// An actor whose user is to be learned, and what is known about it.
struct Candidate<'a> {
    actor: &'a Actor,
    identity: Identity,
    tests: RoomTests,
}

/// Learns the user of every actor; the ids of the accounts file are verified, since with a wrong id another user
/// would be taken for the actor.
///
/// # Errors
/// If a user stays unknown although a room could be created, if an account is another user than its file says, or
/// if two accounts are the same user.
pub(super) async fn identify(
    onboarding: &Onboarding<'_>,
    actors: &[Actor],
    creator: usize,
) -> Result<(), RunError> {
    let mut creators = Vec::new();
    let mut others = Vec::new();
    for (position, actor) in actors.iter().enumerate() {
        let tests = match position == creator {
            true => onboarding.tests,
            false => RoomTests::default(),
        };
        let identity = actor.identity();
        if let Some(id) = actor.user_id().filter(|_| is_trusted(onboarding, position, creator)) {
            let is_embedded = onboarding.target.is_embedded();
            actor.learn_user(id, is_embedded.then_some(actor.name().as_str()));
            if !tests.is_any() {
                continue;
            }
        } else if identity.settled().is_some() && onboarding.requires_ids && !tests.is_any() {
            conclude(onboarding, actor, &identity)?;
            continue;
        }
        let asked = if actor.account().creates_rooms { &mut creators } else { &mut others };
        asked.push(Candidate { actor, identity, tests });
    }
    let mut host = None;
    for chunk in creators.chunks(CONCURRENCY) {
        let answers = chunk.iter().map(|it| {
            let inquiry = Inquiry::new(onboarding, it.actor, it.identity.clone());
            inquiry.in_own_room(it.tests)
        });
        for (candidate, answers) in chunk.iter().zip(join_all(answers).await) {
            let Answers { identity, has_room, socket, .. } = answers;
            socket?;
            let actor = candidate.actor;
            if has_room {
                host = host.or(Some(actor));
                conclude(onboarding, actor, &identity)?;
            } else {
                others.push(Candidate { actor, identity, tests: RoomTests::default() });
            }
        }
        if onboarding.context.is_cancelled() {
            return Err(RunError::Interrupted);
        }
    }
    for chunk in others.chunks(CONCURRENCY) {
        join_all(chunk.iter().map(|it| identify_guest(onboarding, it, host)))
            .await
            .into_iter()
            .collect::<Result<(), RunError>>()?;
        if onboarding.context.is_cancelled() {
            return Err(RunError::Interrupted);
        }
    }
    ensure_distinct(actors)
}

/// Returns whether the id of an account needs no verification: an id of the embedded server or of an earlier trial,
/// or one in a token that was signed here, which cannot be verified.
fn is_trusted(onboarding: &Onboarding<'_>, position: usize, creator: usize) -> bool {
    position < onboarding.known_ids || (onboarding.signing_key.is_some() && position != creator)
}

/// Learns the user of an account that creates no room, in a room of `host`.
async fn identify_guest(
    onboarding: &Onboarding<'_>,
    guest: &Candidate<'_>,
    host: Option<&Actor>,
) -> Result<(), RunError> {
    let Candidate { actor, identity, .. } = guest;
    if identity.settled().is_some() {
        return conclude(onboarding, actor, identity);
    }
    match (host, identity.presumed()) {
        (Some(host), Some(presumed)) => {
            let inquiry = Inquiry::new(onboarding, actor, identity.clone());
            let answers = inquiry.in_room_of(host, presumed).await;
            if answers.is_outsider {
                let login = actor.name().to_string();
                return Err(RunError::NotTheUser { login, presumed });
            }
            conclude(onboarding, actor, &answers.identity)
        }
        (Some(_), None) => conclude(onboarding, actor, identity),
        (None, _) => match conclude(onboarding, actor, identity) {
            // A target on which no room can be created is tested all the same: that is a finding.
            Err(RunError::UserUnknown(reason)) if !onboarding.requires_ids => {
                tracing::warn!(%reason, "unknown user");
                Ok(())
            }
            result => result,
        },
    }
}

/// Has the actor learn its user, if the sources are conclusive and agree with the accounts file.
fn conclude(
    onboarding: &Onboarding<'_>,
    actor: &Actor,
    identity: &Identity,
) -> Result<(), RunError> {
    let configured = actor.account().id;
    match (identity.conclusion(actor.name().as_str()), configured, identity.stated()) {
        (Err(UnknownUser::Contradictory { .. }), Some(configured), Some(stated))
            if configured != stated =>
        {
            Err(differs(onboarding, actor, stated))
        }
        (Ok(id), Some(configured), _) if configured != id => Err(differs(onboarding, actor, id)),
        (Ok(id), ..) => {
            actor.learn_user(id, identity.username(id));
            Ok(())
        }
        (Err(unknown), ..) => Err(unknown.into()),
    }
}

fn differs(onboarding: &Onboarding<'_>, actor: &Actor, stated: UserId) -> RunError {
    match onboarding.target.accounts_file() {
        Some(path) => Accounts::id_mismatch(path, actor.account(), stated).into(),
        None => RunError::UserIdDiffers { account: Box::new(actor.account().clone()), stated },
    }
}

/// Rooms among accounts of one user have fewer members than planned.
fn ensure_distinct(actors: &[Actor]) -> Result<(), RunError> {
    let mut known: HashMap<UserId, &Actor> = HashMap::new();
    for actor in actors {
        let Some(id) = actor.user_id() else { continue };
        if let Some(first) = known.insert(id, actor) {
            return Err(RunError::SameUser {
                first: first.name().to_string(),
                second: actor.name().to_string(),
                id,
            });
        }
    }
    Ok(())
}
