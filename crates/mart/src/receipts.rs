//! The receipts of all deliveries, as JSON and as pages.

use std::collections::BTreeMap;

use crate::alike::Names;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::receipt::{RECEIPTS, receipt};
use crate::receipt_page::page;
use crate::reports::Reports;

/// JSON and page of every delivery: path in the release → bytes.
pub fn receipts(
    inputs: &Inputs<'_>,
    reports: &Reports,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let names = Names::of(&inputs.configuration.codebook.items);
    let mut files = BTreeMap::new();
    for (delivery, raw) in &reports.raw {
        let receipt = receipt(inputs.configuration, reports, raw, &names);
        let mut json = serde_json::to_vec_pretty(&receipt).map_err(|error| Error::Manifest {
            path: format!("{RECEIPTS}/{delivery}.json").into(),
            message: error.to_string(),
        })?;
        json.push(b'\n');
        files.insert(format!("{RECEIPTS}/{delivery}.json"), json);
        files.insert(format!("{RECEIPTS}/{delivery}.html"), page(&receipt).into_bytes());
    }
    Ok(files)
}
