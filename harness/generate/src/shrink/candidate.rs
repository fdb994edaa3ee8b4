//! Smaller scenarios: without some steps, branches or actors.

use std::ops::Range;

use hearback_scenarios::{Action, Scenario, Step};

/// Where a list of steps stands: the way down to it, step and list within the step by turns. The
/// outermost list has none.
pub(super) type Path = Vec<(usize, usize)>;

/// Every list of steps, the outermost first.
pub(super) fn lists(scenario: &Scenario) -> Vec<Path> {
    fn collect(steps: &[Step], path: &Path, all: &mut Vec<Path>) {
        all.push(path.clone());
        for (index, step) in steps.iter().enumerate() {
            for (list, steps) in step.inner().into_iter().enumerate() {
                let mut path = path.clone();
                path.push((index, list));
                collect(steps, &path, all);
            }
        }
    }
    let mut all = Vec::new();
    collect(&scenario.steps, &Path::new(), &mut all);
    all
}

fn list<'s>(steps: &'s mut Vec<Step>, path: &[(usize, usize)]) -> Option<&'s mut Vec<Step>> {
    let Some(((step, inner), rest)) = path.split_first() else { return Some(steps) };
    let inner = steps.get_mut(*step)?.inner_mut().into_iter().nth(*inner)?;
    list(inner, rest)
}

/// How many steps there are in a list; none if it is gone.
pub(super) fn length(scenario: &Scenario, path: &Path) -> usize {
    let mut steps = scenario.steps.clone();
    list(&mut steps, path).map_or(0, |steps| steps.len())
}

/// The scenario without some steps of a list.
pub(super) fn without(scenario: &Scenario, path: &Path, range: Range<usize>) -> Scenario {
    let mut smaller = scenario.clone();
    if let Some(steps) = list(&mut smaller.steps, path) {
        let end = range.end.min(steps.len());
        steps.drain(range.start.min(end)..end);
    }
    smaller
}

/// The scenario with one step that holds others made simpler, in each way.
pub(super) fn simpler_steps(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for path in lists(scenario) {
        for index in 0..length(scenario, &path) {
            let mut copy = scenario.steps.clone();
            let Some(steps) = list(&mut copy, &path) else { continue };
            for instead in simpler(&steps[index]) {
                let mut candidate = scenario.clone();
                if let Some(steps) = list(&mut candidate.steps, &path) {
                    steps.splice(index..=index, instead);
                }
                all.push(candidate);
            }
        }
    }
    all
}

/// What can stand in the place of a step that holds others.
fn simpler(step: &Step) -> Vec<Vec<Step>> {
    let with = |action| vec![Step { action, ..step.clone() }];
    match &step.action {
        Action::Parallel(branches) => {
            // One after the other is simpler than at the same time; then without one of them.
            let in_order: Vec<Step> = branches.iter().flatten().cloned().collect();
            let mut all = vec![in_order];
            if branches.len() > 2 {
                all.extend((0..branches.len()).map(|index| {
                    let mut branches = branches.clone();
                    branches.remove(index);
                    with(Action::Parallel(branches))
                }));
            }
            all
        }
        Action::Repeat { count, steps } if *count > 1 => {
            let repeat = |count| with(Action::Repeat { count, steps: steps.clone() });
            vec![steps.clone(), repeat(2), repeat(count / 2), repeat(count - 1)]
        }
        Action::Repeat { steps, .. } => vec![steps.clone()],
        Action::AnyOf(steps) => steps.iter().map(|step| vec![step.clone()]).collect(),
        Action::For { variable, values, steps } => {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            let one = |value: &serde_json::Value| {
                with(Action::For {
                    variable: variable.clone(),
                    values: vec![value.clone()].into(),
                    steps: steps.clone(),
                })
            };
            if values.len() > 1 { values.iter().map(one).collect() } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// The scenario without one of its actors or members, in each way.
pub(super) fn fewer_actors(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for actor in scenario.actors.iter().skip(1) {
        let mut outside = scenario.clone();
        outside.members.retain(|member| member != actor);
        // The others move up in the list of participants.
        let place = scenario.members.iter().position(|member| member == actor);
        if let Some(place) = place {
            move_up(&mut outside.steps, place + 1);
        }
        if !acts(actor, &scenario.steps) {
            let mut gone = outside.clone();
            gone.actors.retain(|other| other != actor);
            all.push(gone);
        }
        if place.is_some() {
            all.push(outside);
        }
    }
    all
}

/// Whether somebody does something, or is named.
fn acts(actor: &str, steps: &[Step]) -> bool {
    // Names are words of their own in whatever is written of a step.
    let word = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_-".contains(letter))
            .any(|word| word == actor || word.starts_with(&format!("{actor}-")))
    };
    steps.iter().any(|step| word(&format!("{:?}", step.action)))
}

/// Takes one from the places after `place` in the list of the room's participants.
fn move_up(steps: &mut [Step], place: usize) {
    super::payload::each_text(steps, &mut |text| {
        const LIST: &str = "{room.participants.";
        let Some(rest) = text.strip_prefix(LIST) else { return };
        let Some((index, rest)) = rest.split_once('.') else { return };
        if let Ok(index) = index.parse::<usize>()
            && index > place
        {
            *text = format!("{LIST}{}.{rest}", index - 1);
        }
    });
}
