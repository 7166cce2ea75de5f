//! The words of a survey pipeline: panels and waves, cells, codebook, findings, fates and hand-offs.

pub mod cell;
mod clock;
pub mod code;
pub mod codebook;
pub mod columns;
pub mod condition;
mod conservation;
pub mod date;
pub mod design;
mod finding;
pub mod handoff;
pub mod header;
pub mod hinted;
pub mod labels;
mod line;
mod missing;
mod panel_wave;
pub mod spreadsheet;
pub mod sql_text;

pub use cell::{Address, Class};
pub use code::Code;
pub use condition::{Expressions, SqlTables};
pub use conservation::{Fate, FateCount};
pub use finding::{Finding, Severity, Warning};
pub use handoff::{Admitted, Checked, Estimates, Handoff, Harmonised, Raw, Weighted};
pub use hinted::{Hinted, Message};
pub use labels::Labels;
pub use line::Line;
pub use missing::MissingReason;
pub use panel_wave::{PanelWave, Wave};
