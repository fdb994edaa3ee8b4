//! A summary in Markdown for pull requests: the verdict, a table of families, the findings.

use hearback_checker::State;
use hearback_history::OrphanedRoom;
use hearback_results::{Authorization, Basis, RequirementResult, Results, Untested};

use crate::authorization::{self, Mark, heading};
use crate::requirement::kind_of_source;
use crate::shown::shown;
use crate::style::Style;
use crate::table::{Cell, Row, Table};
use crate::{changes, contract, group, readings, words};

/// Length in bytes after which no further requirement is added; GitHub limits comments to 65,536 characters.
const LONGEST_SUMMARY: usize = 40_000;

/// Maximum number of findings of one requirement.
const MOST_FINDINGS: usize = 3;

/// Maximum number of groups of findings.
const MOST_GROUPS: usize = 20;

/// Maximum number of items of a list.
const MOST_ITEMS: usize = 10;

/// Maximum number of changes of the contract.
const MOST_CHANGES: usize = 50;

/// Maximum number of orphaned rooms.
const MOST_ROOMS: usize = 10;

/// Renders a summary in which text of users and targets is enclosed in code spans and blocks.
pub(crate) fn render(results: &Results, _: Style) -> String {
    let mut summary = format!(
        "### hearback: {}\n\n{}\n\n{}\n",
        words::headline(results.outcome).to_lowercase(),
        words::verdict(results, code),
        subject(results)
    );
    if let Some(overlay) = &results.contract {
        let heading = contract::heading(overlay, code);
        let changes: String = contract::changes(overlay, code)
            .take(MOST_CHANGES)
            .map(|it| format!("- {it}\n"))
            .collect();
        let rest = overlay.changes.len().saturating_sub(MOST_CHANGES);
        let rest = if rest > 0 { format!("- and {rest} more\n") } else { String::new() };
        summary.push_str(&format!(
            "\n<details><summary>Contract: {heading}</summary>\n\n{changes}{rest}\n</details>\n"
        ));
    }
    summary.push_str(&groups(results));
    if !results.families.is_empty() {
        summary.push_str(&format!("\n{}", families(results).markdown(usize::MAX)));
    }
    if !results.answers.is_empty() {
        let heading = format!("Readings: {}", readings::summary(results));
        let table = readings::table(results).markdown(usize::MAX);
        summary
            .push_str(&format!("\n<details><summary>{heading}</summary>\n\n{table}\n</details>\n"));
    }
    if let Some(grid) = &results.authorization {
        summary.push_str(&authorization(grid));
    }
    for waiver in &results.waivers {
        summary.push_str(&format!("\n- waiver of {}", words::waiver(waiver, code)));
    }
    if !results.waivers.is_empty() {
        summary.push('\n');
    }
    summary.push_str(&changes::section(results, code));
    let violated = results.violated();
    for (index, requirement) in violated.iter().enumerate() {
        if summary.len() > LONGEST_SUMMARY {
            let rest = words::counted((violated.len() - index) as u64, "requirement");
            summary.push_str(&format!("\n{rest} with findings omitted.\n"));
            break;
        }
        summary.push_str(&block(requirement));
    }
    summary.push_str(&list("Pinned readings", readings::problems(results, code)));
    summary.push_str(&expectations(results));
    summary.push_str(&untested(results));
    summary.push_str(&stopped_scenarios(results));
    if let Some(lag) = words::lag(results) {
        summary.push_str(&format!("\nLag: {lag}.\n"));
    }
    if !results.families.is_empty() {
        summary.push_str(&format!("\n{}\n", words::not_testable()));
    }
    if !results.orphaned_rooms.is_empty() {
        summary.push_str(&orphaned_rooms(&results.orphaned_rooms));
    }
    summary
}

