//! The words of a survey pipeline: panels and waves, cells, codebook, findings, hand-offs and settings.

pub mod cell;
pub mod codebook;
pub mod columns;
pub mod condition;
pub mod config;
pub mod conservation;
pub mod design;
pub mod finding;
pub mod handoff;
pub mod line;
pub mod missing;
pub mod panel_wave;

pub use cell::{Address, Class};
pub use condition::{Expressions, SqlTables};
pub use conservation::{Fate, FateCount};
pub use finding::{Finding, Severity, Warning};
pub use handoff::{Admitted, Checked, Estimates, Handoff, Harmonised, Raw, Weighted};
pub use line::Line;
pub use missing::MissingReason;
pub use panel_wave::{PanelWave, Wave};
