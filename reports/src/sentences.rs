//! The specification, with the verdict of each sentence that a requirement quotes.

use std::collections::BTreeSet;
use std::ops::Range;

use hearback_checker::State;
use hearback_contract::specification::{self, Heading, SPECIFICATION};
use hearback_results::{Basis, RequirementResult, Results};

use crate::words;

/// Rank of the headings below which the text is one section.
const RANK: usize = 2;

/// A section of the specification.
pub(crate) struct Section {
    /// Its anchor on the page.
    pub(crate) anchor: String,
    /// Its heading.
    pub(crate) title: &'static str,
    /// Its text, in order.
    pub(crate) pieces: Vec<Piece>,
}

/// A part of the text that the same requirements quote.
pub(crate) struct Piece {
    pub(crate) text: &'static str,
    /// The anchor of the heading within a section that it begins with, if it does.
    pub(crate) heading: Option<String>,
    /// The requirement with the worst verdict, and its state; `None` if no requirement quotes the text.
    pub(crate) verdict: Option<(String, State)>,
}

/// The whole specification; empty if the results have no requirement that quotes it.
pub(crate) fn sections(results: &Results) -> Vec<Section> {
    let quotations: Vec<_> = results.requirements().filter_map(quotation).collect();
    if quotations.is_empty() {
        return Vec::new();
    }
    let all = specification::headings();
    let mut bounds: BTreeSet<usize> = all.iter().map(|it| it.start).collect();
    let (headings, inner): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.rank <= RANK);
    bounds.insert(SPECIFICATION.len());
    bounds.extend(quotations.iter().flat_map(|(range, _)| [range.start, range.end]));
    let ends = headings.iter().skip(1).map(|it| it.start).chain([SPECIFICATION.len()]);
    headings
        .iter()
        .zip(ends)
        .map(|(heading, end)| {
            let within: Vec<_> = bounds.range(heading.start..=end).copied().collect();
            let pieces = within.windows(2).map(|pair| Piece {
                heading: inner.iter().find(|it| it.start == pair[0]).map(anchor),
                ..piece(pair[0]..pair[1], &quotations)
            });
            Section { anchor: anchor(heading), title: heading.name, pieces: pieces.collect() }
        })
        .collect()
}

/// The anchor of a heading of any rank.
pub(crate) fn anchor_of(name: &str) -> Option<String> {
    specification::headings().iter().find(|it| it.name == name).map(anchor)
}

/// `Of 236 quoted passages, 230 held and 2 broken`: passages with the worst verdict of their requirements.
pub(crate) fn summary(sections: &[Section]) -> String {
    let states = sections.iter().flat_map(|it| &it.pieces).filter_map(|it| it.verdict.as_ref());
    let states: Vec<_> = states.map(|(_, state)| *state).collect();
    let counts = counts(&states);
    let passages = words::counted(states.len() as u64, "passage");
    format!("{passages} that requirements quote: {counts}. Each links to its requirement.")
}

/// `3 held, 1 broken`, without states that do not occur.
pub(crate) fn counts(states: &[State]) -> String {
    let of = |state: State| {
        let count = states.iter().filter(|it| **it == state).count();
        (count > 0).then(|| format!("{count} {}", state.as_str()))
    };
    State::ALL.into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

impl Section {
    /// The states of its quoted passages.
    pub(crate) fn states(&self) -> Vec<State> {
        self.pieces.iter().filter_map(|it| it.verdict.as_ref()).map(|(_, state)| *state).collect()
    }
}

fn anchor(heading: &Heading) -> String {
    format!("specification/{}", specification::anchor(heading.name))
}

fn quotation(requirement: &RequirementResult) -> Option<(Range<usize>, &RequirementResult)> {
    match &requirement.basis {
        Basis::Quote(quote) => {
            Some((specification::quotation(&requirement.section, quote)?, requirement))
        }
        Basis::Reason(_) | Basis::Contract(_) => None,
    }
}

fn piece(range: Range<usize>, quotations: &[(Range<usize>, &RequirementResult)]) -> Piece {
    let quoting = quotations
        .iter()
        .filter(|(quoted, _)| quoted.start <= range.start && range.end <= quoted.end)
        .map(|(_, requirement)| requirement);
    let worst = quoting.max_by_key(|requirement| severity(requirement.state));
    let text = &SPECIFICATION[range];
    // White space between two quotations says nothing.
    let worst = worst.filter(|_| !text.trim().is_empty());
    Piece { text, heading: None, verdict: worst.map(|worst| (worst.id.clone(), worst.state)) }
}

fn severity(state: State) -> u8 {
    match state {
        State::Broken => 3,
        State::Undecided => 2,
        State::NotExercised => 1,
        State::Held => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn every_byte_of_the_specification_is_shown_once() {
        let sections = sections(&fixtures::broken());
        let text: String =
            sections.iter().flat_map(|it| &it.pieces).map(|piece| piece.text).collect();
        assert_eq!(text, SPECIFICATION);
        assert!(sections.iter().any(|section| !section.states().is_empty()));
    }

    #[test]
    fn passages_have_the_worst_verdict_of_their_requirements() {
        let mut results = fixtures::broken();
        let states = |results: &Results| -> Vec<State> {
            sections(results).iter().flat_map(Section::states).collect()
        };
        assert!(states(&results).contains(&State::Broken));
        let of_families = results.families.iter_mut().flat_map(|it| &mut it.requirements);
        of_families.for_each(|requirement| requirement.state = State::Held);
        assert!(states(&results).iter().all(|state| *state == State::Held));
        results.families.clear();
        assert!(sections(&results).is_empty());
    }

    #[test]
    fn the_sections_of_all_requirements_have_an_anchor_on_the_page() {
        let sections = sections(&fixtures::broken());
        let inner = sections.iter().flat_map(|it| &it.pieces).filter_map(|it| it.heading.as_ref());
        let anchors: BTreeSet<_> = sections.iter().map(|it| &it.anchor).chain(inner).collect();
        for row in hearback_contract::requirement::all() {
            let anchor = anchor_of(row.section).unwrap();
            assert!(anchors.contains(&anchor), "{anchor}");
        }
        assert_eq!(anchor_of("No such heading"), None);
    }
}