/// The findings by cause, each with its strongest evidence and the commands that reproduce it.
fn groups(results: &Results) -> String {
    if results.groups.is_empty() {
        return String::new();
    }
    let mut text = format!("\n#### {}\n", group::heading(results));
    for (number, group) in (1..).zip(results.groups.iter().take(MOST_GROUPS)) {
        let doubt = if group.not_reproduced { ", not reproduced" } else { "" };
        let (title, level) = (&group.title, group.level);
        text.push_str(&format!("\n{number}. **{}** ({level}{doubt})\n", prose(title)));
        if let Some((requirement, finding)) = results.evidence(group) {
            text.push_str(&format!(
                "   - expected {}, actual {}\n",
                code(&finding.expected),
                code(&finding.actual)
            ));
            if let Some(protects) = &requirement.protects {
                text.push_str(&format!("   - protects: {protects}\n"));
            }
        }
        let members = group::members(group, MOST_ITEMS, code);
        text.push_str(&format!("   - {}: {members}\n", group::impact(group)));
        if let Some(command) = group::scenario_run(results, group) {
            text.push_str(&format!("   - scenario: {}\n", code(command)));
        }
        if let Some(command) = group::replay(results, group) {
            text.push_str(&format!("   - reproduce: {}\n", code(&command)));
        }
    }
    let rest = results.groups.len().saturating_sub(MOST_GROUPS);
    if rest > 0 {
        text.push_str(&format!("\nand {}\n", words::counted(rest as u64, "more cause")));
    }
    text
}

/// A title, whose code spans stay; any other markup is enclosed in a code span as a whole.
fn prose(title: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " `_.,:=()&'-".contains(letter);
    let is_balanced = title.matches('`').count().is_multiple_of(2);
    let text = title.split('`').step_by(2).collect::<String>();
    match title.chars().all(is_plain) && is_balanced && !text.contains('_') {
        true => title.to_owned(),
        false => code(title),
    }
}

/// The first of the failed expectations.
fn expectations(results: &Results) -> String {
    let failed = results.expectations.failed.iter().map(|failed| words::expectation(failed, code));
    list("Failed expectations", failed.collect())
}

/// The reasons that make the run incomplete, each with the remedy and the number of requirements.
fn untested(results: &Results) -> String {
    let group = |group: &Untested| {
        let mut requirements: Vec<_> =
            group.requirements.iter().take(MOST_ITEMS).map(|id| code(id)).collect();
        let rest = group.requirements.len() - requirements.len();
        requirements.extend((rest > 0).then(|| format!("{rest} more")));
        format!("{}: {}", words::reason(group, code), requirements.join(", "))
    };
    let groups = &results.coverage.untested;
    let title = format!("Not tested, {} must", words::number(results.coverage.untested_count()));
    list(&title, groups.iter().map(group).collect())
}

fn stopped_scenarios(results: &Results) -> String {
    let stopped = results.stopped_by_reason().into_iter();
    let stopped = stopped.map(|(reason, scenarios)| {
        format!("{}: {}", words::counted(scenarios.len() as u64, "scenario"), code(&reason))
    });
    list("Stopped scenarios", stopped.collect())
}

/// The first of some items under a title; nothing if there are none.
fn list(title: &str, items: Vec<String>) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut list = format!("\n{title}:\n\n");
    for item in items.iter().take(MOST_ITEMS) {
        list.push_str(&format!("- {item}\n"));
    }
    let rest = items.len().saturating_sub(MOST_ITEMS);
    if rest > 0 {
        list.push_str(&format!("- and {rest} more\n"));
    }
    list
}

/// The first of the orphaned rooms.
fn orphaned_rooms(rooms: &[OrphanedRoom]) -> String {
    let mut list = String::from("\nOrphaned rooms:\n\n");
    for room in rooms.iter().take(MOST_ROOMS) {
        list.push_str(&format!("- {}\n", words::orphaned_room(room, code)));
    }
    let rest = rooms.len().saturating_sub(MOST_ROOMS);
    if rest > 0 {
        list.push_str(&format!("- and {}\n", words::counted(rest as u64, "more room")));
    }
    list
}

fn subject(results: &Results) -> String {
    let target = results.target.as_deref().map_or_else(|| "unknown".to_owned(), code);
    let seed = results.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    format!("Target {target}, AriStay Chat API {}{seed}.", code(&results.specification_version))
}

/// The number of requirements of each family by state.
fn families(results: &Results) -> Table {
    let rows = results.families.iter().map(|family| {
        let counts = State::ALL.map(|state| Cell::from(family.count(state).to_string()));
        Row::plain([Cell::from(family.title.as_str())].into_iter().chain(counts))
    });
    let columns = ["family", "#held", "#broken", "#undecided", "#not exercised"];
    Table::new("Families", &columns, rows.collect())
}

