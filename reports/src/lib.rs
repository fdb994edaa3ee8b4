//! Telling people: the record of a finished run and its formats.
