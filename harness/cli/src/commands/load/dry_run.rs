//! `hearback load --dry-run`: the plan of a load run, and what it needs.

use std::fmt::Write as _;

use hearback_loadtests::persona::{self, Persona};
use hearback_loadtests::schedule::Timetable;
use hearback_loadtests::{Plan, Profile, machine};
use hearback_runner::load::{MAXIMUM_LOG_INS, unsigned};

use super::unsigned::unsigned_warning;
use crate::arguments::Load;
use crate::failure::Failure;

/// Memory per socket in the generator, in KiB; measured by `cargo bench -p hearback-loadtests`.
const KIBIBYTES_PER_SOCKET: usize = 20;

/// Memory of the generator without sockets, in MiB.
const BASE_MEBIBYTES: usize = 64;

/// The plan of a load run.
pub(super) struct DryRun {
    /// The plan as text.
    pub(super) text: String,
    /// True if this machine and these accounts allow it.
    pub(super) is_possible: bool,
}

/// The accounts of a target.
struct AccountSummary {
    target: String,
    sockets: Option<String>,
    available: usize,
    creators: usize,
    log_ins: usize,
    warning: Option<String>,
}

/// Lays out the profile; reads the accounts of a remote target, and starts no embedded server.
pub(super) fn dry_run(
    options: &Load,
    profile: &Profile,
    descriptors: u64,
) -> Result<DryRun, Failure> {
    let accounts = accounts(options, profile)?;
    let seed = options.execution.seed.unwrap_or(1);
    let plan = Plan::new(profile, accounts.available, seed).map_err(Failure::invalid_file)?;
    let sockets = plan.members.len();
    let needed = sockets as u64 + machine::SPARE_DESCRIPTORS;
    let mut text = format!("{}: {}\n\n", profile.name, profile.description);
    for (name, value) in rows(profile, &plan, &accounts) {
        let _infallible = writeln!(text, "{name:<12}{value}");
    }
    let _infallible = writeln!(text, "{:<12}{needed} of {descriptors} allowed", "descriptors");
    for slo in &profile.slos {
        let _infallible = writeln!(text, "{:<12}{slo}", "SLO");
    }
    if let Some(warning) = &accounts.warning {
        let _infallible = writeln!(text, "\nwarning: {warning}");
    }
    if needed > descriptors {
        text += "\nNOT POSSIBLE: too few descriptors; raise the hard limit (`ulimit -Hn`)\n";
    }
    if accounts.creators == 0 {
        text += "\nNOT POSSIBLE: no account may create rooms\n";
    }
    Ok(DryRun { text, is_possible: needed <= descriptors && accounts.creators > 0 })
}

fn accounts(options: &Load, profile: &Profile) -> Result<AccountSummary, Failure> {
    let Some(remote) = options.target.remote() else {
        return Ok(AccountSummary {
            target: "the embedded server, in a process of its own".to_owned(),
            sockets: None,
            available: profile.accounts,
            creators: profile.accounts,
            log_ins: if profile.accounts > MAXIMUM_LOG_INS { 1 } else { profile.accounts },
            warning: None,
        });
    };
    let target = remote.open()?;
    let all = target.accounts();
    let used = &all[..all.len().min(profile.accounts)];
    let signs = target.jwt_secret().is_some();
    Ok(AccountSummary {
        target: target.target().rest().to_string(),
        sockets: Some(target.target().socket_text().to_owned()),
        available: all.len(),
        creators: all.iter().filter(|account| account.creates_rooms).count(),
        log_ins: if signs { 1 + unsigned(used) } else { used.len() },
        warning: unsigned_warning(all, profile.accounts).filter(|_| signs),
    })
}

fn rows(profile: &Profile, plan: &Plan, accounts: &AccountSummary) -> Vec<(&'static str, String)> {
    let sockets = plan.members.len();
    let sizes = || plan.rooms.iter().map(|room| room.members.len());
    let rooms = format!(
        "{} of {} to {} members, created as `hearback <run> load …` and archived at the end",
        plan.rooms.len(),
        sizes().min().unwrap_or(0),
        sizes().max().unwrap_or(0)
    );
    let personas: Vec<_> = persona::names()
        .into_iter()
        .map(|name| {
            let is = |behavior: &persona::Behavior| Persona::by_name(name) == Ok(behavior.persona);
            (name, plan.members.iter().filter(|member| is(&member.behavior)).count())
        })
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let tokens = match accounts.log_ins {
        1 => "1 log-in, the other tokens are signed".to_owned(),
        all if all == plan.accounts => format!("{all} log-ins, at most 8 at the same time"),
        some => {
            format!("{some} log-ins, at most 8 at the same time, the other tokens are signed")
        }
    };
    let rate = profile.peak_rate();
    let mut rows = vec![("target", accounts.target.clone())];
    rows.extend(accounts.sockets.iter().map(|url| ("socket URL", url.clone())));
    rows.extend([
        ("rooms", rooms),
        ("sockets", format!("{sockets}, {:.0} opened per second", profile.connect_rate)),
        ("members", personas.join(", ")),
        (
            "accounts",
            format!(
                "{} of {} used, {} may create rooms; {tokens}",
                plan.accounts, accounts.available, accounts.creators
            ),
        ),
        (
            "messages",
            format!(
                "about {:.0} in total, {rate:.0} per second at the peak: about {:.0} deliveries per second",
                messages(profile),
                rate * plan.recipients()
            ),
        ),
        (
            "time",
            format!(
                "{:.0} s to connect, {:.0} s of schedule",
                sockets as f64 / profile.connect_rate,
                profile.length().as_secs_f64()
            ),
        ),
        ("memory", format!("about {} MiB", sockets * KIBIBYTES_PER_SOCKET / 1024 + BASE_MEBIBYTES)),
    ]);
    rows
}

fn messages(profile: &Profile) -> f64 {
    let phases = Timetable::new(&profile.phases).messages();
    let first = profile.phases.first().map_or(0.0, |phase| phase.first());
    phases as f64 + first * profile.warm_up.as_secs_f64()
}
