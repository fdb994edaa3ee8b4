//! Goose: one user a member, one transaction that is its whole life.
//!
//! Goose's loop is closed: a transaction, a wait, the next one. The schedule here is open, so a member lives as
//! long as one transaction, on a task of its own: what wakes it need not find its way through goose. Goose starts
//! the users, keeps its own tables and graphs of the rows it is given, and writes its report.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use goose::GooseError;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction};
use goose::metrics::GooseMetrics;
use tokio::task::JoinHandle;

use super::member::Member;
use super::requests::Row;
use super::{Swarm, add};

/// Deliveries to one of so many members go into goose's tables: a row costs more than a tenth of what a delivery
/// does.
const SAMPLED: usize = 64;
/// How long rows wait to be put there.
const ROWS_WAIT: Duration = Duration::from_secs(1);

/// Has goose start a user for each member; comes back when all have ended.
pub(crate) async fn release(
    swarm: Arc<Swarm>,
    host: &str,
    report: Option<&Path>,
) -> Result<GooseMetrics, Box<GooseError>> {
    let members = swarm.plan.members.len();
    let life: TransactionFunction = Arc::new(move |user: &mut GooseUser| {
        let swarm = Arc::clone(&swarm);
        Box::pin(async move {
            if let Some(place) = swarm.take_place() {
                let member = tokio::spawn(Member::new(Arc::clone(&swarm), place).live());
                // One user puts everybody's rows there: it holds batches of them, and is woken to do so.
                match place == 0 {
                    // Boxed: it would make every user's future larger by its size.
                    true => Box::pin(put_rows(&swarm, user, member)).await,
                    // One that panics has said so.
                    false => drop(member.await),
                }
            }
            add(&swarm.counts.ended);
            Ok(())
        })
    });
    // A member waits for its own turn to connect; goose only has to be earlier.
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(host.to_owned());
    configuration.users = Some(members);
    configuration.increase_rate = Some("5000".to_owned());
    configuration.iterations = Some(1);
    configuration.no_telnet = true;
    configuration.no_print_metrics = true;
    configuration.no_error_summary = true;
    configuration.no_transaction_metrics = true;
    configuration.no_scenario_metrics = true;
    configuration.quiet = 3;
    configuration.report_file = report.map(|path| path.display().to_string()).into_iter().collect();
    let client = goose::client::GooseClientBuilder::new().without_cookies();
    let attack = goose::GooseAttack::initialize_with_config(configuration)
        .and_then(|attack| attack.set_client_builder_without_cookies(client))
        .map_err(Box::new)?;
    let transaction = Transaction::new(life).set_name("member");
    let scenario = Scenario::new("chat").register_transaction(transaction);
    attack.register_scenario(scenario).execute().await.map_err(Box::new)
}

/// Whether deliveries to the member at this place go into goose's tables.
pub(super) fn goes_into_tables(place: usize) -> bool {
    place.is_multiple_of(SAMPLED)
}

/// Puts rows into goose's tables until the member ends.
async fn put_rows(swarm: &Swarm, user: &mut GooseUser, mut member: JoinHandle<()>) {
    let mut is_over = false;
    while !is_over {
        is_over = tokio::time::timeout(ROWS_WAIT, &mut member).await.is_ok();
        for row in swarm.requests.take_rows() {
            put(user, &row).await;
        }
    }
}

async fn put(user: &mut GooseUser, row: &Row) {
    let failure = row.failure.as_deref();
    // A failed row makes goose say so; it is its table that matters here.
    let _counted = user
        .record_custom_request_duration(
            row.method,
            row.name,
            row.latency,
            failure.is_none(),
            row.status,
            failure,
        )
        .await;
}
