//! What it means: pure rules from a recorded history to verdicts.
