//! Rebuilds the crate when a data file is added, changed or removed: `include_dir!` does not say so.

fn main() {
    for folder in ["models", "rest", "socket", "examples", "requirements"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
