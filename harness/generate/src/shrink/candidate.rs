//! Candidates without some of the steps, branches or actors.

use std::ops::Range;

use hearback_scenarios::{Action, Scenario, Step};

/// The path to a list of steps: pairs of a step and a list within it, by index; empty for the outermost list.
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

/// The number of steps in a list; 0 if the list does not exist.
pub(super) fn length(scenario: &Scenario, path: &Path) -> usize {
    let mut steps = scenario.steps.clone();
    list(&mut steps, path).map_or(0, |steps| steps.len())
}

/// The scenario without a range of steps of a list.
pub(super) fn without(scenario: &Scenario, path: &Path, range: Range<usize>) -> Scenario {
    let mut smaller = scenario.clone();
    if let Some(steps) = list(&mut smaller.steps, path) {
        let end = range.end.min(steps.len());
        steps.drain(range.start.min(end)..end);
    }
    smaller
}

/// The scenarios in which one step with nested steps is simpler.
pub(super) fn simpler_steps(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for path in lists(scenario) {
        for index in 0..length(scenario, &path) {
            let mut copy = scenario.steps.clone();
            let Some(steps) = list(&mut copy, &path) else { continue };
            for replacement in simpler(&steps[index]) {
                let mut candidate = scenario.clone();
                if let Some(steps) = list(&mut candidate.steps, &path) {
                    steps.splice(index..=index, replacement);
                }
                all.push(candidate);
            }
        }
    }
    all
}

/// Simpler replacements of a step with nested steps.
fn simpler(step: &Step) -> Vec<Vec<Step>> {
    let with = |action| vec![Step { action, ..step.clone() }];
    match &step.action {
        Action::Parallel(branches) => {
            // Sequential steps are simpler than parallel ones; then fewer branches.
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
        Action::Walk { call, .. } => vec![with(Action::Call(call.clone()))],
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

/// The scenarios without one actor, or without one member.
pub(super) fn fewer_actors(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for actor in scenario.actors.iter().skip(1) {
        let mut outside = scenario.clone();
        outside.members.retain(|member| member != actor);
        // Later members have lower indexes in the list of participants.
        let index = scenario.members.iter().position(|member| member == actor);
        if let Some(index) = index {
            decrement_indexes(&mut outside.steps, index + 1);
        }
        if !occurs(actor, &scenario.steps) {
            let mut gone = outside.clone();
            gone.actors.retain(|other| other != actor);
            all.push(gone);
        }
        if index.is_some() {
            all.push(outside);
        }
    }
    all
}

/// True if an actor acts in `steps`, or its name occurs in them.
fn occurs(actor: &str, steps: &[Step]) -> bool {
    // Names are complete words in the debug output of a step.
    let word = |text: &str| {
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_-".contains(letter))
            .any(|word| word == actor || word.starts_with(&format!("{actor}-")))
    };
    steps.iter().any(|step| word(&format!("{:?}", step.action)))
}

/// Decrements the indexes above `removed` of the participants of the room.
fn decrement_indexes(steps: &mut [Step], removed: usize) {
    super::payload::each_text(steps, &mut |text| {
        const LIST: &str = "{room.participants.";
        let Some(rest) = text.strip_prefix(LIST) else { return };
        let Some((index, rest)) = rest.split_once('.') else { return };
        if let Ok(index) = index.parse::<usize>()
            && index > removed
        {
            *text = format!("{LIST}{}.{rest}", index - 1);
        }
    });
}
