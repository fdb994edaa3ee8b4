//! The report as one HTML page without external resources. Its only script is a convenience: without it, the page shows
//! the same.

use std::collections::HashSet;

use hearback_checker::State;
use hearback_contract::policy::Role;
use hearback_results::{
    Authorization, FamilyResults, FindingResult, Group, Member, Outcome, RequirementResult,
    Results, WaiverResult,
};
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::authorization::{Mark, heading, sentence};
use crate::sentences::{Piece, Section};
use crate::shown::{shown, shown_command};
use crate::style::Style;
use crate::template::{escaped, fill};
use crate::{changes, contract, diagram, group, readings, requirement, sentences, table, words};

const REPORT: &str = include_str!("report.html.jinja");

/// The script, and its hash, which the policy of the page permits.
const SCRIPT: &str = include_str!("report.js");
const SCRIPT_HASH: &str = "sha256-bUQGBSCbt73v1a116L14uPrToNXaHUEZgH+mGEjU3tE=";

/// Maximum number of findings of one requirement with their evidence; others are named.
const MOST_FINDINGS: usize = 10;

pub(crate) fn render(results: &Results, _: Style) -> String {
    let reasons = [State::Undecided, State::NotExercised].map(|state| {
        let groups = results.by_reason(state).into_iter().map(|(reason, ids)| {
            (reason.to_string(), ids.iter().map(|id| link(id)).collect::<Vec<_>>())
        });
        context! { state => state.as_str(), groups => groups.collect::<Vec<_>>() }
    });
    let page = context! {
        results => Serde(results),
        title => format!("hearback: {}", words::headline(results.outcome).to_lowercase()),
        heading => format!("hearback: {}", results.target.as_deref().unwrap_or("an unknown target")),
        tone => match results.outcome {
            Outcome::Holds => "good",
            Outcome::Broken => "bad",
            Outcome::Incomplete | Outcome::Unfinished => "unsure",
        },
        verdict => words::verdict(results, shown),
        states => State::ALL.map(state),
        families => results.families.iter().map(|it| family(results, it)).collect::<Vec<_>>(),
        authorization => results.authorization.as_ref().map(|it| authorization(results, it)),
        answered => readings::summary(results),
        readings => readings::table(results).html(),
        pins => readings::problems(results, shown),
        contract => results.contract.as_ref().map(|overlay| context! {
            heading => contract::heading(overlay, shown),
            changes => contract::table(&overlay.changes).html(),
        }),
        waivers => results.waivers.iter().map(waiver).collect::<Vec<_>>(),
        changes => changes::context(results),
        groups_heading => group::heading(results),
        groups => results.groups.iter().map(|it| group_of(results, it)).collect::<Vec<_>>(),
        expectations => results.expectations.failed.iter().map(|failed| {
            words::expectation(failed, shown)
        }).collect::<Vec<_>>(),
        untested => results.coverage.untested.iter().map(|group| context! {
            reason => words::reason(group, shown),
            requirements => group.requirements.iter().map(|id| link(id)).collect::<Vec<_>>(),
        }).collect::<Vec<_>>(),
        accept_untested => words::ACCEPT_UNTESTED,
        not_testable => words::not_testable(),
        lag => words::lag(results),
        stopped => results.stopped_scenarios.iter().map(|stopped| context! {
            scenario => stopped.scenario.as_str(),
            reason => stopped.explanation(),
        }).collect::<Vec<_>>(),
        reasons,
        specification => specification(results),
        script => context! { text => Value::from_safe_string(SCRIPT.to_owned()), hash => Value::from_safe_string(SCRIPT_HASH.to_owned()) },
        orphaned_rooms => results.orphaned_rooms.iter().map(|room| {
            words::orphaned_room(room, shown)
        }).collect::<Vec<_>>(),
    };
    let templates = [
        ("report.html", REPORT),
        ("diagram.html", diagram::TEMPLATE),
        ("table.html", table::html::TEMPLATE),
    ];
    fill(templates, page)
}

