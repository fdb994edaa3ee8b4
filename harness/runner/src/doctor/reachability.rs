//! Name resolution and TCP.

use hearback_client::explain;

use super::examination::Examination;
use super::finding::Finding;
use super::milliseconds::milliseconds;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    let client = &examination.client;
    match client.probe().await {
        Ok(probe) => {
            examination.tls = probe.tls;
            let place =
                probe.address.map_or_else(|| "the proxy".to_owned(), |address| address.to_string());
            Finding::passed(match probe.connecting {
                Some(time) => format!("connected to {place} in {}", milliseconds(time)),
                None => "requests go to a proxy".to_owned(),
            })
        }
        Err(failure) => Finding::failed(&explain(client, failure).await),
    }
}
