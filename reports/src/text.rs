//! The report for people at a terminal.

use hearback_checker::State;
use hearback_results::{Authorization, FamilyResults, Outcome, Results};

use crate::authorization::{self, Mark, heading};
use crate::escape::{LONGEST_TEXT, shown};
use crate::format::Style;
use crate::page::{BAD, BOLD, FAINT, GOOD, PLAIN, Page, UNSURE};
use crate::table::{Layout, Row, Table};
use crate::{requirement, words};

/// Findings shown for one requirement, unless all are asked for.
const MOST_FINDINGS: usize = 5;

/// Scripts named that stopped for one reason.
const MOST_SCRIPTS: usize = 10;

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

/// What was checked, what came of it by family, every finding, and the verdict last.
pub(crate) fn render(record: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    header(&mut page, record);
    families(&mut page, record, style.verbose);
    if let Some(grid) = &record.authorization
        && (style.verbose || authorization::broken(grid).next().is_some())
    {
        authorization(&mut page, grid);
    }
    let most = if style.verbose { usize::MAX } else { MOST_FINDINGS };
    for broken in record.broken() {
        page.blank();
        requirement::write(&mut page, broken, most);
    }
    waivers(&mut page, record);
    without_answer(&mut page, record, State::Undecided);
    without_answer(&mut page, record, State::NotExercised);
    stopped_scenarios(&mut page, record);
    orphaned_rooms(&mut page, record);
    page.blank();
    let ink = match record.outcome {
        Outcome::Holds => GOOD.bold(),
        Outcome::Broken => BAD,
        Outcome::NotExercised | Outcome::Incomplete => UNSURE.bold(),
    };
    let verdict = words::verdict(record, |text| shown(text, LONGEST_TEXT));
    page.paragraph((PLAIN, ""), (ink, &verdict));
    page.into_text()
}

fn header(page: &mut Page, record: &Results) {
    let target = record.target.as_deref().unwrap_or("a target unknown");
    let subject = format!(
        "Checked {} against the AriStay Chat API {}",
        shown(target, LONGEST_TEXT),
        shown(&record.specification_version, LONGEST_TEXT)
    );
    let details = [
        record.run.as_ref().map(|run| format!("run {run}")),
        record.seed.map(|seed| format!("seed {seed}")),
        record.started_at.clone(),
        Some(format!("hearback {}", record.hearback_version)),
    ];
    let details = details.into_iter().flatten().collect::<Vec<_>>().join(", ");
    page.paragraph((PLAIN, ""), (BOLD, &subject));
    page.paragraph((PLAIN, ""), (FAINT, &shown(&details, LONGEST_TEXT)));
}

fn families(page: &mut Page, record: &Results, verbose: bool) {
    let width = record.families.iter().map(|family| family.id.len()).max().unwrap_or_default();
    if !record.families.is_empty() {
        page.blank();
    }
    for family in &record.families {
        page.spans(&[(BOLD, &format!("{:width$}", family.id)), (PLAIN, "  ")]);
        tally(page, family);
        if verbose {
            held(page, family);
        }
    }
}

fn waivers(page: &mut Page, record: &Results) {
    if record.waivers.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(BOLD, "WAIVERS")]);
    for waiver in &record.waivers {
        let ink = if waiver.state.fails() { BAD } else { PLAIN };
        let text = words::waiver(waiver, |text| shown(text, LONGEST_TEXT));
        page.paragraph((PLAIN, "  "), (ink, &text));
    }
}

