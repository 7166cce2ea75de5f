//! What is true: the configuration, read whole, with every mistake reported at once.

mod agreement;
mod codebook_files;
pub mod export;
mod figure_files;
pub mod figures;
mod load;
pub mod mistake;
pub mod monitor;
pub mod panel;
pub mod pipeline;
pub mod rule;
pub mod sampling;
mod sql;
mod table_file;
pub mod toml_file;

pub use codebook_files::{CONCEPT_COLUMNS, ITEM_COLUMNS};
pub use export::ExportProfile;
pub use figures::{Breakdown, Indicator, IndicatorKind};
pub use load::{Configuration, MartFile};
pub use mistake::Mistake;
pub use monitor::Monitor;
pub use panel::{Panel, PopulationTotal, Weighting};
pub use pipeline::{Age, DeliverySpec, LimitsSpec, PipelineFile, PseudonymKey};
pub use rule::Rule;
pub use sql::harmonised_schema;
