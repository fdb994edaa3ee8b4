//! Snapshots of every page of `--help`.

use clap::{Command, CommandFactory as _};

use super::Arguments;

/// Width of the pages, in columns.
const WIDTH: usize = 100;

/// The page of a command, and those of the commands below it, by their names.
fn pages(command: &Command, path: &str) -> Vec<(String, String)> {
    let name = format!("{path}{}", command.get_name());
    let mut page = command.clone().term_width(WIDTH).bin_name(name.replace('-', " "));
    let below = command.get_subcommands().flat_map(|it| pages(it, &format!("{name}-")));
    let page = page.render_long_help().to_string();
    std::iter::once((name.clone(), page)).chain(below).collect()
}

#[test]
fn help_of_every_command() {
    let pages = pages(&Arguments::command(), "");
    assert!(pages.len() > 19, "{}", pages.len());
    for (name, page) in pages {
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn help_is_plain_and_starts_with_a_verb_or_a_noun() {
    let mut texts = Vec::new();
    for (name, page) in pages(&Arguments::command(), "") {
        texts.extend(page.lines().map(|line| format!("{name}: {}", line.trim())));
    }
    for text in texts {
        let (_, line) = text.split_once(": ").unwrap_or_default();
        for word in ["How", "Which", "So many", "Where", "Who", "What", "Tell", "Say"] {
            assert!(!line.starts_with(&format!("{word} ")), "{text}");
        }
    }
}
