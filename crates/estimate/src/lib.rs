//! Estimates with design-based errors: influence values, their variance, intervals, tests and comparisons.

pub mod adjust;
mod algebra;
pub mod association;
mod cell;
mod clustered;
mod compare;
mod computed;
pub mod contrast;
mod distribution;
pub mod error;
mod exact;
pub mod group;
mod grouped;
pub mod inequality;
pub mod interval;
pub mod kernel;
pub mod linearise;
mod pairs;
pub mod point;
pub mod profile;
pub mod quantile;
pub mod replicate;
mod residual;
mod sample;
mod selection;
pub mod settings;
pub mod stage;
mod tabulate;

pub use compare::{Decision, PanelContrast, PanelFigure, between_panels, decide_kept};
pub use error::Error;
pub use group::tabulate_group;
pub use linearise::Linearisation;
pub use point::Influence;
pub use sample::Refusal;
pub use settings::{Bases, Followed, GroupSettings, Pair, Settings};
pub use stage::tabulate;
