//! The report as text for terminals.

use hearback_checker::State;
use hearback_results::{Authorization, FamilyResults, Outcome, Results};

use crate::authorization::{self, Mark, heading};
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Layout, Row, Table};
use crate::{changes, contract, group, readings, requirement, words};

/// Maximum number of stopped scenarios named for one reason.
const MOST_SCENARIOS: usize = 10;

/// The layout of the requirements that are held.
const HELD: Layout = Layout { has_heading: false, ..Layout::REPORT };

/// The layout of the authorization matrix.
const GRID: Layout = Layout { indent: 0, gap: 1, ..Layout::REPORT };

/// The states with their colors, in the order of the report.
const STATES: [(State, anstyle::Style); 4] = [
    (State::Held, GOOD),
    (State::Broken, BAD),
    (State::Undecided, UNSURE),
    (State::NotExercised, FAINT),
];

/// Renders the target, the findings by cause, the families, and the verdict last. All findings of each requirement are
/// added if the style is verbose.
pub(crate) fn render(results: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    header(&mut page, results);
    group::write(&mut page, results, style.verbose);
    families(&mut page, results, style.verbose);
    if let Some(grid) = &results.authorization
        && (style.verbose || authorization::broken(grid).next().is_some())
    {
        authorization(&mut page, grid);
    }
    if style.verbose {
        for violated in results.violated() {
            page.blank();
            requirement::write(&mut page, violated);
        }
    }
    pinned_readings(&mut page, results);
    expectations(&mut page, results);
    waivers(&mut page, results);
    changes::write(&mut page, results);
    untested(&mut page, results);
    by_reason(&mut page, results, State::Undecided);
    by_reason(&mut page, results, State::NotExercised);
    stopped_scenarios(&mut page, results);
    orphaned_rooms(&mut page, results);
    page.blank();
    let ink = match results.outcome {
        Outcome::Holds => GOOD.bold(),
        Outcome::Broken => BAD,
        Outcome::Incomplete | Outcome::Unfinished => UNSURE.bold(),
    };
    let verdict = words::verdict(results, shown);
    page.paragraph((PLAIN, ""), (ink, &verdict));
    page.into_text()
}

fn header(page: &mut Page, results: &Results) {
    let target = results.target.as_deref().unwrap_or("an unknown target");
    let subject = format!(
        "Checked {} against the AriStay Chat API {}",
        shown(target),
        shown(&results.specification_version)
    );
    let details = [
        results.run.as_ref().map(|run| format!("run {run}")),
        results.seed.map(|seed| format!("seed {seed}")),
        results.started_at.clone(),
        Some(format!("hearback {}", results.hearback_version)),
    ];
    let details = details.into_iter().flatten().collect::<Vec<_>>().join(", ");
    page.paragraph((PLAIN, ""), (BOLD, &subject));
    page.paragraph((PLAIN, ""), (FAINT, &shown(&details)));
    if let Some(overlay) = &results.contract {
        page.blank();
        let heading = contract::heading(overlay, shown);
        page.paragraph((PLAIN, "CONTRACT "), (PLAIN, &heading));
        for change in contract::changes(overlay, shown) {
            page.paragraph((PLAIN, "  "), (FAINT, &change));
        }
    }
}

fn families(page: &mut Page, results: &Results, verbose: bool) {
    let width = results.families.iter().map(|family| family.id.len()).max().unwrap_or_default();
    if !results.families.is_empty() {
        page.blank();
    }
    for family in &results.families {
        page.spans(&[(BOLD, &format!("{:width$}", family.id)), (PLAIN, "  ")]);
        counts(page, family);
        if verbose {
            held(page, family);
        }
    }
    if let Some(lag) = words::lag(results) {
        page.spans(&[(BOLD, &format!("{:width$}", "lag")), (PLAIN, "  ")]);
        page.line(&[(FAINT, &lag)]);
    }
    if results.answers.is_empty() {
        return;
    }
    page.spans(&[(BOLD, &format!("{:width$}", "readings")), (PLAIN, "  ")]);
    page.line(&[(FAINT, &readings::summary(results))]);
    if verbose {
        readings::table(results).write(page, Layout::REPORT);
    }
}

/// The pinned readings that the target does not take or did not show.
fn pinned_readings(page: &mut Page, results: &Results) {
    let problems = readings::problems(results, shown);
    if problems.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(BAD, "PINNED READINGS"), (PLAIN, &format!(" {}", problems.len()))]);
    for problem in problems {
        page.paragraph((PLAIN, "  "), (PLAIN, &problem));
    }
}

