//! The store: hand-offs kept by content, a record a step, the ledger, the lock, and why a step runs again.

pub mod delivery_change;
pub mod difference;
mod error;
pub mod files;
pub mod fingerprint;
pub mod folder;
pub mod json_lines;
pub mod kept;
pub mod ledger;
pub mod lock;
pub mod memo;
pub mod objects;
mod owner;
pub mod parquet_file;
pub mod probe;
pub mod record;
mod refused;
pub mod remote;
pub mod rerun;
mod shared;
pub mod spool;
pub mod step;
mod table_rows;

pub use error::Error;
pub use fingerprint::Fingerprint;
pub use folder::{Found, Store};
pub use kept::{Content, Input, Kept, Origin};
pub use record::{Record, Summary};
pub use rerun::Rerun;
pub use step::{Stage, Step};
