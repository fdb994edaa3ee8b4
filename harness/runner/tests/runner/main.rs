//! The runner in process, against the embedded reference server.

mod altered;
mod audit;
mod bounds;
mod capacity;
mod check;
mod confirm;
mod doctor;
mod elsewhere;
mod grafana;
mod harmless;
mod hostile;
mod identity;
mod interrupt;
mod lag;
mod load;
mod lockout;
mod merge;
mod outcome;
mod proof_journals;
mod readings;
mod replay;
mod rooms;
mod support;
mod tolerance;
