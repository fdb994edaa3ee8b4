//! Exit codes, as `--help` explains them.

/// Exit codes of `check` and most other commands.
pub(crate) const HELP: &str = "\
Exit codes:
  0  every requirement that could be tested holds
  1  a requirement at or above --fail-on is broken
  2  the command line, or a file that it names, is invalid
  3  the target cannot be reached, or the run could not finish
  4  nothing is broken, but a must was not tested, or the target stopped a
     scenario; the report states the reasons";

/// Exit codes of `adopt`.
pub(crate) const ADOPT_HELP: &str = "\
Exit codes:
  0  the file was written; `hearback check` passes until something new is broken
  1  the file was written, but `hearback check` would fail
  2  the command line, or a file that it names, is invalid, or the file exists
     and --update is missing
  3  the target cannot be reached, or the run could not finish; nothing was
     written
  4  the file was written, but `hearback check` would be incomplete";

/// Exit codes of `doctor`.
pub(crate) const DOCTOR_HELP: &str = "\
Exit codes:
  0  the target can be tested; warnings are allowed
  2  the command line, or a file that it names, is invalid
  3  the target cannot be tested";

/// Exit codes of `scenario run`.
pub(crate) const SCENARIO_HELP: &str = "\
Exit codes:
  0  every expectation and every requirement of the scenarios holds
  1  an expectation, or a requirement at or above --fail-on, is broken
  2  the command line, or a file that it names, is invalid
  3  the target cannot be reached, or the run could not finish
  4  nothing is broken, but a must of the scenarios was not tested, or the target
     stopped a scenario; the report states the reasons";

/// Exit codes of `scenario lint`.
pub(crate) const LINT_HELP: &str = "\
Exit codes:
  0  every file is valid; warnings are allowed
  2  a file is invalid";

/// Exit codes of `load` and `report`.
pub(crate) const LOAD_HELP: &str = "\
Exit codes:
  0  every service level is met
  1  a service level is not met
  2  the command line, or a file that it names, is invalid
  3  the target cannot be reached, the run could not finish, or the generator
     fell behind its schedule: the run is invalid, or the capacity found is
     that of the generator
  4  nothing was measured";

/// Exit codes of `worker`.
pub(crate) const WORKER_HELP: &str = "\
Exit codes:
  0  it was interrupted, or ended after one run with --once; the coordinator reports
     how its parts ended
  2  the command line, or a file that it names, is invalid
  3  NATS cannot be reached, or did not pass on what the coordinator has to know";

/// Exit codes of `compare`.
pub(crate) const COMPARE_HELP: &str = "\
Exit codes:
  0  AFTER is not worse than BEFORE
  1  AFTER is worse than BEFORE: a requirement at or above the level of its gate
     is newly broken, or a metric of the load runs is worse
  2  the command line, or a file that it names, is invalid, or the runs cannot
     be compared
  4  the load runs are too few or too noisy to decide, or AFTER no longer tests
     a must, or did not finish";

/// Exit codes of `calibrate`.
pub(crate) const CALIBRATE_HELP: &str = "\
Exit codes:
  0  a change of the minimum size would be detected
  1  the runs differ from each other by more than chance and the minimum
  2  the command line, or a file that it names, is invalid, or the runs cannot
     be compared
  4  a change of the minimum size could go undetected, or there are too few runs";

/// Exit codes of `replay`.
pub(crate) const REPLAY_HELP: &str = "\
Exit codes:
  0  the requirement held in every attempt
  1  the requirement was broken in at least one attempt
  2  the command line, or a file that it names, is invalid
  3  the target cannot be reached, or the run could not finish
  4  the requirement was not exercised";

/// Exit codes of `clean`.
pub(crate) const CLEAN_HELP: &str = "\
Exit codes:
  0  no room is left
  2  the command line, or a file that it names, is invalid
  3  a room is or may be still active, or the target cannot be reached";

/// Exit codes of `prove`.
pub(crate) const PROVE_HELP: &str = "\
Exit codes:
  0  every fault is killed, and the server without faults breaks no requirement
  1  a fault survives, or the server without faults breaks a requirement; with --weather, a must;
     with --tolerance, any requirement, or one that could be decided is not
  2  the command line is invalid
  3  the run could not finish";
