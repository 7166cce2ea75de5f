//! The name of a release: a hash of its contents.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::row::{RowConverter, SortField};
use config::monitor::Publication;

use crate::contract::Contract;
use crate::contracts::Folder;
use crate::error::Error;
use crate::inputs::Inputs;

/// The release is its contents: the same tables are the same release, whenever and wherever they were made.
pub(crate) fn release_id(
    inputs: &Inputs<'_>,
    tables: &BTreeMap<(Folder, String), RecordBatch>,
    contracts: &BTreeMap<(Folder, String), Contract>,
    receipts: &BTreeMap<String, Vec<u8>>,
) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"marts 1\n");
    if let Some(notice) = inputs.configuration.monitor.disclosure.notice() {
        hasher.update(notice.plain().as_bytes());
    }
    let Publication { status, embargo_until } = &inputs.configuration.monitor.publication;
    let until = embargo_until.as_deref().unwrap_or_default();
    hasher.update(format!("{status:?} {until}\n").as_bytes());
    for concept in &inputs.configuration.monitor.disclosure.quasi_identifiers {
        hasher.update(format!("alike by {concept}\n").as_bytes());
    }
    for ((folder, mart), contract) in contracts {
        hasher.update(format!("{}/{mart} {contract:?}\n", folder.name()).as_bytes());
    }
    for ((_, mart), table) in tables.iter().filter(|((_, mart), _)| mart != "meta_run") {
        hasher.update(mart.as_bytes());
        hash_rows(&mut hasher, table)?;
    }
    for (path, contents) in receipts {
        hasher.update(format!("{path} {}\n", blake3::hash(contents).to_hex()).as_bytes());
    }
    for of in inputs.panel_waves {
        let fingerprint = inputs.source.weighted_fingerprint(of).map_err(Error::source(of))?;
        hasher.update(format!("{of} {fingerprint}\n").as_bytes());
    }
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}

fn hash_rows(hasher: &mut blake3::Hasher, table: &RecordBatch) -> Result<(), Error> {
    let columns: &[ArrayRef] = table.columns();
    let fields = columns.iter().map(|array| SortField::new(array.data_type().clone())).collect();
    let rows = RowConverter::new(fields)?.convert_columns(columns)?;
    hasher.update(&(table.num_rows() as u64).to_le_bytes());
    for row in &rows {
        hasher.update(&(row.data().len() as u64).to_le_bytes());
        hasher.update(row.data());
    }
    Ok(())
}
