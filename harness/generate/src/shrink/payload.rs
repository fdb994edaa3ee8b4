//! Candidates with smaller requests and frames: without some members or a kind of token, or with shorter texts.

use hearback_scenarios::step::{Call, Outgoing};
use hearback_scenarios::{Action, Scenario, Step};
use serde_json::Value;

/// The scenarios in which one request or frame is smaller, the largest reductions first.
pub(super) fn smaller(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    let count = scenario.all_steps().len();
    for index in 0..count {
        let actions = smaller_actions(&scenario.all_steps()[index].action, scenario);
        for action in actions {
            let mut candidate = scenario.clone();
            if let Some(step) = nth(&mut candidate.steps, &mut index.clone()) {
                step.action = action;
            }
            all.push(candidate);
        }
    }
    all
}

/// The step with index `n`, in the order of the file.
fn nth<'s>(steps: &'s mut [Step], n: &mut usize) -> Option<&'s mut Step> {
    for step in steps {
        if *n == 0 {
            return Some(step);
        }
        *n -= 1;
        for inner in step.inner_mut() {
            // Skip nested lists that end before the step.
            let length = count(inner);
            if *n < length {
                return nth(inner, n);
            }
            *n -= length;
        }
    }
    None
}

fn count(steps: &[Step]) -> usize {
    steps.iter().map(|step| 1 + step.inner().into_iter().map(count).sum::<usize>()).sum()
}

fn smaller_actions(action: &Action, scenario: &Scenario) -> Vec<Action> {
    match action {
        Action::Call(call) => smaller_calls(call, scenario).into_iter().map(Action::Call).collect(),
        Action::Send { socket, frame } => {
            let with = |frame| Action::Send { socket: socket.clone(), frame };
            match frame {
                Outgoing::Event(event) => {
                    smaller_values(event).into_iter().map(|it| with(Outgoing::Event(it))).collect()
                }
                Outgoing::Text(text) => {
                    shorter(text).into_iter().map(|it| with(Outgoing::Text(it))).collect()
                }
                Outgoing::Binary(text) => {
                    shorter(text).into_iter().map(|it| with(Outgoing::Binary(it))).collect()
                }
            }
        }
        Action::Say { socket, text, reply_to, save } => {
            let say = |text: &str, reply_to: &Option<String>, save: &Option<String>| Action::Say {
                socket: socket.clone(),
                text: text.to_owned(),
                reply_to: reply_to.clone(),
                save: save.clone(),
            };
            let mut all = Vec::new();
            all.extend(reply_to.is_some().then(|| say(text, &None, save)));
            all.extend(is_unused(save, scenario).then(|| say(text, reply_to, &None)));
            all.extend(shorter(text).iter().map(|text| say(text, reply_to, save)));
            all
        }
        _ => Vec::new(),
    }
}

fn smaller_calls(call: &Call, scenario: &Scenario) -> Vec<Call> {
    let mut all = Vec::new();
    all.extend(is_unused(&call.save, scenario).then(|| Call { save: None, ..call.clone() }));
    all.extend(call.credential.is_some().then(|| Call { credential: None, ..call.clone() }));
    for index in 0..call.query.len() {
        let mut query = call.query.clone();
        query.remove(index);
        all.push(Call { query, ..call.clone() });
    }
    for body in call.body.iter().flat_map(smaller_values) {
        all.push(Call { body: Some(body), ..call.clone() });
    }
    if let Some((content_type, raw)) = &call.raw {
        all.extend(
            shorter(raw)
                .into_iter()
                .map(|raw| Call { raw: Some((content_type.clone(), raw)), ..call.clone() }),
        );
    }
    all
}

/// True for a saved value without references.
fn is_unused(save: &Option<String>, scenario: &Scenario) -> bool {
    let Some(name) = save else { return false };
    let mut is_used = false;
    let mut steps = scenario.steps.clone();
    each_text(&mut steps, &mut |text| {
        is_used |= text.contains(&format!("{{{name}.")) || text.contains(&format!("{{{name}}}"));
    });
    !is_used
}

/// The values with one member or item less, or with one shorter text.
fn smaller_values(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => shorter(text).into_iter().map(Value::from).collect(),
        Value::Array(items) => {
            let mut all = Vec::new();
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                all.push(Value::from(fewer));
            }
            for (index, item) in items.iter().enumerate() {
                all.extend(smaller_values(item).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[index] = item;
                    Value::from(items)
                }));
            }
            all
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for name in members.keys() {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                all.push(Value::from(fewer));
            }
            for (name, member) in members {
                all.extend(smaller_values(member).into_iter().map(|member| {
                    let mut members = members.clone();
                    members.insert(name.clone(), member);
                    Value::from(members)
                }));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// The texts without one part; placeholders are kept or removed as a whole.
fn shorter(text: &str) -> Vec<String> {
    const UNIQUE: &str = "{unique}";
    // References cannot be shortened.
    if text.starts_with('{') && text.ends_with('}') && text.matches('{').count() == 1 {
        return Vec::new();
    }
    if text.contains(UNIQUE) {
        return vec![UNIQUE.to_owned()];
    }
    let letters: Vec<char> = text.chars().collect();
    let cut =
        |from: usize, to: usize| letters[..from].iter().chain(&letters[to..]).collect::<String>();
    let mut all = Vec::new();
    let mut size = letters.len() / 2;
    while size > 0 {
        // Only the first and the last chunk: smaller chunks follow.
        all.push(cut(0, size));
        all.push(cut(letters.len() - size, letters.len()));
        size /= 2;
    }
    all.dedup();
    all
}

/// Calls `change` with every text in the steps.
pub(super) fn each_text(steps: &mut [Step], change: &mut dyn FnMut(&mut String)) {
    fn in_value(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
        match value {
            Value::String(text) => change(text),
            Value::Array(items) => items.iter_mut().for_each(|item| in_value(item, change)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| in_value(member, change));
            }
            _ => {}
        }
    }
    fn in_call(call: &mut Call, change: &mut dyn FnMut(&mut String)) {
        call.at.iter_mut().for_each(&mut *change);
        call.query.iter_mut().for_each(|(_, value)| in_value(value, change));
        call.body.iter_mut().for_each(|body| in_value(body, change));
        if let Some((_, raw)) = &mut call.raw {
            change(raw);
        }
        if let Some((fields, _)) = &mut call.form {
            in_value(fields, change);
        }
    }
    for step in steps {
        match &mut step.action {
            Action::Call(call) | Action::Walk { call, .. } => in_call(call, change),
            Action::Fetch { url, .. } => change(url),
            Action::Connect { room, .. } => change(room),
            Action::Send { frame, .. } => match frame {
                Outgoing::Event(event) => in_value(event, change),
                Outgoing::Text(text) | Outgoing::Binary(text) => change(text),
            },
            Action::Say { text, reply_to, .. } => {
                change(text);
                reply_to.iter_mut().for_each(&mut *change);
            }
            Action::Await { fields, .. } => in_value(fields, change),
            Action::For { values, .. } => in_value(values, change),
            _ => {}
        }
        step.inner_mut().into_iter().for_each(|steps| each_text(steps, change));
    }
}
