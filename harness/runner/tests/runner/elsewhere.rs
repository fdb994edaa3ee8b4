//! Runs against targets whose links and files name another host, as behind a gateway that passes on its own name.

use std::net::{Ipv4Addr, SocketAddr};

use hearback_checker::{Reason, State};
use hearback_contract::RequirementId;
use hearback_reference::{Options, Server};
use hearback_runner::{Context, check};
use hearback_testkit::servers::hostile::{HostileTarget, behaviors};

use crate::support::{embedded, id, remote, run, scenarios, write_accounts};

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_walked_at_the_target_if_links_name_another_host() {
    let run = run("page");
    let target = embedded(&["page/links-lead-elsewhere"]).open().await.unwrap();
    let scenarios = scenarios(&run);
    let context = Context::default();
    let (_, verdicts) = check::check(&run, target, scenarios, &context, Vec::new()).await.unwrap();
    let all = verdicts.verdicts.iter();
    let others: Vec<_> = all.filter(|verdict| verdict.state != State::Held).collect();
    let found: Vec<_> = others.iter().map(|it| (it.requirement, it.state)).collect();
    assert_eq!(found, [(id("page/links-own-origin"), State::Broken)], "{others:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_host_are_not_fetched_and_the_report_says_why() {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(Options::default(), address).await.expect("the server starts");
    let behavior =
        behaviors().into_iter().find(|it| it.name == "link: attachment at another origin");
    let hostile = HostileTarget::start(behavior.expect("the behavior"), server.address());
    let folder = tempfile::tempdir().expect("a folder");
    write_accounts(folder.path(), &["alice", "bob", "carol"]);
    let target = remote(hostile.url().to_owned(), folder.path()).open().expect("a valid target");
    let run = run("message");
    let mut scenarios = scenarios(&run);
    scenarios.retain(|scenario| scenario.name.as_str() == "message/attachments");
    assert_eq!(scenarios.len(), 1);
    let context = Context::default();
    let (_, verdicts) = check::check(&run, target, scenarios, &context, Vec::new()).await.unwrap();
    server.stop().await;
    for requirement in [
        RequirementId::MessageAttachmentContent,
        RequirementId::MessageAttachmentNeedsToken,
        RequirementId::MessageAttachmentMembersOnly,
        RequirementId::MessageAttachmentNotExecuted,
    ] {
        let mut all = verdicts.verdicts.iter();
        let verdict = all.find(|verdict| verdict.requirement == requirement).expect("a verdict");
        assert_eq!(verdict.state, State::NotExercised, "{verdict:#?}");
        let reason = verdict.reason.as_ref();
        assert!(matches!(reason, Some(Reason::FilesElsewhere(_))), "{verdict:#?}");
    }
    assert_eq!(hostile.strays(), 0);
}
