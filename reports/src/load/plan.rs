//! The plan of a load run, as `hearback load --dry-run` prints it.

use std::fmt::Write as _;

use hearback_loadtests::Profile;
use hearback_loadtests::persona::{self, Persona};
use hearback_loadtests::schedule::Timetable;
use hearback_runner::RunError;
use hearback_runner::load::LoadPlan;

use crate::progress::unsigned;
use crate::style::Style;
use crate::table::{Layout, Row, Table};

/// The plan, and what keeps the run from starting.
pub fn render(plan: &LoadPlan) -> String {
    let LoadPlan { profile, accounts, .. } = plan;
    let (needed, allowed) = (plan.needed_descriptors, plan.allowed_descriptors);
    let mut rows = rows(plan);
    rows.push(("descriptors", format!("{needed} of {allowed} allowed")));
    rows.extend(profile.slos.iter().map(|slo| {
        let abort = profile.aborts.iter().find(|abort| abort.slo == *slo);
        let ends = abort.map(|abort| match abort.delay.as_secs() {
            0 => "; a miss ends the run".to_owned(),
            delay => format!("; a miss after {delay} s ends the run"),
        });
        ("SLO", format!("{slo}{}", ends.unwrap_or_default()))
    }));
    let rows = rows.into_iter().map(|(name, value)| Row::plain([name.into(), value.into()]));
    let table = Table::new("", &["", ""], rows.collect()).text(Style::default(), Layout::LIST);
    let mut text = format!("{}: {}\n\n{table}", profile.name, profile.description);
    if let Some(accounts) = &accounts.unsigned {
        let _infallible = writeln!(text, "\nwarning: {}", unsigned(accounts));
    }
    if !plan.forbidden_hosts.is_empty() {
        let error = RunError::HostsNotAllowed(plan.forbidden_hosts.clone());
        let _infallible = writeln!(text, "\nwarning: {error}");
    }
    if !plan.has_descriptors() {
        text += "\nNOT POSSIBLE: too few descriptors; raise the hard limit (`ulimit -Hn`)\n";
    }
    if accounts.creators == 0 {
        text += "\nNOT POSSIBLE: no account may create rooms\n";
    }
    text
}

fn rows(plan: &LoadPlan) -> Vec<(&'static str, String)> {
    let LoadPlan { profile, members, accounts, .. } = plan;
    let sockets = members.members.len();
    let sizes = || members.rooms.iter().map(|room| room.members.len());
    let rooms = format!(
        "{} of {} to {} members, created as `hearback <run> load …` and archived at the end",
        members.rooms.len(),
        sizes().min().unwrap_or(0),
        sizes().max().unwrap_or(0)
    );
    let personas: Vec<_> = persona::names()
        .into_iter()
        .map(|name| {
            let is = |behavior: &persona::Behavior| Persona::by_name(name) == Ok(behavior.persona);
            (name, members.members.iter().filter(|member| is(&member.behavior)).count())
        })
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let tokens = match accounts.log_ins {
        1 => "1 login, the other tokens are signed".to_owned(),
        all if all == members.accounts => format!("{all} logins, at most 8 at the same time"),
        some => {
            format!("{some} logins, at most 8 at the same time, the other tokens are signed")
        }
    };
    let rate = profile.peak_rate();
    let mut rows = match &plan.urls {
        None => vec![("target", "the embedded server, in a process of its own".to_owned())],
        Some((rest, sockets)) => vec![("target", rest.clone()), ("socket URL", sockets.clone())],
    };
    rows.extend([
        ("rooms", rooms),
        ("sockets", format!("{sockets}, {:.0} opened per second", profile.connect_rate)),
        ("members", personas.join(", ")),
        (
            "accounts",
            format!(
                "{} of {} used, {} may create rooms; {tokens}",
                members.accounts, accounts.available, accounts.creators
            ),
        ),
        (
            "messages",
            format!(
                "about {:.0} in total, {rate:.0} per second at the peak: about {:.0} deliveries per second",
                messages(profile),
                rate * members.recipients()
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
        ("memory", format!("about {} MiB", plan.mebibytes)),
    ]);
    rows.extend(plan.parts.iter().zip(1..).map(|(part, number)| {
        let (rooms, members) = (part.rooms.len(), part.members.len());
        let accounts = part.accounts;
        (
            if number == 1 { "workers" } else { "" },
            match part.shared_rooms() {
                0 => format!("{number}: {rooms} rooms, {members} sockets, {accounts} accounts"),
                shared => format!(
                    "{number}: {rooms} rooms ({shared} shared with others), {members} sockets, \
                     {accounts} accounts"
                ),
            },
        )
    }));
    rows
}

fn messages(profile: &Profile) -> f64 {
    let phases = Timetable::new(&profile.phases).messages();
    let first = profile.phases.first().map_or(0.0, |phase| phase.first());
    phases as f64 + first * profile.warm_up.as_secs_f64()
}
