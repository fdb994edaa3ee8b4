//! A target that locks an address after five failed logins, as django-axes does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use hearback_checker::{Reason, State, Verdicts};
use hearback_history::History;
use hearback_reference::{App, Options, Seams, Server, Wire, seeded};
use hearback_runner::target::FailedLoginLimits;
use hearback_runner::{Context, RemoteTarget, RunError, TargetSpec, check};
use miette::Diagnostic as _;
use parking_lot::Mutex;
use serde_json::Value;

use crate::support::{failed_logins, id, remote, run, scenarios};

/// Failed logins after which the address is locked.
const LIMIT: usize = 5;

/// Users of the failed logins, of which the fifth locks the address for good.
#[derive(Clone, Default)]
struct Lockout(Arc<Mutex<Vec<String>>>);

impl Wire for Lockout {
    fn routes(&self, routes: Router, _: &Arc<App>) -> Router {
        let failed = Arc::clone(&self.0);
        routes.layer(from_fn(move |request: HttpRequest, next: Next| {
            let failed = Arc::clone(&failed);
            async move {
                if !request.uri().path().ends_with("/api/token/") {
                    return next.run(request).await;
                }
                if failed.lock().len() >= LIMIT {
                    let page = "Account locked: too many login attempts. Please try again later.";
                    return (StatusCode::TOO_MANY_REQUESTS, page).into_response();
                }
                let (parts, body) = request.into_parts();
                let bytes = to_bytes(body, 1 << 20).await.unwrap();
                let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                let request = HttpRequest::from_parts(parts, Body::from(bytes));
                let response = next.run(request).await;
                if response.status() == StatusCode::UNAUTHORIZED {
                    failed.lock().push(body["username"].as_str().unwrap_or_default().to_owned());
                }
                response
            }
        }))
    }
}

struct Setup {
    server: Server,
    folder: tempfile::TempDir,
    lockout: Lockout,
}

impl Setup {
    async fn start() -> Self {
        let lockout = Lockout::default();
        let seams = Seams { wire: Arc::new(lockout.clone()), ..Seams::default() };
        let options = Options { accounts: seeded(4), seams, ..Options::default() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(options, address).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let account = |it: hearback_reference::Account| {
            format!("[[account]]\nusername = {:?}\npassword = {:?}\n", it.username, it.password)
        };
        let text: String = seeded(4).into_iter().map(account).collect();
        std::fs::write(folder.path().join("accounts.toml"), text).unwrap();
        Self { server, folder, lockout }
    }

    /// A run of its own, which shares only the file of failed logins with other runs.
    async fn check(&self, limits: FailedLoginLimits) -> Result<(History, Verdicts), RunError> {
        let target = TargetSpec::Remote(RemoteTarget {
            failed_logins: limits,
            ..remote(self.server.base_url(), self.folder.path())
        });
        let run = run("auth");
        let target = target.open().await.unwrap();
        check::check(&run, target, scenarios(&run), &Context::default(), Vec::new()).await
    }

    fn limits(&self) -> FailedLoginLimits {
        failed_logins(self.folder.path())
    }

    fn failed(&self) -> Vec<String> {
        self.lockout.0.lock().clone()
    }
}

/// The verdicts on a wrong password and an unknown user.
fn states(verdicts: &Verdicts) -> [(State, Option<Reason>); 2] {
    ["auth/wrong-password-refused", "auth/unknown-user-refused"].map(|it| {
        let all = &mut verdicts.verdicts.iter();
        let verdict = all.find(|verdict| verdict.requirement == id(it)).unwrap();
        (verdict.state, verdict.reason.clone())
    })
}

fn assert_no_blame(verdicts: &Verdicts) {
    let broken = verdicts.verdicts.iter().filter(|it| it.state == State::Broken);
    assert_eq!(broken.map(|it| it.requirement).collect::<Vec<_>>(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_runs_in_a_row_are_not_locked_out() {
    let setup = Setup::start().await;
    let mut all = Vec::new();
    for _ in 0..3 {
        let limits = FailedLoginLimits { account: Some("bob".into()), ..setup.limits() };
        let (history, verdicts) = setup.check(limits).await.unwrap();
        assert_eq!(history.aborted_scenarios, []);
        assert_no_blame(&verdicts);
        all.push(states(&verdicts));
    }
    assert_eq!(all[0], [(State::Held, None), (State::Held, None)]);
    let skipped = (State::NotExercised, Some(Reason::LoginBudget));
    assert_eq!(all[1..], [[skipped.clone(), skipped.clone()], [skipped.clone(), skipped]]);
    let failed = setup.failed();
    assert_eq!(failed.len(), 2, "of all three runs: {failed:?}");
    let accounts = seeded(4);
    let known = failed.iter().filter(|name| accounts.iter().any(|it| it.username == **name));
    assert_eq!(known.collect::<Vec<_>>(), ["bob"], "no other account fails to log in");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_budget_no_login_fails() {
    let setup = Setup::start().await;
    let limits = FailedLoginLimits { per_hour: 0, ..setup.limits() };
    let (_, verdicts) = setup.check(limits).await.unwrap();
    let skipped = (State::NotExercised, Some(Reason::LoginBudget));
    assert_eq!(states(&verdicts), [skipped.clone(), skipped]);
    assert_eq!(setup.failed(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockout_is_diagnosed_as_such() {
    let setup = Setup::start().await;
    // Without the budget, which other runs do not share, the third run locks the address.
    let apart = |number: usize| {
        let file = setup.folder.path().join(format!("failed-{number}.json"));
        FailedLoginLimits { file, ..setup.limits() }
    };
    for number in 0..2 {
        setup.check(apart(number)).await.unwrap();
    }
    assert_eq!(setup.failed().len(), 4);
    let (_, verdicts) = setup.check(apart(2)).await.unwrap();
    assert_no_blame(&verdicts);
    assert_eq!(setup.failed().len(), LIMIT);
    let error = setup.check(apart(2)).await.map(|_| ()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the target locked `alice` out: 429"), "{text}");
    // The second failed login of the third run found the address locked, so that the target did not try it.
    assert!(text.ends_with("(1 failed login at this target within a day)"), "{text}");
    let help = error.help().unwrap().to_string();
    assert!(help.contains("wait until the lockout ends"), "{help}");
    assert!(help.contains("--failed-logins-per-hour 0"), "{help}");
}
