//! The text of `--version`.

use std::sync::LazyLock;

use hearback_contract::SPECIFICATION_VERSION;

/// The features of this crate, and whether the build has them.
const FEATURES: [(&str, bool); 1] =
    [("mimalloc", cfg!(all(feature = "mimalloc", target_os = "linux")))];

/// The version with all that identifies the build; `-V` prints the version alone.
pub(crate) static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features: Vec<_> = FEATURES.iter().filter(|it| it.1).map(|it| it.0).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    format!(
        "{}\ncommit: {}\ntarget: {}\nfeatures: {features}\nspecification: AriStay Chat API {}",
        env!("CARGO_PKG_VERSION"),
        env!("BUILD_COMMIT"),
        env!("BUILD_TARGET"),
        SPECIFICATION_VERSION,
    )
});