/// The name and the CSS class of a state.
fn state(state: State) -> Value {
    context! { name => state.as_str(), class => class(state.as_str()) }
}

fn class(name: &str) -> String {
    name.replace(' ', "-")
}

/// The anchor of a requirement: its id, without characters that attributes and addresses do not take as they are.
fn anchor(id: &str) -> Value {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "/.-_".contains(*letter);
    Value::from_safe_string(id.chars().filter(is_plain).collect())
}

/// A requirement and its anchor.
fn link(id: &str) -> Value {
    context! { text => id, anchor => anchor(id) }
}

fn family(results: &Results, family: &FamilyResults) -> Value {
    let states: Vec<_> = family.requirements.iter().map(|entry| entry.state).collect();
    context! {
        title => &family.title,
        counts => State::ALL.map(|state| family.count(state)),
        words => sentences::counts(&states),
        requirements => family.requirements.iter().map(|it| requirement_of(results, it)).collect::<Vec<_>>(),
    }
}

fn requirement_of(results: &Results, entry: &RequirementResult) -> Value {
    let strongest = entry.strongest();
    let (whole, rest) = entry.findings.split_at(entry.findings.len().min(MOST_FINDINGS));
    context! {
        id => &entry.id,
        anchor => anchor(&entry.id),
        level => entry.level.as_str(),
        statement => &entry.statement,
        observations => words::counted(entry.observations, "observation"),
        state => state(entry.state),
        basis => requirement::basis(entry),
        section => sentences::anchor_of(&entry.section).map(|it| anchor(&it)),
        protects => &entry.protects,
        reason => entry.reason.as_ref().map(ToString::to_string),
        replay => strongest.and_then(|_| group::replay_of(results, &entry.id)),
        scenario => strongest.and_then(|it| it.scenario_run()),
        script => strongest.and_then(script),
        findings => whole.iter().map(finding).collect::<Vec<_>>(),
        rest => rest.iter().map(|it| Value::from(&it.variant)).collect::<Vec<_>>(),
        rest_heading => format!(
            "{}, by name; the JSON report contains their evidence",
            words::counted(rest.len() as u64, "more finding"),
        ),
    }
}

/// The text of the specification with verdicts; `None` if no requirement quotes it.
fn specification(results: &Results) -> Option<Value> {
    let sections = sentences::sections(results);
    let piece = |piece: &Piece| {
        let text = Value::from_safe_string(escaped(piece.text));
        let class_of = |(_, state): &(String, State)| class(state.as_str());
        context! {
            text,
            class => piece.verdict.as_ref().map(class_of),
            anchor => piece.verdict.as_ref().map(|(id, _)| anchor(id)),
            heading => piece.heading.as_deref().map(anchor),
        }
    };
    let section = |section: &Section| {
        context! {
            anchor => anchor(&section.anchor),
            title => section.title,
            words => sentences::counts(&section.states()),
            pieces => section.pieces.iter().map(piece).collect::<Vec<_>>(),
        }
    };
    (!sections.is_empty()).then(|| {
        context! {
            summary => sentences::summary(&sections),
            sections => sections.iter().map(section).collect::<Vec<_>>(),
        }
    })
}

fn authorization(results: &Results, authorization: &Authorization) -> Value {
    let mark = |mark: Mark| {
        context! { symbol => mark.symbol(), meaning => mark.meaning(), class => mark.class() }
    };
    let role = |role: &Role| {
        let heading = heading(*role);
        context! { id => heading.id, meaning => heading.meaning }
    };
    let known: HashSet<_> = results.requirements().map(|it| it.id.as_str()).collect();
    context! {
        roles => authorization.roles.iter().map(role).collect::<Vec<_>>(),
        rows => authorization.rows.iter().map(|row| context! {
            action => &row.action,
            cells => row.cells.iter().map(|cell| context! {
                anchor => Some(format!("authorization/{}", row.action))
                    .filter(|id| known.contains(id.as_str()))
                    .map(|id| anchor(&id)),
                mark => mark(Mark::from(*cell)),
                sentence => sentence(*cell),
            }).collect::<Vec<_>>(),
        }).collect::<Vec<_>>(),
        marks => Mark::ALL.map(mark),
        broken => crate::authorization::broken(authorization).collect::<Vec<_>>(),
    }
}

