//! The embedded reference server: the whole AriStay Chat API on axum and SQLite, with switchable faults.
