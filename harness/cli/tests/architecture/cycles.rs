//! Files of a crate do not import from each other in a cycle.
//!
//! Only `impl` blocks of one type may refer to each other across files: their methods need no import.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::imports::{Imports, imports};
use super::{members, root};

#[test]
fn files_of_a_crate_do_not_import_from_each_other_in_a_cycle() {
    let mut found = Vec::new();
    for folder in members() {
        let sources = root().join(&folder).join("src");
        let roots = ["lib.rs", "main.rs"].map(|name| sources.join(name));
        let mut is_crate = false;
        for file in roots.iter().filter(|file| file.exists()) {
            is_crate = true;
            found.extend(cycles(&imports(file)).iter().map(|cycle| describe(cycle, &sources)));
        }
        assert!(is_crate, "{folder} has neither lib.rs nor main.rs");
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Files in cycles, one entry per group of files that reach each other.
fn cycles(imports: &Imports) -> Vec<Imports> {
    let reached = |from: &Path| {
        let mut reached: BTreeSet<&Path> = BTreeSet::new();
        let mut pending = vec![from];
        while let Some(file) = pending.pop() {
            for next in imports.get(file).into_iter().flat_map(|files| files.keys()) {
                if reached.insert(next) {
                    pending.push(next);
                }
            }
        }
        reached
    };
    let mut known: BTreeSet<&Path> = BTreeSet::new();
    let mut cycles = Vec::new();
    for file in imports.keys() {
        let from = reached(file);
        if !from.contains(file.as_path()) || known.contains(file.as_path()) {
            continue;
        }
        let group: BTreeSet<&Path> =
            from.into_iter().filter(|other| reached(other).contains(file.as_path())).collect();
        known.extend(&group);
        let within = |(file, targets): (&PathBuf, &_)| {
            let mut targets: std::collections::BTreeMap<PathBuf, BTreeSet<String>> =
                Clone::clone(targets);
            targets.retain(|target, _| group.contains(target.as_path()));
            group.contains(file.as_path()).then(|| (file.clone(), targets))
        };
        cycles.push(imports.iter().filter_map(within).collect());
    }
    cycles
}

fn describe(cycle: &Imports, sources: &Path) -> String {
    let shown = |file: &Path| file.strip_prefix(sources).unwrap_or(file).display().to_string();
    let mut text = format!("{}: a cycle of {} files\n", sources.display(), cycle.len());
    for (file, targets) in cycle {
        for (target, paths) in targets {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            text += &format!("  {} -> {} ({})\n", shown(file), shown(target), paths.join(", "));
        }
    }
    text
}

/// The files in cycles of a crate with these sources.
fn files_in_cycles(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in sources {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let cycles = cycles(&imports(&folder.path().join("lib.rs")));
    let name = |file: &PathBuf| file.strip_prefix(folder.path()).unwrap().display().to_string();
    cycles.iter().map(|cycle| cycle.keys().map(name).collect()).collect()
}

#[test]
fn files_that_import_each_other_are_a_cycle() {
    let found = files_in_cycles(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "use super::c::C; pub struct B(C);"),
        ("c.rs", "use crate::{a::A, b}; pub struct C(Box<A>); pub fn b() -> b::B { todo!() }"),
    ]);
    assert_eq!(found, [["a.rs", "b.rs", "c.rs"]]);
}

#[test]
fn a_module_and_the_module_that_declares_it_can_be_a_cycle() {
    let child = ("a/b.rs", "use super::A; pub fn b(_: A) {}");
    let lib = ("lib.rs", "mod a;");
    let used = "mod b; pub struct A; pub fn a() { b::b(A) }";
    assert_eq!(files_in_cycles(&[lib, ("a/mod.rs", used), child]), [["a/b.rs", "a/mod.rs"]]);
    let in_a_macro = "mod b; pub struct A; pub fn a() { assert!(b::b(A) == ()) }";
    assert_eq!(files_in_cycles(&[lib, ("a/mod.rs", in_a_macro), child]).len(), 1);
    let passed_on_and_used = "mod b; pub use b::b; pub struct A; pub fn a() { b(A) }";
    assert_eq!(files_in_cycles(&[lib, ("a/mod.rs", passed_on_and_used), child]).len(), 1);
    let passed_on = "mod b; pub use b::b; pub struct A;";
    assert!(files_in_cycles(&[lib, ("a/mod.rs", passed_on), child]).is_empty());
}

#[test]
fn names_that_a_module_passes_on_lead_to_their_definition() {
    let found = files_in_cycles(&[
        ("lib.rs", "pub mod a; mod b; pub use a::x::X;"),
        ("a/mod.rs", "pub mod x; mod y; pub use y::*;"),
        ("a/x.rs", "use crate::b::B; pub struct X(B);"),
        ("a/y.rs", "pub struct Y;"),
        ("b.rs", "use crate::a::Y; pub struct B(Y);"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn tests_and_impl_blocks_are_not_imports() {
    let found = files_in_cycles(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; impl A { pub fn a(&self) { self.b() } }"),
        (
            "b.rs",
            "use crate::a::A; impl A { pub fn b(&self) { self.a() } } #[cfg(test)] mod tests;",
        ),
    ]);
    assert!(found.is_empty(), "{found:?}");
    let found = files_in_cycles(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; fn b(_: B) {} }"),
        ("b.rs", "use crate::a::A; pub struct B(A);"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}