fn waivers(page: &mut Page, results: &Results) {
    if results.waivers.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(BOLD, "WAIVERS")]);
    for waiver in &results.waivers {
        let ink = if waiver.state.fails() { BAD } else { PLAIN };
        let text = words::waiver(waiver, shown);
        page.paragraph((PLAIN, "  "), (ink, &text));
    }
}

fn expectations(page: &mut Page, results: &Results) {
    let failed = &results.expectations.failed;
    if failed.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(BAD, "FAILED EXPECTATIONS"), (PLAIN, &format!(" {}", failed.len()))]);
    for failed in failed {
        let subject = format!(
            "{}, step {}: {}",
            shown(&failed.location),
            shown(&failed.step),
            shown(&failed.subject)
        );
        page.paragraph((PLAIN, "  "), (PLAIN, &subject));
        let actual = failed.actual.as_deref().unwrap_or("nothing");
        page.paragraph((FAINT, "    expected  "), (PLAIN, &shown(&failed.expected)));
        page.paragraph((FAINT, "    actual    "), (PLAIN, &shown(actual)));
        page.paragraph((FAINT, "    scenario  "), (PLAIN, &shown(&failed.scenario)));
    }
}

/// The reasons that make the run incomplete, each with the remedy.
fn untested(page: &mut Page, results: &Results) {
    let coverage = &results.coverage;
    if !coverage.is_incomplete() {
        return;
    }
    page.blank();
    let total = format!(" {} must", words::number(coverage.untested_count()));
    page.line(&[(UNSURE, "NOT TESTED"), (PLAIN, &total)]);
    for group in &coverage.untested {
        let reason = format!("{}:", words::reason(group, shown));
        page.paragraph((PLAIN, "  "), (PLAIN, &reason));
        page.paragraph((PLAIN, "    "), (FAINT, &group.requirements.join(", ")));
    }
    page.paragraph((PLAIN, "  "), (FAINT, words::ACCEPT_UNTESTED));
}

/// Adds `  32 held, 1 broken`; states that do not occur are omitted, except held.
fn counts(page: &mut Page, family: &FamilyResults) {
    for (index, (state, ink)) in STATES.into_iter().enumerate() {
        let count = family.count(state);
        if index == 0 {
            let ink = if count == 0 { FAINT } else { ink };
            page.spans(&[(ink, &format!("{count:4} {}", state.as_str()))]);
        } else if count > 0 {
            page.spans(&[(PLAIN, ", "), (ink, &format!("{count} {}", state.as_str()))]);
        }
    }
    page.blank();
}

fn held(page: &mut Page, family: &FamilyResults) {
    let held = family.requirements.iter().filter(|entry| entry.state == State::Held);
    let held = held.map(|entry| {
        let observations = words::counted(entry.observations, "observation");
        Row::plain([entry.level.as_str().into(), entry.id.as_str().into(), observations.into()])
    });
    Table::new("", &["", "", ""], held.collect()).write(page, HELD);
}

/// A row per action, a column per role, and the legend; at most 80 columns wide.
fn authorization(page: &mut Page, grid: &Authorization) {
    page.blank();
    authorization::table(grid).write(page, GRID);
    let marks = Mark::ALL.map(|mark| format!("{} {}", mark.symbol(), mark.meaning())).join(", ");
    let headings = grid.roles.iter().map(|role| heading(*role));
    let roles = headings.map(|heading| format!("{}: {}", heading.abbreviation, heading.id));
    let roles = roles.collect::<Vec<_>>().join(", ");
    page.paragraph((PLAIN, "  "), (FAINT, &marks));
    page.paragraph((PLAIN, "  "), (FAINT, &roles));
    for sentence in authorization::broken(grid) {
        page.paragraph((BAD, "  ! "), (PLAIN, &sentence));
    }
}

/// The requirements in a state that has reasons, grouped by the reason.
fn by_reason(page: &mut Page, results: &Results, state: State) {
    let groups = results.by_reason(state);
    let total: usize = groups.iter().map(|(_, ids)| ids.len()).sum();
    if total == 0 {
        return;
    }
    page.blank();
    page.line(&[(UNSURE, &state.as_str().to_uppercase()), (PLAIN, &format!(" {total}"))]);
    for (reason, ids) in groups {
        page.paragraph((PLAIN, "  "), (PLAIN, &format!("{}:", shown(&reason))));
        page.paragraph((PLAIN, "    "), (FAINT, &ids.join(", ")));
    }
}

