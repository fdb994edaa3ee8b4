//! Has cargo notice new and removed profiles, which `include_dir` alone does not.

fn main() {
    println!("cargo::rerun-if-changed=profiles");
}
