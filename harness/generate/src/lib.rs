//! Generated scenarios: requests from the schemas, sequences of commands, and minimal reproductions.