fn stopped_scenarios(page: &mut Page, results: &Results) {
    if results.stopped_scenarios.is_empty() {
        return;
    }
    page.blank();
    let total = format!(" {}", results.stopped_scenarios.len());
    page.line(&[(UNSURE, "STOPPED SCENARIOS"), (PLAIN, &total)]);
    for (reason, scenarios) in results.stopped_by_reason() {
        page.paragraph((PLAIN, "  "), (PLAIN, &format!("{}:", shown(&reason))));
        let named = scenarios.iter().take(MOST_SCENARIOS);
        let mut named: Vec<_> = named.map(|scenario| shown(scenario)).collect();
        if let Some(others) =
            scenarios.len().checked_sub(MOST_SCENARIOS).filter(|others| *others > 0)
        {
            named.push(format!("and {others} more"));
        }
        page.paragraph((PLAIN, "    "), (FAINT, &named.join(", ")));
    }
}

fn orphaned_rooms(page: &mut Page, results: &Results) {
    if results.orphaned_rooms.is_empty() {
        return;
    }
    page.blank();
    page.line(&[
        (UNSURE, "ORPHANED ROOMS"),
        (PLAIN, &format!(" {}", results.orphaned_rooms.len())),
    ]);
    for room in &results.orphaned_rooms {
        let text = words::orphaned_room(room, shown);
        page.paragraph((PLAIN, "  "), (PLAIN, &text));
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fixtures;
    use hearback_history::escape::is_hidden;

    const STYLE: Style = Style { color: false, width: 90, verbose: false };

    #[test]
    fn all_held() {
        assert_snapshot!(render(&fixtures::held(), STYLE));
    }

    #[test]
    fn all_held_verbose() {
        assert_snapshot!(render(&fixtures::held(), Style { verbose: true, ..STYLE }));
    }

    #[test]
    fn broken_with_findings() {
        assert_snapshot!(render(&fixtures::broken(), STYLE));
    }

    #[test]
    fn aborted() {
        assert_snapshot!(render(&fixtures::aborted(), STYLE));
    }

    #[test]
    fn nothing_exercised() {
        assert_snapshot!(render(&fixtures::nothing_exercised(), STYLE));
    }

    #[test]
    fn empty_history() {
        assert_snapshot!(render(&fixtures::empty(), STYLE));
    }

    #[test]
    fn hidden_characters_are_escaped() {
        let text = render(&fixtures::hostile(), Style { verbose: true, ..STYLE });
        assert!(text.contains(r"\u{1b}[2J"), "{text}");
        assert_eq!(text.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
    }

    #[test]
    fn color_changes_only_the_color() {
        let painted = render(&fixtures::hostile(), Style { color: true, ..STYLE });
        assert!(painted.contains('\x1b'));
        let mut plain = String::new();
        for (index, part) in painted.split("\x1b[").enumerate() {
            let rest = if index == 0 { part } else { part.split_once('m').unwrap().1 };
            plain.push_str(rest);
        }
        assert_eq!(plain, render(&fixtures::hostile(), STYLE));
    }

    #[test]
    fn the_matrix_is_shown_if_verbose_or_broken_and_fits_a_terminal() {
        let has_grid = |text: &str| text.contains("AUTHORIZATION");
        assert!(!has_grid(&render(&fixtures::held(), STYLE)));
        assert!(has_grid(&render(&fixtures::broken(), STYLE)));
        let mut results = fixtures::held();
        let history = hearback_testkit::dsl::parse("alice[tampered] rooms.list => 401 @error");
        let grid = hearback_checker::check_history(&history.unwrap(), |_| false).matrix;
        results.authorization = Authorization::of(&grid);
        let text = render(&results, Style { verbose: true, width: 80, ..STYLE });
        let grid: Vec<_> =
            text.lines().skip_while(|line| !has_grid(line)).take_while(|l| !l.is_empty()).collect();
        assert!(grid[26].starts_with("event mark_room_read  "), "{grid:#?}");
        assert!(grid.iter().all(|line| line.len() <= 80), "{grid:#?}");
    }

    #[test]
    fn many_groups_are_cut_unless_verbose() {
        let mut results = fixtures::broken();
        results.groups = vec![results.groups[0].clone(); 20];
        let text = render(&results, STYLE);
        assert!(text.contains("… and 12 more causes; see all with -v"), "{text}");
        assert!(!render(&results, Style { verbose: true, ..STYLE }).contains("more cause"));
    }

    #[test]
    fn every_finding_is_shown_if_verbose() {
        let results = fixtures::broken();
        let all = render(&results, Style { verbose: true, ..STYLE });
        for finding in results.violated().into_iter().flat_map(|it| &it.findings) {
            assert!(all.contains(&finding.variant), "{all}");
        }
        assert!(!render(&results, STYLE).contains("BROKEN must schema/rooms.archive"));
    }
}
