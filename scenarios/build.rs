//! Turns the scenario files into a table: an enum with an id per file, and the texts.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=files");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("files");
    let ids: Vec<String> = entries(&root)
        .iter()
        .flat_map(|family| entries(family))
        .map(|file| {
            let path = file.strip_prefix(&root).expect("it is below the folder").with_extension("");
            path.to_str().expect("names are ASCII").replace('\\', "/")
        })
        .collect();
    let rows = |line: &dyn Fn(&str) -> String| ids.iter().map(|id| line(id)).collect::<String>();
    let variants = rows(&|id| format!("#[doc = \"`{id}`\"] {},\n", variant(id)));
    let all = rows(&|id| format!("Self::{}, ", variant(id)));
    let names = rows(&|id| format!("Self::{} => {id:?},\n", variant(id)));
    let texts = rows(&|id| {
        // Not the absolute path: a target folder that several checkouts share may outlive one of them.
        let file = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/files/{id}.yaml\")");
        format!("Self::{} => include_str!({file}),\n", variant(id))
    });
    let code = format!(
        "/// The id of an embedded scenario file, `family/name`.\n\
         ///\n\
         /// The id of a file that does not exist does not compile:\n\
         ///\n\
         /// ```compile_fail\n\
         /// hearback_scenarios::ScenarioId::CrowdComingAndGone;\n\
         /// ```\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
         pub enum ScenarioId {{\n{variants}}}\n\
         impl ScenarioId {{\n\
         /// Every id, sorted.\n\
         pub const ALL: [Self; {count}] = [{all}];\n\
         /// The id as text.\n\
         pub const fn as_str(self) -> &'static str {{\nmatch self {{\n{names}}}\n}}\n\
         /// The content of the file.\n\
         pub const fn text(self) -> &'static str {{\nmatch self {{\n{texts}}}\n}}\n\
         }}\n",
        count = ids.len(),
    );
    let output = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&output).join("scenario_id.rs"), code).expect("OUT_DIR is writable");
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    paths.sort();
    paths
}

/// `CrowdComingAndGoing` for `crowd/coming-and-going`.
fn variant(id: &str) -> String {
    let words = id.split(['/', '-', '.', '_']).map(|word| word.split_at(word.len().min(1)));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}
