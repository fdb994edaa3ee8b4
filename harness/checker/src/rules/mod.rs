//! The rules: one folder per family, one file per requirement.
//!
//! A file that is named like a requirement contains its `RULE`. Files with tables (operations,
//! events, kinds of tokens) contain one rule per row. The other files of a family contain what its
//! rules share.

mod answer;
mod as_expected;
mod auth;
pub(crate) mod authorization;
mod custom;
mod deletion;
mod delivery;
mod device;
mod input;
mod mass_assignment;
pub(crate) mod message;
mod moment;
mod order;
mod page;
mod participant;
mod protocol;
mod receipts;
pub(crate) mod room;
mod schema;
mod socket;
mod status;
pub(crate) mod text;
pub(crate) mod unread;

#[cfg(test)]
mod testing;

use std::sync::OnceLock;

use crate::rule::{Rule, RuleInput};
use crate::rule_context::RuleContext;

/// The rules of every family, in the order of the requirements.
static RULES: &[&[Rule]] = &[
    auth::RULES,
    schema::responses::RULES,
    schema::events::RULES,
    schema::RULES,
    status::RULES,
    input::RULES,
    room::RULES,
    message::RULES,
    page::RULES,
    socket::RULES,
    device::RULES,
    protocol::RULES,
    delivery::RULES,
    order::RULES,
    receipts::RULES,
    unread::RULES,
    deletion::RULES,
    participant::RULES,
    authorization::operations::RULES,
    authorization::RULES,
];

/// Every rule, in the order of the requirements.
pub(crate) fn all() -> impl Iterator<Item = Rule> {
    RULES.iter().copied().flatten().copied().chain(custom::rules())
}

/// Checks a history. If reads show violations, `late` keeps whether reads show writes late; these violations are then
/// undecided.
pub(crate) fn run<'h>(rule: &Rule, input: RuleInput<'h>, late: &OnceLock<bool>) -> RuleContext<'h> {
    let mut context = RuleContext::of(rule.requirement, input.history);
    (rule.check)(input, &mut context);
    if context.is_shown_by_reads() && *late.get_or_init(|| delivery::late_reads::occur(input)) {
        context = RuleContext::of_late_reads(rule.requirement, input.history);
        (rule.check)(input, &mut context);
    }
    context
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;
    use std::path::Path;

    use hearback_contract::{RequirementId, requirement};

    use super::*;

    #[test]
    fn rules_are_in_the_order_of_the_requirements() {
        let rules: Vec<_> = all().map(|rule| rule.requirement).collect();
        assert_eq!(rules, RequirementId::all().collect::<Vec<_>>());
    }

    /// The declaration of a rule in a file that is named like its requirement.
    const DECLARATION: &str = "pub(super) const RULE: Rule =";

    /// The sources of a family's files, by their names without the extension.
    fn sources(family: &str) -> HashMap<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules").join(family);
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect()
    }

    /// The name of the variant of a requirement's id.
    fn variant(id: RequirementId) -> String {
        let mut variant = String::new();
        for word in id.as_str().split(['/', '-', '.', '_']) {
            variant.push_str(&word[..1].to_uppercase());
            variant.push_str(&word[1..]);
        }
        variant
    }

    #[test]
    fn every_rule_is_in_the_file_of_its_requirement_or_in_a_table() {
        for family in requirement::families() {
            let sources = sources(family.id.as_str());
            let mut named = Vec::new();
            for requirement in family.requirements {
                let variant = variant(requirement.id);
                let (_, name) = requirement.id.as_str().split_once('/').unwrap();
                let file = name.replace(['-', '.'], "_");
                let rule = sources.get(&file).and_then(|source| source.split_once(DECLARATION));
                if let Some((_, rule)) = rule {
                    let declaration = rule.split_once("};").unwrap().0;
                    let id = format!("RequirementId::{variant},");
                    assert!(declaration.contains(&id), "{}: {declaration}", requirement.id);
                    named.push(file);
                    continue;
                }
                let is_row = |source: &&String| {
                    let mentions = [format!("RequirementId::{variant},"), format!("{variant} =>")];
                    !source.contains(DECLARATION) && mentions.iter().any(|it| source.contains(it))
                };
                let tables = sources.values().filter(is_row).count();
                assert_eq!(tables, 1, "{} needs one rule", requirement.id);
            }
            for (file, _) in sources.iter().filter(|(_, source)| source.contains(DECLARATION)) {
                assert!(named.contains(file), "{}/{file}.rs has no requirement", family.id);
            }
        }
    }
}