fn waiver(waiver: &WaiverResult) -> Value {
    context! {
        fails => waiver.state.fails(),
        text => words::waiver(waiver, shown),
    }
}

fn group_of(results: &Results, group: &Group) -> Value {
    let evidence = results.evidence(group);
    context! {
        title => &group.title,
        level => group.level.as_str(),
        not_reproduced => group.not_reproduced,
        impact => group::impact(group),
        members => group.members.iter().map(member_of).collect::<Vec<_>>(),
        evidence => evidence.map(|(_, it)| finding(it)),
        protects => evidence.and_then(|(requirement, _)| requirement.protects.as_ref()),
        replay => group::replay(results, group),
    }
}

/// A requirement of a group, with the first variants; it links to the requirement, which names all.
fn member_of(member: &Member) -> Value {
    let rest = member.variants.len().saturating_sub(MOST_FINDINGS);
    context! {
        text => group::member(member, str::to_owned),
        anchor => anchor(&member.requirement),
        variants => member.variants.iter().take(MOST_FINDINGS).map(Value::from).collect::<Vec<_>>(),
        rest => (rest > 0).then(|| format!("{} more", words::number(rest as u64))),
    }
}

/// The script that reproduces a finding, if all of it is shown as it is: a changed one would not work.
fn script(finding: &FindingResult) -> Option<&Vec<String>> {
    let lines = &finding.reproduce;
    lines.iter().all(|line| shown_command(line) == *line).then_some(lines)
}

