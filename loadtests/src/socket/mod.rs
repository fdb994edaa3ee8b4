//! A socket as lean as a generator needs it.

mod frame;
mod line;

pub(crate) use frame::{Frame, Reader};
pub(crate) use line::{Ended, Line, Unsent, config};
