//! What is true: the configuration, read whole, with every mistake reported at once.

mod agreement;
mod codebook_files;
mod configuration;
mod disclosure;
pub mod export;
mod figure_files;
mod figures;
mod load;
pub mod mistake;
pub mod monitor;
pub mod name;
pub mod panel;
pub mod pipeline;
pub mod publication;
mod range;
pub mod reference;
mod rule;
pub mod sampling;
pub mod schema;
mod sql;
mod table_file;
pub mod tables;
pub mod toml_file;
mod words;

pub use codebook_files::{CodebookTexts, parse as parse_codebook};
pub use configuration::{Configuration, MartFile};
pub use export::ExportProfile;
pub use figures::{Answer, Breakdown, Indicator, IndicatorKind, answers};
pub use mistake::Mistake;
pub use monitor::Monitor;
pub use panel::{Panel, PopulationTotal, Weighting};
pub use pipeline::{Age, DeliverySpec, LimitsSpec, PipelineFile, PseudonymKey};
pub use publication::Figure;
pub use rule::Rule;
pub use sql::harmonised_schema;
pub use words::Words;
