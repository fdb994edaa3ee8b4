//! Groups of findings as text: what is wrong, the strongest evidence, and how to see more.

use hearback_history::escape::escape;
use hearback_history::shell::quote;
use hearback_results::{Group, Member, Results};

use crate::page::{BAD, BOLD, FAINT, PLAIN, Page, UNSURE};
use crate::requirement;
use crate::shown::{shown, shown_command};
use crate::words::{counted, number};

/// Maximum number of groups with their evidence, unless the style is verbose.
const MOST_GROUPS: usize = 8;

/// Maximum length of what was expected or observed, in characters, unless the style is verbose.
const LONGEST_TEXT: usize = 200;

/// Maximum number of members that are named, unless the style is verbose.
const MOST_MEMBERS: usize = 4;

/// `2 groups of findings` or `1 group of 5 findings`.
pub(crate) fn heading(results: &Results) -> String {
    let findings: usize = results.groups.iter().map(Group::findings).sum();
    let groups = counted(results.groups.len() as u64, "probable cause");
    format!("{} with {groups}", counted(findings as u64, "finding"))
}

/// `5 requirements, 3 operations and events, 12 scenarios, 312 observations`.
pub(crate) fn impact(group: &Group) -> String {
    let interfaces = group.interfaces.len() as u64;
    let interfaces = match interfaces {
        0 => None,
        1 => Some(format!("in {}", group.interfaces[0])),
        _ => Some(format!("{} operations and events", number(interfaces))),
    };
    let scenarios = Some(group.scenarios).filter(|count| *count > 0);
    let parts = [
        Some(counted(group.members.len() as u64, "requirement")),
        interfaces,
        scenarios.map(|count| counted(count, "scenario")),
        Some(counted(group.observations, "observation")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `must unread/detail`, and whether the first member explains it.
pub(crate) fn member(member: &Member, quoted: impl Fn(&str) -> String) -> String {
    let explained = if member.explained { " (explained)" } else { "" };
    format!("{} {}{explained}", member.level, quoted(&member.requirement))
}

/// The first members of a group, and the number of others.
pub(crate) fn members(group: &Group, most: usize, quoted: impl Fn(&str) -> String) -> String {
    let mut named: Vec<_> = group.members.iter().take(most).map(|it| member(it, &quoted)).collect();
    let rest = group.members.len().saturating_sub(most);
    named.extend((rest > 0).then(|| format!("{} more", number(rest as u64))));
    named.join(", ")
}

/// The command that reproduces the finding with the strongest evidence.
pub(crate) fn replay(results: &Results, group: &Group) -> Option<String> {
    replay_of(results, &group.evidence.requirement)
}

/// The command that runs the scenario file which shows the evidence, if there is one.
pub(crate) fn scenario_run<'r>(results: &'r Results, group: &Group) -> Option<&'r str> {
    results.evidence(group)?.1.scenario_run()
}

/// The command that reproduces the strongest finding of a requirement; `None` if the run has no name.
pub(crate) fn replay_of(results: &Results, requirement: &str) -> Option<String> {
    let run = results.run.as_ref()?;
    Some(format!("hearback replay {} {requirement}", quote(run)))
}

/// Adds all groups, in the order of their impact.
pub(crate) fn write(page: &mut Page, results: &Results, verbose: bool) {
    if results.groups.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(BAD, "FINDINGS"), (PLAIN, " "), (PLAIN, &heading(results))]);
    let most = if verbose { usize::MAX } else { MOST_GROUPS };
    for (number, group) in (1..).zip(results.groups.iter().take(most)) {
        write_group(page, results, number, group, verbose);
    }
    let rest = results.groups.len().saturating_sub(most);
    if rest > 0 {
        let rest = counted(rest as u64, "more cause");
        page.line(&[(FAINT, "  … and "), (FAINT, &rest), (FAINT, "; see all with -v")]);
    }
    if !verbose {
        let more = "Show every finding with -v, or with --report html=report.html.";
        page.paragraph((PLAIN, "  "), (FAINT, more));
    }
}

fn write_group(page: &mut Page, results: &Results, number: usize, group: &Group, verbose: bool) {
    let label = format!("{number:3}. ");
    let doubt = if group.not_reproduced { ", not reproduced" } else { "" };
    let title = format!("{} ({}{doubt})", shown(&group.title), group.level);
    let ink = if group.not_reproduced { UNSURE } else { BOLD };
    page.paragraph((PLAIN, &label), (ink, &title));
    let label = |name: &str| format!("     {name:10}");
    if let Some((requirement, finding)) = results.evidence(group) {
        for (name, text) in [("expected", &finding.expected), ("actual", &finding.actual)] {
            let longest = if verbose { usize::MAX } else { LONGEST_TEXT };
            page.paragraph((FAINT, &label(name)), (PLAIN, &shown(&escape(text, longest))));
        }
        if let Some(protects) = &requirement.protects {
            page.paragraph((FAINT, &label("protects")), (PLAIN, protects));
        }
        let mut seen = requirement::seen(finding);
        if verbose || finding.confirmation.is_repeated() {
            seen.push_str(&format!("; {}", finding.confirmation));
        }
        page.paragraph((FAINT, &label("seen")), (PLAIN, &shown(&seen)));
    }
    page.paragraph((FAINT, &label("impact")), (PLAIN, &impact(group)));
    let most = if verbose { usize::MAX } else { MOST_MEMBERS };
    page.paragraph((FAINT, &label("breaks")), (PLAIN, &members(group, most, shown)));
    if let Some(command) = scenario_run(results, group) {
        page.line(&[(FAINT, &label("scenario")), (PLAIN, &shown_command(command))]);
    }
    if let Some(command) = replay(results, group) {
        page.line(&[(FAINT, &label("reproduce")), (PLAIN, &shown_command(&command))]);
        if verbose {
            let script = format!("{} --script", shown_command(&command));
            page.line(&[(FAINT, &label("script")), (PLAIN, &script)]);
        }
    }
}