/// The authorization matrix, folded away.
fn authorization(grid: &Authorization) -> String {
    let broken: Vec<_> =
        authorization::broken(grid).map(|sentence| format!("- {sentence}\n")).collect();
    let mut table = authorization::table(grid);
    for (column, role) in table.columns[1..].iter_mut().zip(&grid.roles) {
        column.name = heading(*role).id;
    }
    let legend = Mark::ALL.map(|mark| format!("`{}` {}", mark.symbol(), mark.meaning()));
    let mut folded = format!(
        "\n<details><summary>Authorization: {} broken</summary>\n\n{}\n{}\n\n",
        words::counted(broken.len() as u64, "cell"),
        table.markdown(usize::MAX),
        legend.join(", ")
    );
    if !broken.is_empty() {
        folded.push_str(&format!("{}\n", broken.concat()));
    }
    folded.push_str("</details>\n");
    folded
}

fn block(requirement: &RequirementResult) -> String {
    let basis = match &requirement.basis {
        Basis::Quote(quote) => code(&quote.split_whitespace().collect::<Vec<_>>().join(" ")),
        Basis::Reason(reason) | Basis::Contract(reason) => reason.clone(),
    };
    let mut block = format!(
        "\n#### {} {} {}\n\n{}\n{} *{}*: {basis}\n\n",
        requirement.state.as_str(),
        requirement.level,
        code(&requirement.id),
        requirement.statement,
        kind_of_source(requirement),
        requirement.section
    );
    if let Some(protects) = &requirement.protects {
        block.push_str(&format!("Protects: {protects}\n\n"));
    }
    for finding in requirement.findings.iter().take(MOST_FINDINGS) {
        let scenario = match finding.scenario.as_str() {
            "" => String::new(),
            scenario => format!(", scenario {}", code(scenario)),
        };
        block.push_str(&format!(
            "- {}: expected {}, actual {} ({}{scenario}; {})\n",
            code(&finding.variant),
            code(&finding.expected),
            code(&finding.actual),
            words::times(finding.count),
            finding.confirmation
        ));
    }
    let rest = requirement.findings.len().saturating_sub(MOST_FINDINGS);
    if rest > 0 {
        block.push_str(&format!("- and {}\n", words::counted(rest as u64, "more finding")));
    }
    block
}

/// `text` in a code span whose fence is longer than any run of backticks in it.
pub(crate) fn code(text: &str) -> String {
    let text = shown(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let padding = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// Length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fixtures;
    use hearback_history::escape::is_hidden;

    #[test]
    fn aborted() {
        assert_snapshot!(render(&fixtures::aborted(), Style::default()));
    }

    #[test]
    fn code_spans_contain_any_text() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`` b"), "```a`` b```");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(code("a\n\n# b"), r"`a\n\n# b`");
        assert_eq!(code(""), "(empty)");
    }

    #[test]
    fn hostile_text_is_not_markup() {
        let summary = render(&fixtures::hostile(), Style::default());
        assert_eq!(summary.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        // Outside fences and code spans, all text is written by hearback.
        let mut is_fenced = false;
        for line in summary.lines() {
            if line.starts_with("```") || line == "`".repeat(3) {
                is_fenced = !is_fenced;
            } else if !is_fenced {
                let results = fixtures::hostile();
                let replays = results.groups.iter().filter_map(|it| group::replay(&results, it));
                let spans = replays.chain([fixtures::HOSTILE.to_owned()]).map(|text| code(&text));
                let rest = spans.fold(line.to_owned(), |line, span| line.replace(&span, ""));
                assert!(!rest.contains("script>"), "{line}");
            }
        }
    }

    #[test]
    fn a_summary_fits_in_a_comment() {
        let mut results = fixtures::hostile();
        for family in &mut results.families {
            let broken = family.requirements.iter().find(|entry| entry.state == State::Broken);
            if let Some(broken) = broken.cloned() {
                family.requirements = vec![broken; 100];
            }
        }
        for finding in results
            .families
            .iter_mut()
            .flat_map(|family| &mut family.requirements)
            .flat_map(|entry| &mut entry.findings)
        {
            finding.finding.actual = fixtures::HOSTILE.repeat(100);
            finding.reproduce = vec![fixtures::HOSTILE.repeat(100); 20];
        }
        let summary = render(&results, Style::default());
        assert!(summary.chars().count() < 65_536, "{}", summary.chars().count());
        assert!(summary.contains("requirements with findings omitted."));
    }
}