fn finding(finding: &FindingResult) -> Value {
    context! {
        variant => &finding.variant,
        expected => &finding.expected,
        actual => &finding.actual,
        seen => requirement::seen(finding),
        repeated => finding.confirmation.to_string(),
        diagram => finding.sequence.as_ref().map(diagram::layout),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value as Json;

    use super::*;
    use crate::fixtures;
    use crate::markup::tags;
    use hearback_history::escape::is_hidden;

    /// Text that attempts to leave text, attributes and the template.
    const PAYLOAD: &str = "\"'><img src=x onerror=alert(1)></style></pre>&lt;{{ 7 * 7 }}{% raw %}";

    /// Adds the JSON pointers of all strings in `value`.
    fn strings(value: &Json, path: &str, found: &mut Vec<String>) {
        match value {
            Json::Object(members) => {
                for (name, member) in members {
                    strings(member, &format!("{path}/{name}"), found);
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    strings(item, &format!("{path}/{index}"), found);
                }
            }
            Json::String(_) => found.push(path.to_owned()),
            _ => {}
        }
    }

    /// The results with `text` in place of every free text, and the number of replacements.
    fn overwritten(results: &Results, text: &str) -> (Results, usize) {
        let mut json = serde_json::to_value(results).unwrap();
        let mut paths = Vec::new();
        strings(&json, "", &mut paths);
        let mut replaced = 0;
        for path in paths {
            let place = json.pointer_mut(&path).unwrap();
            let before = std::mem::replace(place, text.into());
            if serde_json::from_value::<Results>(json.clone()).is_ok() {
                replaced += 1;
            } else {
                *json.pointer_mut(&path).unwrap() = before;
            }
        }
        (serde_json::from_value(json).unwrap(), replaced)
    }

    #[test]
    fn pages_of_every_kind_are_well_formed_and_load_nothing() {
        for results in fixtures::all() {
            let page = render(&results, Style::default());
            for tag in tags(&page) {
                assert!(!["link", "img", "iframe"].contains(&tag), "<{tag}>");
                let elsewhere = tag.contains("href=") && !tag.contains("href=\"#");
                assert!(!tag.contains("src=") && !elsewhere, "<{tag}>");
            }
            assert_eq!(page.matches("<script").count(), 1);
            assert!(!page.contains("@import") && !page.contains("url("));
        }
    }

    /// A tag without its id and the place that it links to, which consist of plain characters.
    fn without_anchors(tag: &str) -> String {
        let mut tag = tag.to_owned();
        for start in [" id=\"", " href=\"#"] {
            if let Some((before, rest)) = tag.split_once(start) {
                let (anchor, after) = rest.split_once('"').unwrap();
                let is_plain = |it: char| it.is_ascii_alphanumeric() || "/.-_".contains(it);
                assert!(anchor.chars().all(is_plain), "{anchor}");
                tag = format!("{before}{after}");
            }
        }
        tag
    }

    #[test]
    fn the_policy_permits_the_script_and_nothing_else() {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SCRIPT.as_bytes());
        let hash = format!("sha256-{}", STANDARD.encode(digest));
        assert_eq!(SCRIPT_HASH, hash, "the script has changed");
        let page = render(&fixtures::broken(), Style::default());
        assert!(page.contains(&format!("style-src 'unsafe-inline'; script-src '{hash}'\">")));
        assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
    }

    #[test]
    fn nothing_of_a_record_is_markup() {
        let hostile = format!("{}{PAYLOAD}", fixtures::HOSTILE);
        let (results, replaced) = overwritten(&fixtures::broken(), &hostile);
        assert!(replaced > 60, "{replaced}");
        let page = render(&results, Style::default());
        assert_eq!(page.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        let plain = render(&fixtures::broken(), Style::default());
        // Merged reasons may leave some out, but nothing is new, attributes included.
        let own: BTreeSet<_> = tags(&plain).into_iter().map(without_anchors).collect();
        let found = tags(&page).into_iter().map(without_anchors).find(|tag| !own.contains(tag));
        assert_eq!(found, None);
        let escaped = "&quot;&#x27;&gt;&lt;img src=x onerror=alert(1)&gt;&lt;&#x2f;style&gt;\
                       &lt;&#x2f;pre&gt;&amp;lt;{{ 7 * 7 }}{% raw %}";
        assert!(page.matches(escaped).count() > 60, "{}", page.matches(escaped).count());
        assert_eq!(page.matches("onerror=").count(), page.matches(escaped).count());
    }

    #[test]
    fn a_page_shows_what_was_found() {
        let page = render(&fixtures::broken(), Style::default());
        for text in [
            "BROKEN: 1 must, 1 should",
            "is_active false",
            "is_active true",
            "$ALICE_TOKEN",
            "outsider, rooms.get: must be denied; allowed 1, denied 0",
            "depends on message&#x2f;send, which does not hold",
            "the upload was rejected with 413",
        ] {
            assert!(page.contains(text), "{text}");
        }
        assert_eq!(page.matches("<td class=\"mark broken\"").count(), 1);
    }

    /// `reports/verify-page.sh` opens the page in a browser.
    #[test]
    fn many_findings_are_named_and_some_have_evidence() {
        let results = fixtures::many_findings();
        let page = render(&results, Style::default());
        let findings = results.requirements().map(|it| it.findings.len()).sum::<usize>();
        let shown =
            page.matches("<li>messages.list: property").count() + page.matches("<h3>").count();
        assert_eq!((findings, shown), (fixtures::MANY, fixtures::MANY));
        assert!(page.contains("more findings, by name; the JSON report contains their evidence"));
        assert!(page.contains("</code>, and 25 more</li>"));
        fixtures::save("many-findings.html", &page);
    }
}
