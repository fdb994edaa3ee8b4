//! The events of a run while it is in progress, in lines.

mod check;
mod figures;
mod load;
mod load_lines;
mod notice;
mod running;
mod serving;
mod throttle;

pub use check::{CheckLines, status};
pub use figures::figures;
pub use load::load_line;
pub use load_lines::LoadLines;
pub use notice::notice;
pub(crate) use notice::unsigned;
pub use running::Running;
pub use serving::serving;
