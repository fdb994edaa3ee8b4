//! The adapter to goose: one goose user per member, whose only transaction lasts as long as the member.
//!
//! Goose is a closed loop of transactions and waits, whereas the schedule is an open loop. Each member therefore runs
//! within a single transaction, and on a task of its own, so that its wake-ups do not pass through goose's futures. Goose
//! starts the users, aggregates the rows that it receives, and writes its own report.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use goose::GooseError;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction};
use goose::metrics::GooseMetrics;
use tokio::task::JoinHandle;

use super::Swarm;
use super::member::Member;
use super::requests::GooseRow;

/// Deliveries to one in this many members are reported to goose: a row costs more than a tenth of a delivery.
const REPORTED_MEMBERS: usize = 64;
/// Interval between reports to goose.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Spawns all members as goose users, and completes when all have ended.
pub(crate) async fn spawn_members(
    swarm: Arc<Swarm>,
    host: &str,
    report: Option<&Path>,
) -> Result<GooseMetrics, Box<GooseError>> {
    let members = swarm.plan.members.len();
    let transaction: TransactionFunction = Arc::new(move |user: &mut GooseUser| {
        let swarm = Arc::clone(&swarm);
        Box::pin(async move {
            if let Some(index) = swarm.claim_member() {
                let member = tokio::spawn(Member::new(Arc::clone(&swarm), index).run());
                // One user reports the rows of all members in batches.
                match index == 0 {
                    // Boxed, since it would increase the size of every user's future.
                    true => Box::pin(report_rows(&swarm, user, member)).await,
                    // The panic hook has already reported a panic.
                    false => drop(member.await),
                }
            }
            Ok(())
        })
    });
    // Members wait for their turn to connect; goose only has to start them earlier.
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
    let transaction = Transaction::new(transaction).set_name("member");
    let scenario = Scenario::new("chat").register_transaction(transaction);
    attack.register_scenario(scenario).execute().await.map_err(Box::new)
}

/// Returns whether deliveries to a member are reported to goose.
pub(super) fn is_reported(member: usize) -> bool {
    member.is_multiple_of(REPORTED_MEMBERS)
}

/// Reports rows to goose until the member ends.
async fn report_rows(swarm: &Swarm, user: &mut GooseUser, mut member: JoinHandle<()>) {
    let mut is_over = false;
    while !is_over {
        is_over = tokio::time::timeout(REPORT_INTERVAL, &mut member).await.is_ok();
        for row in swarm.requests.take_rows() {
            report_row(user, &row).await;
        }
    }
}

async fn report_row(user: &mut GooseUser, row: &GooseRow) {
    let failure = row.failure.as_deref();
    // Goose returns an error for every failed row, which is recorded nevertheless.
    let _recorded = user
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
