//! The crates of the workspace depend on each other in one direction, and every list of them has the same order.

use toml::{Table, Value};

use super::{manifest, members, root};

fn names() -> Vec<String> {
    members()
        .iter()
        .map(|folder| manifest(folder)["package"]["name"].as_str().unwrap().to_owned())
        .collect()
}

fn own_dependencies(manifest: &Table, kind: &str) -> Vec<String> {
    let dependencies = manifest.get(kind).and_then(Value::as_table);
    let names = dependencies.into_iter().flat_map(|it| it.keys());
    names.filter(|name| name.starts_with("hearback")).cloned().collect()
}

#[test]
fn crates_depend_only_on_crates_before_them() {
    let names = names();
    for (position, folder) in members().iter().enumerate() {
        for dependency in own_dependencies(&manifest(folder), "dependencies") {
            let allowed = &names[..position];
            assert!(allowed.contains(&dependency), "{folder} must not depend on {dependency}");
        }
    }
}

#[test]
fn shipped_crates_do_not_depend_on_the_testkit() {
    for folder in members() {
        let dependencies = own_dependencies(&manifest(&folder), "dependencies");
        assert!(!dependencies.contains(&"hearback-testkit".to_owned()), "{folder}");
    }
}

#[test]
fn every_list_of_the_crates_has_the_same_order() {
    let names = names();
    let manifest = manifest(".");
    let listed = manifest["workspace"]["dependencies"].as_table().unwrap();
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let position =
        |name: &str| text.find(&format!("\n{name} = {{ path")).unwrap_or_else(|| panic!("{name}"));
    let libraries: Vec<_> = names.iter().filter(|name| listed.contains_key(*name)).collect();
    assert!(libraries.is_sorted_by_key(|name| position(name)), "workspace.dependencies");

    let architecture = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let rows = members().into_iter().map(|folder| {
        let row = format!("| `{folder}/` |");
        architecture
            .find(&row)
            .unwrap_or_else(|| panic!("docs/ARCHITECTURE.md has no row for {folder}"))
    });
    assert!(rows.is_sorted(), "the table of docs/ARCHITECTURE.md");
}
