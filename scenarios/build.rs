//! Has cargo notice new and removed scenario files, which `include_dir` alone does not.

fn main() {
    println!("cargo::rerun-if-changed=files");
}
