//! Gateways in front of the target: basic authentication, client certificates, redirects, HTML.

use std::time::{Instant, SystemTime};

use hearback_client::reach;
use hearback_history::escape::escape;

use super::examination::Examination;
use super::finding::Finding;

/// Maximum length of the name of a server, in characters.
const LONGEST_NAME: usize = 60;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let accounts = examination.target.accounts();
    let actor = examination.client.actor(accounts[0].clone());
    let started = Instant::now();
    match reach(&examination.client, &actor).await {
        Ok(response) => {
            let server = response.server.as_deref().map_or_else(
                || "no server is named".to_owned(),
                |server| {
                    let server = examination.client.recorder().redacted(server);
                    format!("the server is {}", escape(&server, LONGEST_NAME))
                },
            );
            let halfway = SystemTime::now() - started.elapsed() / 2;
            examination.first = Some((response, halfway));
            Finding::passed(format!("requests reach the API; {server}"))
        }
        Err(error) => Finding::failed(&error),
    }
}
