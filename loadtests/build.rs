//! Rebuilds the crate when profiles are added or removed, which `include_dir` does not detect.

fn main() {
    println!("cargo::rerun-if-changed=profiles");
}
