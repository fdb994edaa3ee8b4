//! Logging in as every account, once.

use hearback_client::authenticate;

use super::examination::Examination;
use super::finding::Finding;
use super::milliseconds::milliseconds;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let accounts = examination.target.accounts().to_vec();
    for account in &accounts {
        if examination.context.is_cancelled() {
            return Finding::skipped("interrupted");
        }
        let actor = examination.client.actor(account.clone());
        // After a refusal, no other account tries: several failures in a row may lock an address.
        if let Err(error) = authenticate(&examination.client, &actor).await {
            let finding = Finding::failed(&error);
            let done = examination.actors.len();
            let found = format!("{done} of {}: {}", accounts.len(), finding.found);
            return Finding { found, ..finding };
        }
        examination.actors.push(actor);
    }
    let slowest = examination.slowest_login().map_or_else(
        || "with tokens".to_owned(),
        |slowest| format!("the slowest took {}", milliseconds(slowest)),
    );
    let found = format!("{} of {} accounts; {slowest}", accounts.len(), accounts.len());
    match accounts.len() {
        // Conversations need a sender, a receiver and an outsider.
        1 | 2 => Finding::warning(found, "add accounts; most requirements need at least three"),
        _ => Finding::passed(found),
    }
}
