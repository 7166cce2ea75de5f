//! Everything to marts: star schema, disclosure control, contracts, manifest, and a release that is switched to in one step.

mod access;
mod alike;
mod compared;
mod conservation;
mod contract;
mod contracts;
mod dictionary;
mod dimension;
mod disclosure;
mod error;
mod export;
mod figure;
mod files;
mod inputs;
mod k_anonymity;
mod manifest;
pub mod mirror;
mod names;
mod operational;
mod panel_wave;
mod parquet_file;
mod parts;
mod prepared;
mod publish;
mod receipt;
mod receipt_page;
mod receipts;
mod release;
mod release_id;
mod replicate;
mod reports;
mod respondent_columns;
mod restricted;
mod run_facts;
mod schema;
mod sql_mart;
mod switch;
mod table;
mod written;

pub use access::Access;
pub use contract::{Column, ColumnType, Contract};
pub use contracts::Folder;
pub use disclosure::{
    Before, Decision, EXACT, Families, PanelContrast, PanelFigure, Place, Tested,
};
pub use error::{Breach, Damage, Error, SourceError};
pub use export::export;
pub use inputs::{DeliveryInput, Inputs, ReplacedDelivery, RunFacts, Said, Source};
pub use manifest::{
    CHECKSUMS, Hash, MANIFEST, Manifest, ManifestFile, ManifestInput, is_sound, verify,
};
pub use parquet_file::{RUN_ID, Written, write as write_table};
pub use prepared::{Audit, EarlierRelease, Prepared, Target};
pub use publish::{Note, Outcome, Published, prepare, publish, publish_prepared, switch_to};
pub use release::{
    Listing, ReleaseInfo, close, current, damages, is_half_done, list, recover, releases, rollback,
    tells, told, unswitched, verify_current,
};
pub use schema::{Broken, MartSchema, SchemaChange, broken, changes};
pub use sql_mart::{Readable, in_order, is_free, promised, readable, readable_in_order};
pub use switch::{LINK, POINTER};
