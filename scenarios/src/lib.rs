//! Scripted scenarios: the language, its interpreter, and the embedded files by family.
