//! Snapshots of every page of `--help`.

use clap::Command;

use super::command;

/// Width of the pages, in columns.
const WIDTH: usize = 100;

/// The page of every command, by its name.
fn pages() -> Vec<(String, String)> {
    let mut command = command().term_width(WIDTH);
    command.build();
    below(&command, "")
}

fn below(command: &Command, path: &str) -> Vec<(String, String)> {
    let name = format!("{path}{}", command.get_name());
    let page = command.clone().render_long_help().to_string();
    let commands = command.get_subcommands().filter(|it| it.get_name() != "help");
    let pages = commands.flat_map(|it| below(it, &format!("{name}-")));
    std::iter::once((name.clone(), page)).chain(pages).collect()
}

#[test]
fn help_of_every_command() {
    let pages = pages();
    assert!(pages.len() > 19, "{}", pages.len());
    for (name, page) in pages {
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn help_is_plain_and_starts_with_a_verb_or_a_noun() {
    let mut texts = Vec::new();
    for (name, page) in pages() {
        texts.extend(page.lines().map(|line| format!("{name}: {}", line.trim())));
    }
    for text in texts {
        let (_, line) = text.split_once(": ").unwrap_or_default();
        for word in ["How", "Which", "Where", "Who", "What", "Tell", "Say"] {
            assert!(!line.starts_with(&format!("{word} ")), "{text}");
        }
    }
}
