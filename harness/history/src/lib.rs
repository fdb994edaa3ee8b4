//! What happened: events on one clock, the on-disk journal, redaction, and a terse notation for tests.
