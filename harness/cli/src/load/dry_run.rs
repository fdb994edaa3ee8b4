//! What a load run would do, and what it needs; nothing is sent.

use std::fmt::Write as _;

use hearback_loadtests::{Plan, Profile, machine, persona, unsigned};

use super::TargetUnderLoad;
use super::target::LOG_INS;
use crate::arguments::Load;
use crate::exit::Failure;

/// Memory that a socket takes in the generator, in KiB; measured by `cargo bench -p hearback-loadtests`.
const KIBIBYTES_A_SOCKET: usize = 20;

/// What would be done.
pub(crate) struct DryRun {
    /// In words.
    pub(crate) text: String,
    /// Whether it could be done from here.
    pub(crate) is_possible: bool,
}

/// Lays the profile out; the named target's accounts are read, the embedded server is not started.
pub(crate) fn dry_run(
    options: &Load,
    profile: &Profile,
    descriptors: u64,
) -> Result<DryRun, Failure> {
    let mut warning = None;
    let (place, available, creators, log_ins) = match TargetUnderLoad::named(options)? {
        None => (
            "the embedded server, in its own process".to_owned(),
            profile.accounts,
            profile.accounts,
            if profile.accounts > LOG_INS { 1 } else { profile.accounts },
        ),
        Some(target) => {
            let creators = target.accounts().iter().filter(|account| account.creates_rooms).count();
            let all = target.accounts().len();
            let used = &target.accounts()[..all.min(profile.accounts)];
            let signs = target.jwt_secret().is_some();
            let log_ins = if signs { 1 + unsigned(used) } else { used.len() };
            warning = target.unsigned(profile.accounts);
            (target.description(), all, creators, log_ins)
        }
    };
    let plan = Plan::new(profile, available, options.seed.unwrap_or(1)).map_err(Failure::file)?;
    let sockets = plan.members.len();
    let needed = sockets as u64 + machine::SPARE_DESCRIPTORS;
    let mut text = format!("{}: {}\n\n", profile.name, profile.description);
    let mut row = |name: &str, value: String| {
        let _written = writeln!(text, "{name:<12}{value}");
    };
    row("target", place);
    let sizes: Vec<usize> = plan.rooms.iter().map(|room| room.members.len()).collect();
    let (smallest, largest) = (sizes.iter().min(), sizes.iter().max());
    row(
        "rooms",
        format!(
            "{} of {} to {} members, made, named `hearback <run> load …`, and archived in the end",
            sizes.len(),
            smallest.unwrap_or(&0),
            largest.unwrap_or(&0)
        ),
    );
    row("sockets", format!("{sockets}, {:.0} opened a second", profile.connect_rate));
    let members: Vec<_> = persona::names()
        .into_iter()
        .map(|name| {
            let is = |part: &persona::Part| persona::Persona::by_name(name) == Some(part.persona);
            (name, plan.members.iter().filter(|member| is(&member.part)).count())
        })
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    row("members", members.join(", "));
    let tokens = match log_ins {
        1 => "one logs in, the tokens of the others are signed here".to_owned(),
        all if all == plan.accounts => format!("{all} log in, at most 8 at once"),
        some => {
            format!("{some} log in, at most 8 at once, the tokens of the others are signed here")
        }
    };
    row(
        "accounts",
        format!("{} of {available} used, {creators} may create rooms; {tokens}", plan.accounts),
    );
    let messages = messages(profile);
    row(
        "messages",
        format!(
            "about {messages:.0} in all, {:.0} a second at the peak: about {:.0} deliveries a second",
            profile.peak_rate(),
            profile.peak_rate() * plan.recipients()
        ),
    );
    let connecting = sockets as f64 / profile.connect_rate;
    row(
        "time",
        format!(
            "{connecting:.0} s to connect, {:.0} s of schedule",
            profile.length().as_secs_f64()
        ),
    );
    row("descriptors", format!("{needed} of {descriptors} allowed"));
    row("memory", format!("about {} MiB", sockets * KIBIBYTES_A_SOCKET / 1024 + 64));
    for slo in &profile.slos {
        row("demanded", slo.to_string());
    }
    if let Some(warning) = warning {
        text += &format!("\nwarning: {warning}\n");
    }
    let is_possible = needed <= descriptors && creators > 0;
    if needed > descriptors {
        text +=
            "\nNOT POSSIBLE: there are too few descriptors; raise the hard limit (`ulimit -Hn`)\n";
    }
    if creators == 0 {
        text += "\nNOT POSSIBLE: no account may create rooms\n";
    }
    Ok(DryRun { text, is_possible })
}

fn messages(profile: &Profile) -> f64 {
    let phases = hearback_loadtests::schedule::Timetable::new(&profile.phases).messages();
    let first = profile.phases.first().map_or(0.0, |phase| phase.first());
    phases as f64 + first * profile.warm_up.as_secs_f64()
}
