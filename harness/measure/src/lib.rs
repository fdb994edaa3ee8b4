//! What a swarm saw: stamps, histograms, the ledger of deliveries, and service levels.
//!
//! Data and arithmetic only: no sockets, no clock, no goose.