/// `  32 held, 1 broken`; the states without any are left out, except what held.
fn tally(page: &mut Page, family: &FamilyResults) {
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

/// Requirements that nothing can be said of, by the reason.
fn without_answer(page: &mut Page, record: &Results, state: State) {
    let by_reason = record.by_reason(state);
    let total: usize = by_reason.iter().map(|(_, ids)| ids.len()).sum();
    if total == 0 {
        return;
    }
    page.blank();
    page.line(&[(UNSURE, &state.as_str().to_uppercase()), (PLAIN, &format!(" {total}"))]);
    for (reason, ids) in by_reason {
        page.paragraph((PLAIN, "  "), (PLAIN, &format!("{}:", shown(&reason, LONGEST_TEXT))));
        page.paragraph((PLAIN, "    "), (FAINT, &ids.join(", ")));
    }
}

fn stopped_scenarios(page: &mut Page, record: &Results) {
    if record.stopped_scenarios.is_empty() {
        return;
    }
    page.blank();
    let total = format!(" {}", record.stopped_scenarios.len());
    page.line(&[(UNSURE, "STOPPED SCRIPTS"), (PLAIN, &total)]);
    for (reason, scenarios) in record.stopped_by_reason() {
        page.paragraph((PLAIN, "  "), (PLAIN, &format!("{}:", shown(reason, LONGEST_TEXT))));
        let named = scenarios.iter().take(MOST_SCRIPTS);
        let mut named: Vec<_> = named.map(|scenario| shown(scenario, LONGEST_TEXT)).collect();
        if let Some(others) = scenarios.len().checked_sub(MOST_SCRIPTS).filter(|others| *others > 0)
        {
            named.push(format!("and {others} more"));
        }
        page.paragraph((PLAIN, "    "), (FAINT, &named.join(", ")));
    }
}

fn orphaned_rooms(page: &mut Page, record: &Results) {
    if record.orphaned_rooms.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(UNSURE, "LEFT BEHIND"), (PLAIN, &format!(" {}", record.orphaned_rooms.len()))]);
    for room in &record.orphaned_rooms {
        let text = words::orphaned_room(room, |text| shown(text, LONGEST_TEXT));
        page.paragraph((PLAIN, "  "), (PLAIN, &text));
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::escape::is_hidden;
    use crate::fixtures;

    const STYLE: Style = Style { color: false, width: 90, verbose: false };

    #[test]
    fn all_held() {
        assert_snapshot!(render(&fixtures::held(), STYLE));
    }

    #[test]
    fn all_held_told_in_full() {
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
    fn an_empty_history_has_a_report_too() {
        assert_snapshot!(render(&fixtures::empty(), STYLE));
    }

    #[test]
    fn hostile_text_cannot_act_on_a_terminal() {
        let text = render(&fixtures::hostile(), Style { verbose: true, ..STYLE });
        assert!(text.contains(r"\u{1b}[2J"), "{text}");
        assert_eq!(text.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
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
    fn the_grid_is_shown_where_asked_for_or_broken_and_fits_a_terminal() {
        let has_grid = |text: &str| text.contains("AUTHORIZATION");
        assert!(!has_grid(&render(&fixtures::held(), STYLE)));
        assert!(has_grid(&render(&fixtures::broken(), STYLE)));
        let mut record = fixtures::held();
        let history = hearback_testkit::dsl::parse("alice[tampered] rooms.list => 401 @error");
        let grid = hearback_checker::matrix(&history.unwrap());
        record.authorization = Authorization::of(&grid);
        let text = render(&record, Style { verbose: true, width: 80, ..STYLE });
        let grid: Vec<_> =
            text.lines().skip_while(|line| !has_grid(line)).take_while(|l| !l.is_empty()).collect();
        assert!(grid[26].starts_with("event mark_room_read  "), "{grid:#?}");
        assert!(grid.iter().all(|line| line.len() <= 80), "{grid:#?}");
    }

    #[test]
    fn many_causes_are_cut_unless_all_are_asked_for() {
        let mut record = fixtures::broken();
        let entry = record.families.iter_mut().flat_map(|family| &mut family.requirements);
        let broken = entry.into_iter().find(|entry| !entry.findings.is_empty()).unwrap();
        broken.findings = vec![broken.findings[0].clone(); 8];
        let text = render(&record, STYLE);
        assert!(text.contains("… and 3 more variants; the JSON report has all"), "{text}");
        assert!(!render(&record, Style { verbose: true, ..STYLE }).contains("more variant"));
    }
}
