//! Everything to marts: star schema, disclosure control, contracts, manifest, and a release that is switched to in one step.

mod alike;
mod conservation;
mod contract;
mod contracts;
mod dictionary;
mod dimension;
mod disclosure;
mod error;
mod figure;
mod files;
mod inputs;
mod manifest;
mod operational;
mod parquet_file;
mod publish;
mod receipt;
mod receipt_page;
mod release;
mod replicate;
mod restricted;
mod sql_mart;
mod table;

pub use contract::{Column, ColumnType, Contract};
pub use contracts::Folder;
pub use disclosure::{Before, Decision, Families, Place, Tested};
pub use error::{Breach, Damage, Error, SourceError};
pub use inputs::{DeliveryInput, Inputs, ReplacedDelivery, RunFacts, Said, Source};
pub use manifest::{Manifest, ManifestFile, ManifestInput, verify};
pub use publish::{Outcome, Prepared, Published, Target, prepare, publish, publish_prepared};
pub use release::{LINK, POINTER, ReleaseInfo, current, releases, rollback};
