//! Letting many accounts in without asking too much of the target.

use std::sync::Arc;

use hearback_client::{
    Account, Actor, Client, LogInError, PreflightError, Request, preflight, stated_user_id,
};
use hearback_contract::{Operation, UserId};
use hearback_history::ScenarioName;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What logging in, and finding out who is who, is recorded as.
pub(crate) const SCENARIO: &str = "load";

/// Log-ins under way at once, which are slow on purpose at most targets; and rooms that tell who somebody is.
const AT_ONCE: usize = 8;

/// Why the accounts cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum AccountsUnusable {
    /// The target is not there, or is something else.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Preflight(#[from] PreflightError),
    /// One could not log in; the others were not tried.
    #[error(transparent)]
    LogIn(#[from] LogInError),
    /// Tokens cannot be signed here.
    #[error("no token can be signed for `{actor}`: {reason}")]
    #[diagnostic(help("without --jwt-secret-env every account logs in"))]
    Signing {
        /// Whose it would have been.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Nobody may make rooms.
    #[error("no account may create rooms")]
    #[diagnostic(help("every account of the file has `creates_rooms = false`"))]
    NoCreator,
    /// The user id of an account is not known.
    #[error("the user id of `{0}` is not known, and it could not be found out")]
    #[diagnostic(help("give it in the accounts file: id = …"))]
    Unknown(String),
    /// An account has another id at the target.
    #[error("`{}` is {} by its account, the target says {stated}", .account.username, .account.id.map_or(0, UserId::get))]
    AnotherId {
        /// The account.
        account: Box<Account>,
        /// Its id by all that the target says.
        stated: UserId,
    },
}

/// How many of `accounts` have no id, and log in although the target's secret is known: nothing can be signed for them.
///
/// The one that logs in anyway is not among them.
pub fn unsigned(accounts: &[Account]) -> usize {
    let first = accounts.iter().position(|account| account.creates_rooms);
    let others = accounts.iter().enumerate().filter(|(position, _)| Some(*position) != first);
    others.filter(|(_, account)| account.id.is_none()).count()
}

/// Lets `accounts` in: the first one logs in, and with the target's `secret` the tokens of the others, whose ids
/// must be known for that, are signed here. `told` hears how many are done. It can be given up at any time: nothing
/// is made at the target.
///
/// # Errors
/// At the first account that cannot be used; a refused log-in is not tried again.
pub(crate) async fn let_in(
    client: &Arc<Client>,
    accounts: &[Account],
    secret: Option<&SecretString>,
    told: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Actor>, AccountsUnusable> {
    let creator = accounts.iter().position(|account| account.creates_rooms);
    let creator = creator.ok_or(AccountsUnusable::NoCreator)?;
    let first = client.actor(accounts[creator].clone());
    preflight(client, &first).await?;
    let mut actors = Vec::with_capacity(accounts.len());
    for (position, account) in accounts.iter().enumerate() {
        actors.push(match (position == creator, secret, account.id) {
            (true, ..) => first.clone(),
            (false, Some(secret), Some(_)) => {
                first.made_out_to(account.clone(), secret).map_err(|error| {
                    AccountsUnusable::Signing {
                        actor: account.username.to_string(),
                        reason: error.to_string(),
                    }
                })?
            }
            _ => client.actor(account.clone()),
        });
    }
    let mut waiting = actors.clone().into_iter();
    let mut working = JoinSet::new();
    let mut done = 0;
    loop {
        while working.len() < AT_ONCE
            && let Some(actor) = waiting.next()
        {
            working.spawn(async move { actor.log_in(&SCENARIO.into()).await });
        }
        match working.join_next().await {
            None => return Ok(actors),
            Some(Ok(logged_in)) => logged_in?,
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
        }
        done += 1;
        told(done);
    }
}

/// Finds out the ids of `actors` that have none, and has the target state those that are not `known` to be right, which
/// the first so many are: with a wrong one, somebody else would be taken into the rooms. If tokens are `signed` here,
/// nothing can be learned of whom they are made out to.
///
/// Who is asked makes a room, and puts it away. No room is left half made: `interrupted` keeps from the next ones only.
///
/// # Errors
/// At the first one who is unknown, or somebody else.
pub(crate) async fn identify(
    actors: &[Actor],
    known: usize,
    signed: bool,
    run: &str,
    interrupted: &watch::Receiver<bool>,
) -> Result<(), AccountsUnusable> {
    let first = actors.iter().position(|actor| actor.account().creates_rooms);
    let is_asked = |(position, actor): &(usize, &Actor)| match actor.user_id() {
        None => true,
        Some(_) if *position < known || (signed && Some(*position) != first) => false,
        Some(_) => actor.account().creates_rooms,
    };
    let asked = actors.iter().enumerate().filter(is_asked);
    let asked: Vec<&Actor> = asked.map(|(_, actor)| actor).collect();
    for chunk in asked.chunks(AT_ONCE) {
        if *interrupted.borrow() {
            return Ok(());
        }
        let answers = chunk.iter().map(|actor| ask(actor, run));
        let answers = futures_util::future::join_all(answers).await;
        answers.into_iter().collect::<Result<(), _>>()?;
    }
    Ok(())
}

/// Has an actor make a room, whose maker is said in the answer.
async fn ask(actor: &Actor, run: &str) -> Result<(), AccountsUnusable> {
    let unknown = || AccountsUnusable::Unknown(actor.name().to_string());
    if !actor.account().creates_rooms {
        return Err(unknown());
    }
    let scenario = ScenarioName::from(SCENARIO);
    let name = format!("hearback {run} preflight");
    let body = json!({"room_type": "group", "name": name, "participant_ids": []});
    let response = actor.call(&scenario, Request::new(Operation::RoomsCreate).json(body)).await;
    if let Some(room) = response.text_at("/id").filter(|_| response.is_success()) {
        actor.call(&scenario, Request::new(Operation::RoomsArchive).path(room)).await;
    }
    if actor.user_id().is_none() {
        let id = response.integer_at("/created_by/id").ok_or_else(unknown)?;
        actor.learn_user_id(UserId::new(id));
    }
    // What is wrong with making rooms is told by the run's own.
    let stated = stated_user_id(&response, actor.name()).filter(|_| response.is_success());
    match (actor.account().id, stated) {
        (Some(id), Some(stated)) if id != stated => {
            Err(AccountsUnusable::AnotherId { account: Box::new(actor.account().clone()), stated })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_id_logs_in() {
        let account = |id, creates_rooms| Account {
            id,
            creates_rooms,
            ..Account::with_password("somebody", "password")
        };
        let creator = account(None, true);
        assert_eq!(unsigned(&[account(Some(UserId::new(1)), false), creator.clone()]), 0);
        assert_eq!(unsigned(&[creator.clone(), account(None, true), account(None, false)]), 2);
        assert_eq!(unsigned(&[account(None, false), creator]), 1);
    }
}
