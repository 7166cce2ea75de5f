//! Weighting: from base weights to weights that meet population totals, with what the variance needs to know of it.

pub mod calibrate;
pub mod diagnostics;
mod error;
mod hadamard;
mod link;
mod margin;
pub mod nonresponse;
pub mod post_stratify;
pub mod rake;
pub mod replicate;
mod settings;
mod stage;
mod system;
mod totals;
pub mod trim;

pub use error::Error;
pub use margin::{Level, Margin, Miss};
pub use settings::{REFUSED_DISTANCE, Settings};
pub use stage::{Fault, Refusal, calibrate_panel_wave};
