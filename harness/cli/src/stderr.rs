//! Standard error without panics: a full disk or a closed stream must not end a run that has results.
//!
//! The macros of the standard library panic if standard error cannot be written; those of the same names here, which
//! all modules of the binary use, drop the text instead.

use std::fmt;
use std::io::{self, Write as _};

/// Writes to standard error, unless that fails.
pub(crate) fn write(text: fmt::Arguments<'_>) {
    let _dropped = io::stderr().lock().write_fmt(text);
}

macro_rules! eprintln {
    ($($argument:tt)*) => {
        $crate::stderr::write(format_args!("{}\n", format_args!($($argument)*)))
    };
}

macro_rules! eprint {
    ($($argument:tt)*) => { $crate::stderr::write(format_args!($($argument)*)) };
}
